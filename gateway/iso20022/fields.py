"""The engine under the field tables: rows that read a value from a message, and write it into one.

A message's table is a tuple of rows in the order of the wire. `Leaves` is an index of the message, made
in one walk, so that a table costs one look-up a row whatever the message's size.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from lxml import etree

from gateway.iso20022.errors import FieldError, UnsendableMessageError
from gateway.iso20022.formats import Format


class Leaves:
    """Every element below a message's own element, by its path from there, in document order."""

    def __init__(self, message: etree._Element) -> None:
        self._found: dict[str, list[etree._Element]] = {}
        self._collect(message, "")

    def all(self, path: str) -> Sequence[etree._Element]:
        return self._found.get(path, ())

    def texts(self, path: str) -> Sequence[str]:
        """The texts of all elements at `path`, or of their attribute, as in `…/Amt@Ccy`."""
        elements, _, attribute = path.partition("@")
        if attribute:
            return [element.get(attribute, "") for element in self.all(elements)]
        return [element.text or "" for element in self.all(elements)]

    def _collect(self, parent: etree._Element, prefix: str) -> None:
        for child in parent:
            path = prefix + local_name(child)
            self._found.setdefault(path, []).append(child)
            self._collect(child, path + "/")


class Draft:
    """A message that is being written, row after row, in the order of the wire."""

    def __init__(self, name: str, namespace: str) -> None:
        self._prefix = f"{{{namespace}}}"
        self.document = etree.Element(
            f"{self._prefix}Document",
            nsmap={None: namespace},  # type: ignore[dict-item] # the stubs know no default namespace
        )
        self.message = self._child(self.document, name)
        self._latest = {"": self.message}  # by path: the parents that are open for another child

    def place(self, path: str, text: str) -> None:
        """Put `text` at `path`, below the latest of its parents; what is missing of them is added."""
        elements, _, attribute = path.partition("@")
        if attribute:
            self.reach(elements).set(attribute, text)
        else:
            self.reach(elements).text = text

    def group(self, path: str, texts: Sequence[tuple[str, str]]) -> None:
        """Add one more element at `path`, with these (path below it, text); an empty path is its own."""
        closed = [known for known in self._latest if known == path or known.startswith(f"{path}/")]
        for known in closed:
            del self._latest[known]
        for below, text in texts:
            self.place(f"{path}/{below}" if below else path, text)

    def reach(self, path: str) -> etree._Element:
        """The latest element at `path`; what is missing of it is added."""
        if path not in self._latest:
            parent, _, name = path.rpartition("/")
            self._latest[path] = self._child(self.reach(parent), name)
        return self._latest[path]

    def _child(self, parent: etree._Element, name: str) -> etree._Element:
        return etree.SubElement(parent, self._prefix + name)


class Row(Protocol):
    """A row of a table. `name` is the model's attribute, or empty for what is always the same."""

    @property
    def name(self) -> str: ...

    def raw(self, leaves: Leaves) -> str | None:
        """The text as it stands, if there is one; judges nothing."""

    def read(self, leaves: Leaves) -> Any:
        """The value, None when absent; raises FieldError."""

    def write(self, draft: Draft, value: Any) -> None:
        """Put the value into the draft; raises UnsendableMessageError."""


@dataclass(frozen=True)
class Field:
    """One text, at `path` or else at `also`; both may be there if they agree.

    `of_many`: ISO allows several, and the first one is meant. `step` is the source's (PROTOCOLS §3).
    """

    path: str
    name: str
    format: Format
    step: str
    required: bool = True
    also: str | None = None
    of_many: bool = False

    def raw(self, leaves: Leaves) -> str | None:
        return next(iter(self._texts(leaves)), None)

    def read(self, leaves: Leaves) -> Any:
        texts = self._texts(leaves)
        if not texts and self.required:
            raise FieldError(self.path, "is missing")
        if not self.of_many and len(set(texts)) > 1:
            raise FieldError(self.path, "is there more than once")
        return read_text(self.path, self.format, texts[0]) if texts else None

    def write(self, draft: Draft, value: Any) -> None:
        if value is not None or self.required:
            draft.place(self.path, text_for(self.path, self.format, value))

    def _texts(self, leaves: Leaves) -> Sequence[str]:
        texts = leaves.texts(self.path)
        return texts if self.also is None else [*texts, *leaves.texts(self.also)]


@dataclass(frozen=True)
class Fixed:
    """A text that is always the same."""

    path: str
    text: str
    step: str
    name: str = ""

    def raw(self, leaves: Leaves) -> str | None:
        return next(iter(leaves.texts(self.path)), None)

    def read(self, leaves: Leaves) -> None:
        texts = leaves.texts(self.path)
        if not texts or any(text != self.text for text in texts):
            raise FieldError(self.path, f"must be {self.text}")

    def write(self, draft: Draft, value: None) -> None:  # noqa: ARG002 - a rule has no value
        draft.place(self.path, self.text)


@dataclass(frozen=True)
class Once:
    """An element that must be there once, whatever is in it: ISO may allow any number (PROTOCOLS §3.2)."""

    path: str
    step: str
    name: str = ""

    def raw(self, leaves: Leaves) -> None:  # noqa: ARG002 - a rule has no text
        return None

    def read(self, leaves: Leaves) -> None:
        if len(leaves.all(self.path)) != 1:
            raise FieldError(self.path, "must be there once")

    def write(self, draft: Draft, value: None) -> None:  # noqa: ARG002 - a rule has no value
        draft.reach(self.path)


@dataclass(frozen=True)
class Table:
    """The rows of one message, in the order of the wire."""

    rows: tuple[Row, ...]

    @classmethod
    def of(cls, *rows: Row) -> Self:
        return cls(rows)

    def read(self, leaves: Leaves) -> Mapping[str, Any]:
        """Every value by its name; raises FieldError at the first row that refuses."""
        values = {row.name: row.read(leaves) for row in self.rows}
        values.pop("", None)
        return values

    def write(self, draft: Draft, model: object) -> None:
        for row in self.rows:
            row.write(draft, getattr(model, row.name) if row.name else None)

    def raw(self, leaves: Leaves, name: str) -> str | None:
        """The text of the row `name` as it stands; None without such a row or text."""
        texts: Iterator[str | None] = (row.raw(leaves) for row in self.rows if row.name == name)
        return next(texts, None)


def local_name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def read_text(path: str, form: Format, text: str) -> Any:
    try:
        return form.value_of(text)
    except ValueError:
        raise FieldError(path, f"must be {form.name}") from None


def text_for(path: str, form: Format, value: Any) -> str:
    if value is None:
        raise UnsendableMessageError(f"{path}: is missing")
    try:
        return form.text_of(value)
    except ValueError:
        raise UnsendableMessageError(f"{path}: must be {form.name}") from None
