"""The one form of signature that is accepted, and what a signature of this form claims (PROTOCOLS §3.3).

Enveloped, over the whole document, with nothing that would let its sender say what is to be checked.
Everything that is not in the tables below is refused before any digest is computed.
"""

import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Final

from lxml import etree

from certs.algorithms import Algorithms, SignatureProvider
from certs.refusals import Refusal, SignatureRefusedError

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED: Final = f"{DS}enveloped-signature"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
SIGNATURE: Final = f"{{{DS}}}Signature"

_BLANKS: Final = " \t\r\n"
_between_digits: Final = re.compile(f"[{_BLANKS}]+").sub
_ids: Final = etree.XPath(
    "//@*[local-name()='Id' or local-name()='ID' or local-name()='id']", smart_strings=False
)


@dataclass(frozen=True)
class _Form:
    children: list[str]
    attributes: frozenset[str]
    otherwise: Refusal


def _form(children: str, attributes: str, otherwise: Refusal) -> _Form:
    return _Form([f"{{{DS}}}{name}" for name in children.split()], frozenset(attributes.split()), otherwise)


# fmt: off
_FORMS: Final = {
    "Signature":  _form("SignedInfo SignatureValue KeyInfo", "Id", Refusal.SIGNATURE_CONTENT),
    "SignedInfo": _form("CanonicalizationMethod SignatureMethod Reference", "Id", Refusal.REFERENCE_NUMBER),
    "Reference":  _form("Transforms DigestMethod DigestValue", "Id URI", Refusal.TRANSFORMS),
    "Transforms": _form("Transform Transform", "", Refusal.TRANSFORMS),
    "KeyInfo":    _form("X509Data", "Id", Refusal.KEY_INFO),
    "X509Data":   _form("X509Certificate", "", Refusal.KEY_INFO),
}
_ALGORITHM: Final = _form("", "Algorithm", Refusal.ALGORITHM_PARAMETERS)
_BASE64: Final = _form("", "", Refusal.NOT_BASE64)
_VALUE: Final = _form("", "Id", Refusal.NOT_BASE64)
# fmt: on


@dataclass(frozen=True)
class Claim:
    """Nothing of it is verified yet."""

    signature: etree._Element
    signed_info: etree._Element
    exclusive: bool  # the canonicalisation, of document and SignedInfo
    provider: SignatureProvider
    digest: bytes
    value: bytes
    certificate: bytes  # DER


def read_claim(root: etree._Element, algorithms: Algorithms) -> Claim:
    """Raises SignatureRefusedError, 401."""
    signature = _only_signature(root)
    signed_info, value, key_info = _open(signature, "Signature")
    canonicalization, method, reference = _open(signed_info, "SignedInfo")
    if reference.get("URI") != "":
        raise SignatureRefusedError(Refusal.REFERENCE_PARTIAL)
    transforms, digest_method, digest = _open(reference, "Reference")
    exclusive = _is_exclusive(canonicalization, *_open(transforms, "Transforms"))
    (x509_data,) = _open(key_info, "KeyInfo")
    (certificate,) = _open(x509_data, "X509Data")
    return Claim(
        signature=signature,
        signed_info=signed_info,
        exclusive=exclusive,
        provider=_provider(method, digest_method, algorithms),
        digest=_octets(digest, _BASE64),
        value=_octets(value, _VALUE),
        certificate=_octets(certificate, _BASE64),
    )


def _only_signature(root: etree._Element) -> etree._Element:
    signatures = list(root.iter(SIGNATURE))
    if not signatures:
        raise SignatureRefusedError(Refusal.SIGNATURE_MISSING)
    if len(signatures) > 1:
        raise SignatureRefusedError(Refusal.SIGNATURE_REPEATED)
    if etree.QName(root).localname != "Document":
        raise SignatureRefusedError(Refusal.NOT_A_DOCUMENT)
    if signatures[0].getparent() is not root:
        raise SignatureRefusedError(Refusal.SIGNATURE_NESTED)
    if signatures[0].getnext() is not None:
        raise SignatureRefusedError(Refusal.SIGNATURE_NOT_LAST)
    if _has_duplicate_id(root):
        raise SignatureRefusedError(Refusal.DUPLICATE_ID)
    return signatures[0]


def _has_duplicate_id(root: etree._Element) -> bool:
    ids = _ids(root)
    assert isinstance(ids, list)  # a set of nodes is what the expression asks for
    return len(ids) != len(set(ids))


def _is_exclusive(canonicalization: etree._Element, first: etree._Element, second: etree._Element) -> bool:
    over_document, over_signed_info = second.get("Algorithm"), canonicalization.get("Algorithm")
    if over_signed_info not in (EXCLUSIVE, INCLUSIVE):
        raise SignatureRefusedError(Refusal.CANONICALIZATION)
    if first.get("Algorithm") != ENVELOPED or over_document not in (EXCLUSIVE, INCLUSIVE):
        raise SignatureRefusedError(Refusal.TRANSFORMS)
    if over_document != over_signed_info:
        raise SignatureRefusedError(Refusal.CANONICALIZATION_MIXED)
    for element in (canonicalization, first, second):
        _check(element, _ALGORITHM)
    return over_signed_info == EXCLUSIVE


def _provider(
    method: etree._Element, digest_method: etree._Element, algorithms: Algorithms
) -> SignatureProvider:
    algorithm = algorithms.get(method.get("Algorithm", ""))
    if algorithm is None:
        raise SignatureRefusedError(Refusal.SIGNATURE_METHOD)
    if digest_method.get("Algorithm") != algorithm.digest_method:
        raise SignatureRefusedError(Refusal.DIGEST_METHOD)
    _check(method, _ALGORITHM)
    _check(digest_method, _ALGORITHM)
    if algorithm.provider is None:
        raise SignatureRefusedError(Refusal.NEEDS_PROVIDER, algorithm.name)
    return algorithm.provider


def _open(element: etree._Element, name: str) -> list[etree._Element]:
    """Its children, exactly those of its form, with nothing but blanks between them."""
    form = _FORMS[name]
    _check(element, form)
    children = list(element)
    if any((text or "").strip(_BLANKS) for text in (element.text, *(child.tail for child in children))):
        raise SignatureRefusedError(form.otherwise)
    return children


def _check(element: etree._Element, form: _Form) -> None:
    if [child.tag for child in element] != form.children or not form.attributes.issuperset(element.attrib):
        raise SignatureRefusedError(form.otherwise)


def _octets(element: etree._Element, form: _Form) -> bytes:
    _check(element, form)
    try:
        octets = b64decode(_between_digits("", element.text or ""), validate=True)
    except ValueError:
        octets = b""
    if not octets:
        raise SignatureRefusedError(Refusal.NOT_BASE64)
    return octets
