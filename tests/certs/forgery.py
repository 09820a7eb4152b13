"""A signer without scruples: any form of XML signature, with digests and values that are right for it.

So an attack has one thing wrong, and what refuses it is the check that is meant.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import new as new_hash
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from tests.certs.signing_parties import Party, Stage

DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DS}enveloped-signature"
_DIGESTS = {f"{DS}sha1": "sha1", f"{XENC}sha256": "sha256", f"{XENC}sha512": "sha512"}
_HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}


def transform(algorithm: str, inside: str = "") -> str:
    return f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'


def place_last(document: bytes, signature: bytes) -> bytes:
    """As the last child of the root."""
    end = document.rindex(b"</")
    return document[:end] + signature + document[end:]


@dataclass(frozen=True)
class Attack:
    name: str
    body: bytes
    code: str
    http_status: int = 401
    later: timedelta = timedelta(0)  # when it arrives, after the stage's `now`


@dataclass(frozen=True)
class Forgery:
    """What a signature says of itself; the default is the form that is accepted. `replace` one thing."""

    party: Party
    method: str = ""  # by the party's key
    digest_method: str = f"{XENC}sha256"
    canonicalization: str = EXCLUSIVE  # of SignedInfo
    transforms: tuple[str, ...] = (transform(ENVELOPED), transform(EXCLUSIVE))
    digested_as: str = EXCLUSIVE  # how the document really is canonicalised
    reference: str = 'URI=""'
    more_references: str = ""
    signs: Callable[[etree._Element], etree._Element] = lambda root: root
    key_info: str | None = None  # None: the party's certificate
    method_inside: str = ""
    digest_inside: str = ""
    canonicalization_inside: str = ""
    objects: str = ""
    attributes: str = ""
    value: Callable[[bytes], bytes] = lambda value: value
    hmac_key: bytes | None = None
    place: Callable[[bytes, bytes], bytes] = place_last
    between: str = ""  # blanks between the children of Signature, before it is signed

    def but(self, **changes: Any) -> "Forgery":
        return replace(self, **changes)

    def sign(self, document: bytes) -> bytes:
        signed = self.signs(etree.fromstring(document))
        digest = new_hash(_DIGESTS.get(self.digest_method, "sha256"), _canonical(signed, self.digested_as))
        signed_info = self._signed_info(b64encode(digest.digest()).decode())
        blank = self._signature(signed_info, "")
        in_place = etree.fromstring(self.place(document, blank))
        *_, info = in_place.iter(f"{{{DS}}}SignedInfo")
        value = self.value(self._sign_bytes(_canonical(info, self.canonicalization)))
        return self.place(document, self._signature(signed_info, b64encode(value).decode()))

    def _signed_info(self, digest: str) -> str:
        return (
            f"<ds:SignedInfo>"
            f'<ds:CanonicalizationMethod Algorithm="{self.canonicalization}">{self.canonicalization_inside}'
            f"</ds:CanonicalizationMethod>"
            f'<ds:SignatureMethod Algorithm="{self._method}">{self.method_inside}</ds:SignatureMethod>'
            f"<ds:Reference {self.reference}><ds:Transforms>{''.join(self.transforms)}</ds:Transforms>"
            f'<ds:DigestMethod Algorithm="{self.digest_method}">{self.digest_inside}</ds:DigestMethod>'
            f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>{self.more_references}</ds:SignedInfo>"
        )

    def _signature(self, signed_info: str, value: str) -> bytes:
        certificate = b64encode(self.party.der).decode()
        x509_data = f"<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>"
        key_info = f"<ds:KeyInfo>{x509_data}</ds:KeyInfo>" if self.key_info is None else self.key_info
        parts = (signed_info, f"<ds:SignatureValue>{value}</ds:SignatureValue>", key_info, self.objects)
        return f'<ds:Signature xmlns:ds="{DS}"{self.attributes}>{self.between.join(parts)}</ds:Signature>'.encode()

    @property
    def _method(self) -> str:
        is_rsa = isinstance(self.party.key, rsa.RSAPrivateKey)
        return self.method or f"{MORE}{'rsa' if is_rsa else 'ecdsa'}-sha256"

    def _sign_bytes(self, content: bytes) -> bytes:
        name = next((name for name in _HASHES if self._method.endswith(name)), "sha256")
        if self.hmac_key is not None:
            return hmac.digest(self.hmac_key, content, name)
        key = self.party.key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(content, PKCS1v15(), _HASHES[name])
        half = (key.key_size + 7) // 8
        return b"".join(
            part.to_bytes(half) for part in decode_dss_signature(key.sign(content, ec.ECDSA(_HASHES[name])))
        )


def honest(document: bytes, stage: Stage) -> bytes:
    return Forgery(stage.platform).sign(document)


def _canonical(element: etree._Element, algorithm: str) -> bytes:
    return etree.tostring(
        element,
        method="c14n",
        exclusive=algorithm.startswith(EXCLUSIVE),
        with_comments="Comments" in algorithm,
    )


def certificate_base64(party: Party) -> str:
    return "".join(party.pem.decode().split("-----")[2].split())


def x509_data(*certificates: str) -> str:
    inside = "".join(f"<ds:X509Certificate>{one}</ds:X509Certificate>" for one in certificates)
    return f"<ds:X509Data>{inside}</ds:X509Data>"


def key_info_of(inside: str) -> str:
    return f"<ds:KeyInfo>{inside}</ds:KeyInfo>"
