"""The engine under the structure tables: it answers as the official schema would (PROTOCOLS §3.2, 400).

A content says what an element may hold. `Sequence` and `Choice` hold rows of children in ISO's order;
`Leaf` holds a text; `SKIPPED` is a subtree that ISO describes and Tolem does not read, of which little
more than the namespace is looked at; `ANYTHING` is what an `Envlp` may hold. Everything is walked once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol

from lxml import etree

from gateway.iso20022.datatypes import Datatype
from gateway.iso20022.document import SIGNATURE
from gateway.iso20022.errors import StructureError

UNBOUNDED: Final = 1 << 30

_SPACE = " \t\r\n"
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS = frozenset({f"{_INSTANCE}schemaLocation", f"{_INSTANCE}noNamespaceSchemaLocation"})


class Content(Protocol):
    def check(self, element: etree._Element, prefix: str) -> None:
        """Raise StructureError unless `element` may hold what it holds; `prefix` is `{namespace}`."""


@dataclass(frozen=True)
class Row:
    """One kind of child: how often, and what it holds."""

    name: str
    content: Content
    least: int
    most: int


def one(name: str, content: "Datatype | Content") -> Row:
    return Row(name, _content(content), 1, 1)


def maybe(name: str, content: "Datatype | Content") -> Row:
    return Row(name, _content(content), 0, 1)


def many(name: str, content: "Datatype | Content", *, least: int = 0, most: int = UNBOUNDED) -> Row:
    return Row(name, _content(content), least, most)


class Leaf:
    """A text of `datatype`, with exactly the attributes of `attributes`, all required."""

    def __init__(self, datatype: Datatype, **attributes: Datatype) -> None:
        self.datatype = datatype
        self.attributes = attributes

    def check(self, element: etree._Element, prefix: str) -> None:  # noqa: ARG002 - a port's method
        if len(element):
            _refuse(element, "holds more than a text")
        if self.attributes or element.keys():
            _check_attributes(element, self.attributes)
        if not self.datatype.accepts(element.text or ""):
            _refuse(element, f"is no {self.datatype.name}")


class Sequence:
    """Children in this order, each as often as its row says."""

    def __init__(self, *rows: Row) -> None:
        self.rows = rows
        self._positions = {row.name: position for position, row in enumerate(rows)}

    def check(self, element: etree._Element, prefix: str) -> None:
        _check_start(element)
        here, count = 0, 0
        for child in element:
            position = self._positions.get(_local_name(child, prefix), -1)
            if position < here:
                _refuse(element, _stranger(child))
            if position > here:
                self._check_passed(element, here, position, count)
                here, count = position, 0
            row, count = self.rows[here], count + 1
            if count > row.most:
                _refuse(element, f"has too many {row.name}")
            row.content.check(child, prefix)
            _check_gap(child.tail, element)
        self._check_passed(element, here, len(self.rows), count)

    def _check_passed(self, element: etree._Element, here: int, there: int, count: int) -> None:
        for row in self.rows[here:there]:
            if count < row.least:
                _refuse(element, f"lacks {row.name}")
            count = 0


class Choice:
    """One child, of one of the rows."""

    def __init__(self, *rows: Row) -> None:
        self.rows = rows
        self._contents = {row.name: row.content for row in rows}

    def check(self, element: etree._Element, prefix: str) -> None:
        child = _only_child(element)
        content = self._contents.get(_local_name(child, prefix))
        if content is None:
            _refuse(element, f"must hold one of {', '.join(self._contents)}")
        content.check(child, prefix)


class _Skipped:
    def check(self, element: etree._Element, prefix: str) -> None:
        _check_start(element)
        for child in element:
            _check_gap(child.tail, element)
        if not all(_local_name(inner, prefix) for inner in element.iter()):
            _refuse(element, "holds an element of another namespace")


class _Anything:
    def check(self, element: etree._Element, prefix: str) -> None:  # noqa: ARG002 - a port's method
        _only_child(element)


SKIPPED: Final[Content] = _Skipped()
ANYTHING: Final[Content] = _Anything()


def check_document(root: etree._Element, row: Row, namespace: str) -> None:
    """Refuse a document that is not a `Document` of `namespace` with one `row` in it.

    One `Signature` may follow, which is not ISO's: what was signed is looked at, without it.
    """
    prefix = f"{{{namespace}}}"
    if root.tag != f"{prefix}Document":
        raise StructureError("", "is no Document of this message")
    _check_start(root)
    is_signed = len(root) > 1 and root[-1].tag == SIGNATURE
    if len(root) - is_signed != 1 or root[0].tag != prefix + row.name:
        _refuse(root, f"must hold one {row.name}")
    for child in root:
        _check_gap(child.tail, root)
    row.content.check(root[0], prefix)


def _content(content: "Datatype | Content") -> Content:
    return Leaf(content) if isinstance(content, Datatype) else content


def _local_name(element: etree._Element, prefix: str) -> str:
    """Without the prefix; empty for an element of another namespace, a comment or an instruction."""
    tag = element.tag
    return tag[len(prefix) :] if isinstance(tag, str) and tag.startswith(prefix) else ""


def _only_child(element: etree._Element) -> etree._Element:
    _check_start(element)
    if len(element) != 1:
        _refuse(element, "must hold one element")
    _check_gap(element[0].tail, element)
    return element[0]


def _check_start(element: etree._Element) -> None:
    """The start of an element that holds elements: its attributes, and the text before its first child."""
    if element.keys():
        _check_attributes(element, {})
    _check_gap(element.text, element)


def _check_gap(text: str | None, element: etree._Element) -> None:
    if text is not None and text.strip(_SPACE):
        _refuse(element, "holds a text between its elements")


def _check_attributes(element: etree._Element, datatypes: Mapping[str, Datatype]) -> None:
    if any(name not in datatypes and name not in _HINTS for name in element.keys()):  # noqa: SIM118 - no dict
        _refuse(element, "has an attribute that it may not have")
    for name, datatype in datatypes.items():
        if not datatype.accepts(element.get(name, "")):
            _refuse(element, f"@{name} is missing or no {datatype.name}")


def _stranger(child: etree._Element) -> str:
    """The place of what is unknown, misplaced or repeated; its name is the sender's, so it is not told."""
    parent = child.getparent()
    position = 1 if parent is None else parent.index(child) + 1
    return f"its child {position} is unknown, misplaced or repeated"


def _refuse(element: etree._Element, why: str) -> NoReturn:
    raise StructureError(path_of(element), why)


def path_of(element: etree._Element) -> str:
    """From below `Document`, with slashes. Every name on it has been found in a table before."""
    names = [etree.QName(above).localname for above in element.iterancestors()][::-1]
    return "/".join([*names[1:], etree.QName(element).localname])
