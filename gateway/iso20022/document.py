"""Bytes to an XML tree and back, hardened, and the digest of what was signed (PROTOCOLS §3, §3.4).

64 KiB at most, UTF-8 only, 40 levels at most; no DTD, comment, processing instruction or CDATA, which
could make a signed text read in two ways. Knows no element but `Signature`.
"""

import re
from copy import deepcopy
from hashlib import sha256
from typing import Final

from lxml import etree

from gateway.iso20022.errors import DocumentError, UnsendableMessageError

LARGEST_DOCUMENT_BYTES: Final = 64 * 1024
DEEPEST_LEVEL: Final = 40  # the root is level 1
MEDIA_TYPES: Final = frozenset({"application/xml", "text/xml"})
SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_8 = frozenset({"utf-8", '"utf-8"'})
_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*(["'])1\.0\1"""
    rb"""(\s+encoding\s*=\s*(["'])(?i:utf-8)\3)?"""
    rb"""(\s+standalone\s*=\s*(["'])(yes|no)\5)?\s*\?>"""
)
# In a well-formed document none of these can stand anywhere but in its own role: a bare `<` is
# allowed in no text and no attribute. So a search of the bytes finds every one, before the parser.
_FORBIDDEN: Final = (
    (b"<!DOCTYPE", "dtd", "has a DTD"),
    (b"<!--", "comment", "has a comment"),
    (b"<![CDATA[", "cdata", "has a CDATA section"),
    (b"<?", "processing_instruction", "has a processing instruction"),
)
_deeper_than_allowed = etree.XPath("boolean(" + "/*" * (DEEPEST_LEVEL + 1) + ")")


def check_media_type(content_type: str | None) -> None:
    """Refuse with 415 what a `Content-Type` header says, unless it is XML in UTF-8."""
    media_type, *parameters = (content_type or "").split(";")
    if media_type.strip().lower() not in MEDIA_TYPES:
        raise DocumentError("media_type", "is neither application/xml nor text/xml", http_status=415)
    if any(_is_other_charset(parameter) for parameter in parameters):
        raise DocumentError("media_type", "is in another charset than utf-8", http_status=415)


def check_size(length: int) -> None:
    """Refuse with 413; also fit for a Content-Length, before the body is read."""
    if length > LARGEST_DOCUMENT_BYTES:
        raise DocumentError("too_large", f"is larger than {LARGEST_DOCUMENT_BYTES} bytes", http_status=413)


def parse(body: bytes) -> etree._Element:
    """The root of a document; raises DocumentError, 413 or 400."""
    check_size(len(body))
    _check_encoding(body)
    content = _without_declaration(body)
    for forbidden, code, why in _FORBIDDEN:
        if forbidden in content:
            raise DocumentError(code, why)
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise DocumentError("not_xml", f"is not well-formed at line {line}, column {column}") from None
    if _deeper_than_allowed(root):
        raise DocumentError("too_deep", f"has more than {DEEPEST_LEVEL} levels")
    return root


def serialise(root: etree._Element) -> bytes:
    """UTF-8 with a declaration; the same tree gives the same bytes."""
    body: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    if len(body) > LARGEST_DOCUMENT_BYTES:
        raise UnsendableMessageError(f"larger than {LARGEST_DOCUMENT_BYTES} bytes")
    return body


def without_signature(root: etree._Element) -> etree._Element:
    """What was signed: the document without `Document/Signature`. The given tree is not changed."""
    if all(child.tag != SIGNATURE for child in root):
        return root
    bare = deepcopy(root)
    for signature in bare.findall(SIGNATURE):
        _remove_but_its_tail(bare, signature)
    return bare


def signed_content_digest(root: etree._Element) -> str:
    """What "the same content" means for a replay: sha256, in hex, of the exclusive c14n without Signature."""
    canonical = etree.tostring(without_signature(root), method="c14n", exclusive=True, with_comments=False)
    return sha256(canonical).hexdigest()


def _is_other_charset(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip().lower() == "charset" and value.strip().lower() not in _UTF_8


def _check_encoding(body: bytes) -> None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError("not_utf8", f"is not UTF-8 at byte {error.start}") from None


def _without_declaration(body: bytes) -> bytes:
    content = body.removeprefix(_BYTE_ORDER_MARK)
    if not content.startswith(b"<?xml"):
        return content
    declaration = _DECLARATION.match(content)
    if declaration is None:
        raise DocumentError("not_utf8", "does not declare XML 1.0 in UTF-8")
    return content[declaration.end() :]


def _remove_but_its_tail(parent: etree._Element, child: etree._Element) -> None:
    before, tail = child.getprevious(), child.tail or ""
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(child)


def _parser() -> etree.XMLParser:
    # A parser of its own for each document: lxml keeps state in one, and a shared one would need a lock.
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
