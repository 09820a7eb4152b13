"""Bytes → a tree that nothing can hide in (PROTOCOLS §3.4: 413, 415, 400). Pure."""

import re
from hashlib import sha256
from typing import Final

from lxml import etree

from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken

BODY_LARGEST: Final = 64 * 1024
DEEPEST: Final = 40
DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE: Final = f"{{{DSIG}}}Signature"

_MEDIA_TYPE: Final = re.compile(r'(application|text)/xml\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_DECLARED: Final = re.compile(
    rb"""\s*<\?xml\b[^>]*?encoding\s*=\s*["'](?P<encoding>[^"']*)["']""", re.IGNORECASE
)


def check_media_type(content_type: str) -> None:
    if not _MEDIA_TYPE.fullmatch(content_type.strip()):
        raise TransferRuleBroken(TransferRule.MEDIA_TYPE, "Content-Type")


def check_size(size: int) -> None:
    if size > BODY_LARGEST:
        raise TransferRuleBroken(TransferRule.TOO_LARGE, "the body")


def read(body: bytes) -> etree._Element:
    """The document's root."""
    check_size(len(body))
    _check_encoding(body)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        rule = TransferRule.DTD if b"<!DOCTYPE" in body else TransferRule.XML
        raise TransferRuleBroken(rule, "the body") from None
    if b"<!DOCTYPE" in body:  # no content can hold these bytes: an element escapes its "<"
        raise TransferRuleBroken(TransferRule.DTD, "the body")
    around = (root.getprevious(), root.getnext())
    strange = any(not isinstance(node.tag, str) for node in root.iter())
    if strange or around != (None, None) or b"<![CDATA[" in body:
        raise TransferRuleBroken(TransferRule.COMMENT, "the body")
    _check_depth(root)
    return root


def content_of(root: etree._Element) -> bytes:
    """What makes two messages the same: sha256 of the exclusive c14n without Signature (PROTOCOLS §3.4)."""
    return sha256(etree.tostring(unsigned(root), method="c14n", exclusive=True)).digest()


def unsigned(root: etree._Element) -> etree._Element:
    """A copy without its signature."""
    copy = etree.fromstring(etree.tostring(root))
    for signature in copy.findall(SIGNATURE):
        copy.remove(signature)
    return copy


def _check_encoding(body: bytes) -> None:
    declared = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf"))
    if declared is not None and declared["encoding"].lower() != b"utf-8":
        raise TransferRuleBroken(TransferRule.ENCODING, "the XML declaration")
    try:
        body.decode()
    except UnicodeDecodeError:
        raise TransferRuleBroken(TransferRule.ENCODING, "the body") from None


def _check_depth(root: etree._Element) -> None:
    level, depth = [root], 1
    while level := [child for parent in level for child in parent]:
        depth += 1
        if depth > DEEPEST:
            raise TransferRuleBroken(TransferRule.DEPTH, "the body")
