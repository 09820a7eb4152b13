"""Bytes to an XML tree and back, hardened against what a document may carry (PROTOCOLS §2.1).

UTF-8 only, 64 KiB at most, no DTD, no entity but the five of XML, no network. Knows no element by name.
"""

from typing import Final

from lxml import etree

LARGEST_DOCUMENT_BYTES: Final = 64 * 1024


class NotXmlError(ValueError):
    """The bytes are no document that we read. The text quotes none of them."""


def parse(body: bytes) -> etree._Element:
    """The root of a document."""
    if len(body) > LARGEST_DOCUMENT_BYTES:
        raise NotXmlError(f"larger than {LARGEST_DOCUMENT_BYTES} bytes")
    if b"<!DOCTYPE" in body:  # before the parser: entities in attributes are expanded while parsing
        raise NotXmlError("has a DTD")
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise NotXmlError(f"not well-formed at line {line}, column {column}") from None
    return root


def serialise(root: etree._Element) -> bytes:
    """UTF-8 without a declaration; the same tree gives the same bytes."""
    return etree.tostring(root, encoding="utf-8")


def children(parent: etree._Element) -> list[etree._Element]:
    """Child elements, without comments and processing instructions."""
    return [child for child in parent if isinstance(child.tag, str)]


def text_of(element: etree._Element) -> str:
    """The text of an element that holds nothing else; not stripped."""
    if len(element):
        raise NotXmlError(f"<{element.tag}> holds more than text")
    return element.text or ""


def _parser() -> etree.XMLParser:
    # `encoding` outranks the document's own declaration. A parser of its own for each document:
    # lxml keeps state in one, and a shared one would need a lock.
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
    )
