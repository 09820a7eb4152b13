"""Bytes → the texts of a request's elements, or the rule that the document breaks. Pure.

Strict on purpose: what is not in `eport_fields` is refused, whatever it says (PROTOCOLS §2.1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway.sandbox.eport_fields import (
    ELEMENTS,
    REQUISITE_CODE,
    REQUISITE_VALUE,
    REQUISITES_LARGEST,
    ROOT_ATTRIBUTES,
)
from gateway.sandbox.eport_rules import EportRule, RuleBroken

Requisites = tuple[tuple[str, str], ...]  # code, value, in the request's order

_NO_NAMES: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Document:
    """A request whose every part is in its place and has its form."""

    point: str
    terminal: str
    values: Mapping[str, str]  # the operation's leaves, by name
    requisites: Requisites


def read(body: bytes, operation: str) -> Document:
    """Read a body that was posted to the address of `operation`."""
    root = _parse(body)
    if root.tag != "request":
        raise RuleBroken(EportRule.UNKNOWN, "the root")
    attributes = _attributes(root)
    parent = _operation_of(root, operation)
    path = f"request/{operation}"
    found = _in_order(parent, operation, path)
    values = {
        element.name: _text(found[element.name], element.form, f"{path}/{element.name}")
        for element in ELEMENTS[operation]
        if element.form is not None and element.name in found
    }
    requisites = _requisites(found["requisites"], f"{path}/requisites") if "requisites" in found else ()
    return Document(attributes["point"], attributes["terminal"], values, requisites)


def _parse(body: bytes) -> etree._Element:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RuleBroken(EportRule.ENCODING, f"byte {error.start}") from None
    if (doctype := body.find(b"<!DOCTYPE")) >= 0:  # before any parser could obey it
        raise RuleBroken(EportRule.DTD, f"byte {doctype}")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise RuleBroken(EportRule.XML, f"line {line}, column {column}") from None
    if (root.getroottree().docinfo.encoding or "UTF-8").upper() != "UTF-8":
        raise RuleBroken(EportRule.ENCODING, "the XML declaration")
    if root.xpath("/comment() | //comment() | /processing-instruction() | //processing-instruction()"):
        raise RuleBroken(EportRule.COMMENT, "the document")
    return root


def _attributes(root: etree._Element) -> Mapping[str, str]:
    _no_attributes(root, "request", but=frozenset(ROOT_ATTRIBUTES))
    attributes = {str(name): str(value) for name, value in root.attrib.items()}
    for name, form in ROOT_ATTRIBUTES.items():
        if name not in attributes:
            raise RuleBroken(EportRule.MISSING, f"request/@{name}")
        if not form.fullmatch(attributes[name]):
            raise RuleBroken(EportRule.VALUE, f"request/@{name}")
    return attributes


def _operation_of(root: etree._Element, operation: str) -> etree._Element:
    children = _children(root, "request")
    if not children:
        raise RuleBroken(EportRule.MISSING, f"request/{operation}")
    if children[0].tag not in ELEMENTS:
        raise RuleBroken(EportRule.UNKNOWN, "request/*[1]")
    if children[0].tag != operation:
        raise RuleBroken(EportRule.MISPLACED, f"request/*[1] at the address of {operation}")
    if len(children) > 1:
        raise RuleBroken(EportRule.REPEATED, "request/*[2]")
    return children[0]


def _in_order(parent: etree._Element, operation: str, path: str) -> Mapping[str, etree._Element]:
    _no_attributes(parent, path)
    table = ELEMENTS[operation]
    order = {element.name: place for place, element in enumerate(table)}
    found: dict[str, etree._Element] = {}
    last = -1
    for number, child in enumerate(_children(parent, path), start=1):
        name = str(child.tag)
        if name not in order:
            raise RuleBroken(EportRule.UNKNOWN, f"{path}/*[{number}]")
        if name in found:
            raise RuleBroken(EportRule.REPEATED, f"{path}/{name}")
        if order[name] < last:
            raise RuleBroken(EportRule.MISPLACED, f"{path}/{name}")
        found[name], last = child, order[name]
    for element in table:
        if element.required and element.name not in found:
            raise RuleBroken(EportRule.MISSING, f"{path}/{element.name}")
    return found


def _requisites(parent: etree._Element, path: str) -> Requisites:
    _no_attributes(parent, path)
    children = _children(parent, path)
    if not children:
        raise RuleBroken(EportRule.MISSING, f"{path}/requisite")
    if len(children) > REQUISITES_LARGEST:
        raise RuleBroken(EportRule.VALUE, f"{path}: more than {REQUISITES_LARGEST}")
    requisites: dict[str, str] = {}
    for number, child in enumerate(children, start=1):
        if child.tag != "requisite":
            raise RuleBroken(EportRule.UNKNOWN, f"{path}/*[{number}]")
        place = f"{path}/requisite[{number}]"
        code = _requisite_code(child, place)
        if code in requisites:
            raise RuleBroken(EportRule.REPEATED, f"{place}/@code")
        requisites[code] = _text(child, REQUISITE_VALUE, place, attributes=frozenset({"code"}))
    return tuple(requisites.items())


def _requisite_code(requisite: etree._Element, place: str) -> str:
    code = requisite.get("code")
    if code is None:
        raise RuleBroken(EportRule.MISSING, f"{place}/@code")
    if not REQUISITE_CODE.fullmatch(code):
        raise RuleBroken(EportRule.VALUE, f"{place}/@code")
    return code


def _children(parent: etree._Element, path: str) -> list[etree._Element]:
    pieces = [parent.text, *(child.tail for child in parent)]
    if any(piece and piece.strip(" \t\r\n") for piece in pieces):
        raise RuleBroken(EportRule.STRAY_TEXT, path)
    return list(parent)


def _text(
    leaf: etree._Element, form: re.Pattern[str], path: str, *, attributes: frozenset[str] = _NO_NAMES
) -> str:
    if len(leaf):
        raise RuleBroken(EportRule.UNKNOWN, f"{path}/*[1]")
    _no_attributes(leaf, path, but=attributes)
    if not form.fullmatch(leaf.text or ""):
        raise RuleBroken(EportRule.VALUE, path)
    return str(leaf.text)


def _no_attributes(element: etree._Element, path: str, *, but: frozenset[str] = _NO_NAMES) -> None:
    if set(map(str, element.attrib)) - but:
        raise RuleBroken(EportRule.UNKNOWN, f"{path}/@*")
