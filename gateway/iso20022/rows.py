"""Rows of field tables that are more than one text at one path."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway.iso20022 import formats
from gateway.iso20022.errors import FieldError, UnsendableMessageError
from gateway.iso20022.fields import Draft, Leaves, local_name, read_text, text_for

LONGEST_LINE: Final = 140  # Max140Text
ORDER_KIND: Final = "pacs.008.001.11"


@dataclass(frozen=True)
class PartyNumber:
    """An IIN or BIN, below a party's `Id`: `PrvtId` or `OrgId` as the number says, marked as proprietary.

    We always tell it. It decides nothing, so a bank that does not tell it is not refused for that.
    """

    path: str
    name: str
    step: str

    def raw(self, leaves: Leaves) -> str | None:
        return next(self._numbers(leaves), None)

    def read(self, leaves: Leaves) -> str | None:
        numbers = [*self._numbers(leaves)]
        if len(numbers) > 1:
            raise FieldError(self.path, "holds more than one Othr/Id with SchmeNm/Prtry")
        return str(read_text(self.path, formats.IIN_BIN, numbers[0])) if numbers else None

    def write(self, draft: Draft, value: str | None) -> None:
        if value is None:
            return
        number = text_for(self.path, formats.IIN_BIN, value)
        holder, scheme = ("OrgId", "BIN") if formats.is_bin(number) else ("PrvtId", "IIN")
        draft.place(f"{self.path}/{holder}/Othr/Id", number)
        draft.place(f"{self.path}/{holder}/Othr/SchmeNm/Prtry", scheme)

    def _numbers(self, leaves: Leaves) -> Iterator[str]:
        for holder in ("PrvtId", "OrgId"):
            for other in leaves.all(f"{self.path}/{holder}/Othr"):
                below = Leaves(other)
                if below.texts("SchmeNm/Prtry"):
                    yield from below.texts("Id")


@dataclass(frozen=True)
class InstructionCode:
    """A coded `/WORD/..` in one of any number of instructions; those without the word are not ours."""

    path: str
    word: str
    name: str
    step: str

    def raw(self, leaves: Leaves) -> str | None:
        return next(iter(self._values(leaves)), None)

    def read(self, leaves: Leaves) -> str | None:
        values = self._values(leaves)
        if len(set(values)) > 1:
            raise FieldError(self.path, f"has more than one /{self.word}/")
        return read_text(self.path, formats.KBE, values[0]) if values else None

    def write(self, draft: Draft, value: str | None) -> None:
        if value is not None:
            coded = f"/{self.word}/{text_for(self.path, formats.KBE, value)}"
            group, _, below = self.path.rpartition("/")
            draft.group(group, [(below, coded)])

    def _values(self, leaves: Leaves) -> Sequence[str]:
        pattern = rf"/{self.word}/([^/\s]*)"
        return [value for text in leaves.texts(self.path) for value in re.findall(pattern, text)]


@dataclass(frozen=True)
class Lines:
    """A text that is cut into as many elements as it needs."""

    path: str
    name: str
    step: str

    def raw(self, leaves: Leaves) -> str | None:
        return "".join(leaves.texts(self.path)) or None

    def read(self, leaves: Leaves) -> str | None:
        text = self.raw(leaves)
        return None if text is None else str(read_text(self.path, formats.PURPOSE, text))

    def write(self, draft: Draft, value: str | None) -> None:
        text = "" if value is None else text_for(self.path, formats.PURPOSE, value)
        for start in range(0, len(text), LONGEST_LINE):
            draft.group(self.path, [("", text[start : start + LONGEST_LINE])])


@dataclass(frozen=True)
class MarkedEnvelope:
    """The text of the only element in the one `SplmtryData` of which `PlcAndNm` is `mark`."""

    path: str
    mark: str
    name: str
    step: str
    element: str
    format: formats.Format

    def raw(self, leaves: Leaves) -> str | None:
        return next(iter(self._texts(leaves)), None)

    def read(self, leaves: Leaves) -> str:
        texts = self._texts(leaves)
        if len(texts) != 1:
            raise FieldError(self.path, f"must be there once as {self.mark}")
        return str(read_text(self.path, self.format, texts[0]))

    def write(self, draft: Draft, value: str) -> None:
        text = text_for(self.path, self.format, value)
        draft.group(self.path, [("PlcAndNm", self.mark), (f"Envlp/{self.element}", text)])

    def _texts(self, leaves: Leaves) -> Sequence[str]:
        return [_only_text(block) for block in leaves.all(self.path) if self._is_marked(block)]

    def _is_marked(self, block: etree._Element) -> bool:
        return local_name(block[0]) == "PlcAndNm" and block[0].text == self.mark


@dataclass(frozen=True)
class OriginalMessage:
    """The MsgId of the pacs.008 that this is about. What it is called is told, and not judged."""

    path: str
    name: str
    step: str

    def raw(self, leaves: Leaves) -> str | None:
        return next(iter(leaves.texts(f"{self.path}/OrgnlMsgId")), None)

    def read(self, leaves: Leaves) -> str | None:
        text = self.raw(leaves)
        return None if text is None else str(read_text(self.path, formats.IDENTIFIER, text))

    def write(self, draft: Draft, value: str | None) -> None:
        if value is not None:
            draft.place(f"{self.path}/OrgnlMsgId", text_for(self.path, formats.IDENTIFIER, value))
            draft.place(f"{self.path}/OrgnlMsgNmId", ORDER_KIND)


@dataclass(frozen=True)
class RequiredWith:
    """`path` must be there when the text at `other` is `text`."""

    path: str
    other: str
    text: str
    step: str
    name: str = ""

    def raw(self, leaves: Leaves) -> None:  # noqa: ARG002 - a rule has no text
        return None

    def read(self, leaves: Leaves) -> None:
        if self._is_broken(leaves):
            raise FieldError(self.path, f"is missing with {self.text}")

    def write(self, draft: Draft, value: None) -> None:  # noqa: ARG002 - a rule has no value
        if self._is_broken(Leaves(draft.message)):
            raise UnsendableMessageError(f"{self.path}: is missing with {self.text}")

    def _is_broken(self, leaves: Leaves) -> bool:
        return self.text in leaves.texts(self.other) and not leaves.texts(self.path)


def _only_text(block: etree._Element) -> str:
    content = block[-1][0]  # SplmtryData/Envlp/*, which the structure has made sure of
    return "" if len(content) else content.text or ""
