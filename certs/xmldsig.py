"""XML signatures over whole documents: W3C XMLDSig, enveloped, one form only (PROTOCOLS §3.3).

Signing writes its SignedInfo in canonical form and puts the Signature into the bytes as they are, so that
nothing is reformatted. Verifying asks in this order: can the bytes be read in one way only (`documents`), has
the signature the one form (`signature_form`), is its certificate believed (`participants`), did that key sign,
is the document what was signed. Whose certificate it is, is asked last, with `Verified.owned_by`: a document
of nobody's is a question of the party, 403, which comes after the structure (PROTOCOLS §3.4).
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Final

from cryptography import x509
from lxml import etree

from certs.algorithms import ALGORITHMS, Algorithms
from certs.documents import LARGEST_DOCUMENT_BYTES, parse, parser
from certs.participants import Participants
from certs.refusals import Refusal, SignatureRefusedError
from certs.signature_form import DS, ENVELOPED, EXCLUSIVE, SIGNATURE, read_claim
from certs.signer import Signer


class UnsignableDocumentError(ValueError):
    """Our own document is none that others would accept once signed."""


@dataclass(frozen=True)
class Verified:
    """What was signed, and by which certificate; the bytes that it came in are not to be used any more."""

    tree: etree._Element  # the Document without its Signature, read from its canonical form
    certificate: x509.Certificate
    fingerprint: str  # SHA-256 of the certificate, lower-case hex
    bound_to: str | None  # for the journal; who acts on it asks `owned_by`

    def owned_by(self, *expected: str) -> str:
        """The participant who signed; one of `expected`, if any are named.

        Raises SignatureRefusedError, 403: UNBOUND or OTHER_PARTICIPANT.
        """
        if self.bound_to is None:
            raise SignatureRefusedError(Refusal.UNBOUND, self.fingerprint)
        if expected and self.bound_to not in expected:
            raise SignatureRefusedError(Refusal.OTHER_PARTICIPANT, self.fingerprint)
        return self.bound_to


def sign(document: bytes | etree._Element, signer: Signer) -> bytes:
    """The document in UTF-8 with its signature as its last child; a document in bytes is not changed besides.

    Raises UnsignableDocumentError for one that `verify` would refuse as bytes, is signed already, or is empty.
    """
    body = document if isinstance(document, bytes) else _serialised(document)
    try:
        root = parse(body)
        content = _canonical(root, exclusive=True)
    except SignatureRefusedError as error:
        raise UnsignableDocumentError(str(error)) from None
    end = body.rfind(b"</")  # of the root: nothing but blanks can follow its end tag
    if end < 0 or etree.QName(root).localname != "Document" or next(root.iter(SIGNATURE), None) is not None:
        raise UnsignableDocumentError("not a Document with content, or signed already")
    signed = body[:end] + _signature(content, signer) + body[end:]
    if len(signed) > LARGEST_DOCUMENT_BYTES:
        raise UnsignableDocumentError(Refusal.TOO_LARGE.why)
    return signed


def verify(
    body: bytes, *, participants: Participants, now: datetime, algorithms: Algorithms = ALGORITHMS
) -> Verified:
    """What a trusted certificate signed, read from the signed bytes.

    Raises SignatureRefusedError with a code of its own for each check: 413, 400, 401.
    """
    root = parse(body)
    claim = read_claim(root, algorithms)
    signer = participants.trusted(claim.certificate, provider=claim.provider, now=now)
    signed_info = _canonical(claim.signed_info, exclusive=claim.exclusive)
    fault = signer.verify(value=claim.value, content=signed_info)
    if fault is not None:
        raise SignatureRefusedError(fault, signer.fingerprint)
    _remove_but_its_tail(root, claim.signature)
    content = _canonical(root, exclusive=claim.exclusive)
    if not compare_digest(claim.provider.digest(content), claim.digest):
        raise SignatureRefusedError(Refusal.DIGEST_MISMATCH, signer.fingerprint)
    return Verified(
        tree=etree.fromstring(content, parser()),
        certificate=signer.certificate,
        fingerprint=signer.fingerprint,
        bound_to=participants.owner_of(signer.fingerprint),
    )


# Canonical as it stands (exc-c14n): one line, no empty-element tags, the one namespace that is used.
_SIGNED_INFO: Final = (
    f'<ds:SignedInfo xmlns:ds="{DS}">'
    f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
    '<ds:Reference URI="">'
    "<ds:Transforms>"
    f'<ds:Transform Algorithm="{ENVELOPED}"></ds:Transform>'
    f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform>'
    "</ds:Transforms>"
    '<ds:DigestMethod Algorithm="{digest_method}"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue>"
    "</ds:Reference>"
    "</ds:SignedInfo>"
)
_SIGNATURE: Final = (
    f'<ds:Signature xmlns:ds="{DS}">'
    "{signed_info}"
    "<ds:SignatureValue>{value}</ds:SignatureValue>"
    "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    "</ds:Signature>"
)


def _signature(content: bytes, signer: Signer) -> bytes:
    algorithm = signer.algorithm
    if algorithm.provider is None:
        raise UnsignableDocumentError(f"{algorithm.name} needs a provider")
    signed_info = _SIGNED_INFO.format(
        method=algorithm.method,
        digest_method=algorithm.digest_method,
        digest=b64encode(algorithm.provider.digest(content)).decode(),
    )
    signature = _SIGNATURE.format(
        signed_info=signed_info,
        value=b64encode(signer.sign_bytes(signed_info.encode())).decode(),
        certificate=signer.certificate_base64,
    )
    return signature.encode()


def _canonical(element: etree._Element, *, exclusive: bool) -> bytes:
    try:
        return etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False)
    except etree.LxmlError:  # such as a relative name of a namespace
        raise SignatureRefusedError(Refusal.NOT_CANONICAL) from None


def _remove_but_its_tail(parent: etree._Element, child: etree._Element) -> None:
    before, tail = child.getprevious(), child.tail or ""
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(child)


def _serialised(tree: etree._Element) -> bytes:
    body: bytes = etree.tostring(tree, encoding="UTF-8", xml_declaration=True, with_tail=False)
    return body
