"""Certificate requests (PKCS#10, RFC 2986): made by who will hold the key, checked by who signs."""

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.errors import UnfitRequestError
from certs.keys import SigningKey

RSA_LEAST_BITS: Final = 2048


@dataclass(frozen=True)
class Subject:
    """Who a certificate is for. e-port wants the point in `common_name`, the bank in `organization`."""

    common_name: str
    organization: str | None = None
    unit: str | None = None
    locality: str | None = None
    country: str | None = None  # ISO 3166-1, two letters

    def name(self) -> x509.Name:
        """Raises UnfitRequestError for a value that X.520 does not let in."""
        parts = (
            (NameOID.COUNTRY_NAME, self.country),
            (NameOID.LOCALITY_NAME, self.locality),
            (NameOID.ORGANIZATION_NAME, self.organization),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, self.unit),
            (NameOID.COMMON_NAME, self.common_name),
        )
        try:
            return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value is not None])
        except ValueError as error:
            raise UnfitRequestError(
                "certificate request", why=str(error), to_do="Shorten or mend that part of the subject."
            ) from error


def new_request(key: SigningKey, subject: Subject) -> bytes:
    """PEM, for a TLS client: digitalSignature and clientAuth are asked for."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject.name())
    builder = builder.add_extension(usage, critical=True).add_extension(purposes, critical=False)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def read_request(pem: bytes, *, common_name: str) -> x509.CertificateSigningRequest:
    """A request that its holder signed, with a key that TLS takes, for exactly this name.

    Raises UnfitRequestError.
    """
    try:
        request = x509.load_pem_x509_csr(pem)
    except ValueError as error:
        raise _unfit("it is not a PKCS#10 request in PEM") from error
    if not request.is_signature_valid:
        raise _unfit("its signature is not that of its key")
    key = request.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        fits = key.key_size >= RSA_LEAST_BITS
    else:
        fits = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not fits:
        raise _unfit("its key is neither ECDSA P-256 nor RSA of 2048 bits or more")
    names = [str(part.value) for part in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [common_name]:
        raise _unfit(f"its subject's CN is not {common_name}")
    return request


def _unfit(why: str) -> UnfitRequestError:
    return UnfitRequestError("certificate request", why=why, to_do="Make it anew with `tolem`.")
