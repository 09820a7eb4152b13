"""Bytes to a tree, hardened, so that what is verified can be read in one way only (PROTOCOLS §3.4).

A comment inside a value would vanish from its canonical form, an entity would put something else there:
none of it reaches the parser.
"""

import re
from typing import Final

from lxml import etree

from certs.refusals import Refusal, SignatureRefusedError

LARGEST_DOCUMENT_BYTES: Final = 64 * 1024
DEEPEST_LEVEL: Final = 40  # the root is level 1

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_DECLARATION: Final = re.compile(
    rb"""<\?xml\s+version\s*=\s*(["'])1\.0\1"""
    rb"""(\s+encoding\s*=\s*(["'])(?i:utf-8)\3)?"""
    rb"""(\s+standalone\s*=\s*(["'])(yes|no)\5)?\s*\?>"""
)
# A bare `<` stands in no text and no attribute of a well-formed document: a search finds every one of these.
_FORBIDDEN: Final = (
    (b"<!DOCTYPE", Refusal.DTD),
    (b"<!--", Refusal.COMMENT),
    (b"<![CDATA[", Refusal.CDATA),
    (b"<?", Refusal.PROCESSING_INSTRUCTION),
)
_deeper_than_allowed: Final = etree.XPath("boolean(" + "/*" * (DEEPEST_LEVEL + 1) + ")")


def parse(body: bytes) -> etree._Element:
    """The root of a document, which nobody has verified yet. Raises SignatureRefusedError, 413 or 400."""
    if len(body) > LARGEST_DOCUMENT_BYTES:
        raise SignatureRefusedError(Refusal.TOO_LARGE)
    content = _without_declaration(body)
    for forbidden, refusal in _FORBIDDEN:
        if forbidden in content:
            raise SignatureRefusedError(refusal)
    try:
        root = etree.fromstring(body, parser())
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise SignatureRefusedError(Refusal.NOT_XML, f"line {line}, column {column}") from None
    if _deeper_than_allowed(root):
        raise SignatureRefusedError(Refusal.TOO_DEEP)
    return root


def parser() -> etree.XMLParser:
    """A new one for each document: lxml keeps state in a parser, and a shared one would need a lock."""
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


def _without_declaration(body: bytes) -> bytes:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SignatureRefusedError(Refusal.NOT_UTF8, f"byte {error.start}") from None
    content = body.removeprefix(_BYTE_ORDER_MARK)
    if not content.startswith(b"<?xml"):
        return content
    declaration = _DECLARATION.match(content)
    if declaration is None:
        raise SignatureRefusedError(Refusal.NOT_UTF8, "the declaration")
    return content[declaration.end() :]
