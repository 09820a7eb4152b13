"""The signature of one hop, put and read with signxml (PROTOCOLS §3.3).

The platform's own reading of the text: it trusts the certificates that participants pinned, and looks at
the shape of a signature before any library does. It knows no revocation lists; that is the banks' part.
"""

import logging
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature as NotSigned
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from certs.throwaway import Issued
from gateway.sandbox.platform.documents import DSIG, SIGNATURE
from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken

logging.getLogger("signxml").setLevel(logging.WARNING)  # its DEBUG lines quote whole messages

_ENVELOPED: Final = DSIG + "enveloped-signature"
_CANONICAL: Final = frozenset(
    {"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"}
)
_METHODS: Final = frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.ECDSA_SHA256})
_DIGEST: Final = DigestAlgorithm.SHA256
_SHAPE: Final = ("SignedInfo", "SignatureValue", "KeyInfo")
_SIGNED_INFO: Final = ("CanonicalizationMethod", "SignatureMethod", "Reference")
_REFERENCE: Final = ("Transforms", "DigestMethod", "DigestValue")
_RSA_SMALLEST: Final = 2048


@dataclass(frozen=True)
class Verified:
    """The tree that was signed, without its signature, and whose certificate it was."""

    root: etree._Element
    fingerprint: str  # SHA-256 of the leaf, lower-case hex: what a participant pins


class Signer:
    """One party's key, read once."""

    def __init__(self, issued: Issued) -> None:
        key = load_pem_private_key(issued.key.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
        elliptic = isinstance(key, ec.EllipticCurvePrivateKey)
        self._method = SignatureMethod.ECDSA_SHA256 if elliptic else SignatureMethod.RSA_SHA256

    @property
    def fingerprint(self) -> str:
        return self._certificate.fingerprint(SHA256()).hex()

    def sign(self, root: etree._Element) -> bytes:
        """The document's bytes with its signature as the last child; `root` stays as it is."""
        signer = XMLSigner(
            signature_algorithm=self._method,
            digest_algorithm=_DIGEST,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        signed = signer.sign(root, key=self._key, cert=[self._certificate])
        return etree.tostring(signed, encoding="UTF-8", xml_declaration=True)


def verify(
    body: bytes, root: etree._Element, trusted: x509.Certificate, *, now: Callable[[], datetime]
) -> Verified:
    """`root` is `body` as `documents.read` gave it; `trusted` the CA of the participants' certificates."""
    signature = _only_signature(root)
    _check_shape(signature)
    leaf = _leaf(signature)
    _check_certificate(leaf, trusted, now())
    configuration = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=_METHODS,
        digest_algorithms=frozenset({_DIGEST}),
        verification_time=now(),
    )
    try:
        result = XMLVerifier().verify(body, x509_cert=leaf, expect_config=configuration)
    except (SignXMLException, NotSigned, etree.LxmlError, ValueError):
        raise TransferRuleBroken(TransferRule.SIGNATURE, "Document/Signature") from None
    assert not isinstance(result, list)
    if result.signed_xml is None or result.signed_xml.tag != root.tag:
        raise TransferRuleBroken(TransferRule.SIGNATURE, "Document/Signature/SignedInfo/Reference")
    return Verified(result.signed_xml, leaf.fingerprint(SHA256()).hex())


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(SIGNATURE))
    if len(found) != 1 or len(root) == 0 or root[-1] is not found[0]:
        raise TransferRuleBroken(TransferRule.SIGNATURE, "Document/Signature")
    return found[0]


def _check_shape(signature: etree._Element) -> None:
    info = _children(signature, _SHAPE)[0]
    canonicalisation, method, reference = _children(info, _SIGNED_INFO)
    transforms, digest, _value = _children(reference, _REFERENCE)
    if reference.keys() != ["URI"] or reference.get("URI") != "":
        raise TransferRuleBroken(TransferRule.SIGNATURE, "Document/Signature/SignedInfo/Reference")
    algorithms = [transform.get("Algorithm") for transform in transforms]
    bare = all(not len(one) and one.keys() == ["Algorithm"] for one in (*transforms, canonicalisation))
    wanted = [_ENVELOPED, canonicalisation.get("Algorithm")]
    if not bare or algorithms != wanted or algorithms[1] not in _CANONICAL:
        raise TransferRuleBroken(TransferRule.ALGORITHM, "Document/Signature/SignedInfo")
    if digest.get("Algorithm") != _DIGEST.value or method.get("Algorithm") not in {
        one.value for one in _METHODS
    }:
        raise TransferRuleBroken(TransferRule.ALGORITHM, "Document/Signature/SignedInfo")


def _children(parent: etree._Element, names: tuple[str, ...]) -> list[etree._Element]:
    children = list(parent)
    if [child.tag for child in children] != [f"{{{DSIG}}}{name}" for name in names]:
        raise TransferRuleBroken(TransferRule.SIGNATURE, "Document/Signature")
    return children


def _leaf(signature: etree._Element) -> x509.Certificate:
    (data,) = _children(signature[-1], ("X509Data",))
    (certificate,) = _children(data, ("X509Certificate",))
    try:
        return x509.load_der_x509_certificate(
            b64decode("".join((certificate.text or "").split()), validate=True)
        )
    except ValueError:
        raise TransferRuleBroken(TransferRule.CERTIFICATE, "Document/Signature/KeyInfo") from None


def _check_certificate(leaf: x509.Certificate, trusted: x509.Certificate, now: datetime) -> None:
    """That it is a participant's is `party`, and 403; here only whether it may speak at all."""
    key = leaf.public_key()
    strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_SMALLEST) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    )
    try:
        leaf.verify_directly_issued_by(trusted)
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except (ValueError, TypeError, NotSigned, x509.ExtensionNotFound):
        usage = False
    if not strong or not usage or not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise TransferRuleBroken(TransferRule.CERTIFICATE, "Document/Signature/KeyInfo")
