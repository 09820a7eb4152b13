"""What one kind of message is: its name, its structure, its fields, its model; and the ways between them.

A message from outside is judged in two steps, because PROTOCOLS §3.4 has other checks between them:
`check` answers as the schema would (400) and gives a `SoundMessage`, whose `envelope` names sender and
identifiers; `SoundMessage.read` judges the fields (422) and gives the model.
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from lxml import etree

from gateway.iso20022.envelope import Envelope
from gateway.iso20022.fields import Draft, Leaves, Table
from gateway.iso20022.structure import Row, check_document

NAMESPACES: Final = "urn:iso:std:iso:20022:tech:xsd:"

Model = TypeVar("Model")


@dataclass(frozen=True)
class Definition(Generic[Model]):
    """`kind` is the message's name with its version, as in URLs and the namespace; `row` its own element."""

    kind: str
    row: Row
    table: Table
    model: type[Model]

    @property
    def namespace(self) -> str:
        return NAMESPACES + self.kind

    def build(self, message: Model) -> etree._Element:
        """The unsigned document; raises UnsendableMessageError."""
        draft = Draft(self.row.name, self.namespace)
        self.table.write(draft, message)
        return draft.document

    def check(self, root: etree._Element) -> "SoundMessage[Model]":
        """Raise StructureError where the official schema would refuse; a Signature may be there or not."""
        check_document(root, self.row, self.namespace)
        return SoundMessage(self, Leaves(root[0]))

    def parse(self, root: etree._Element) -> Model:
        """Both steps at once; raises StructureError and FieldError."""
        return self.check(root).read()


@dataclass(frozen=True)
class SoundMessage(Generic[Model]):
    """A message of which the structure is right, and the fields are not yet looked at."""

    definition: Definition[Model]
    leaves: Leaves

    @property
    def envelope(self) -> Envelope:
        def raw(name: str) -> str | None:
            return self.definition.table.raw(self.leaves, name)

        return Envelope(
            kind=self.definition.kind,
            msg_id=raw("msg_id") or "",
            end_to_end_id=raw("end_to_end_id"),
            tx_id=raw("tx_id"),
            instructing_bic=raw("instructing_bic"),
            instructed_bic=raw("instructed_bic"),
        )

    def read(self) -> Model:
        """The message; raises FieldError."""
        return self.definition.model(**self.definition.table.read(self.leaves))
