"""TLS contexts of everything that listens or connects, and who is on the other side.

TLS 1.2 or newer, session tickets on. A client always checks the server's chain and name; a server
that is given a CA requires a client certificate of it. There is no parameter that weakens this.
OpenSSL judges times by the system's own clock. `ssl.create_default_context` is not used: it would
trust the system's CAs too, honours SSLKEYLOGFILE, and changes between Python versions.
"""

import asyncio
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.errors import NotPemError, RefusedByTlsError, WrongKeyUsageError
from certs.files import read_public
from certs.identity import Identity, common_name_of


def server_context(
    identity: Identity, client_ca: Path | None = None, crl: Path | None = None
) -> ssl.SSLContext:
    """A listener's context. With `client_ca`, nobody without a certificate of that CA gets in; with `crl`,
    nobody whose certificate its revocation list names either.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _present(context, identity, purpose=ExtendedKeyUsageOID.SERVER_AUTH.dotted_string)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        _trust(context, client_ca)
    if crl is not None:
        _refuse_revoked(context, crl)
    return context


def client_context(ca: Path, identity: Identity | None = None, crl: Path | None = None) -> ssl.SSLContext:
    """A caller's context: trusts `ca` alone, checks the server's name, presents `identity` if given.

    With `crl` it refuses a server that the CA's revocation list names, and any server once the list is over.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # requires a certificate and checks the name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _trust(context, ca)
    if crl is not None:
        _refuse_revoked(context, crl)
    if identity is not None:
        _present(context, identity, purpose=ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string)
    return context


def peer_common_name(connection: ssl.SSLObject | ssl.SSLSocket | asyncio.BaseTransport | None) -> str | None:
    """The CN of the other side's certificate; None if it showed none, or one without exactly one CN.

    The contexts above let nobody show a certificate that they did not verify.
    """
    certificate = peer_certificate(connection)
    return None if certificate is None else common_name_of(certificate)


def peer_certificate(
    connection: ssl.SSLObject | ssl.SSLSocket | asyncio.BaseTransport | None,
) -> x509.Certificate | None:
    """The other side's certificate; None if it showed none."""
    if isinstance(connection, asyncio.BaseTransport):
        connection = connection.get_extra_info("ssl_object")
    if not isinstance(connection, ssl.SSLObject | ssl.SSLSocket):
        return None
    certificate = connection.getpeercert(binary_form=True)
    return None if certificate is None else x509.load_der_x509_certificate(certificate)


_ANY_PURPOSE = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string
_PURPOSE_NAMES = {
    ExtendedKeyUsageOID.SERVER_AUTH.dotted_string: "a server (serverAuth)",
    ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string: "a client (clientAuth)",
}


def _present(context: ssl.SSLContext, identity: Identity, *, purpose: str) -> None:
    if identity.purposes is not None and not identity.purposes & {purpose, _ANY_PURPOSE}:
        raise WrongKeyUsageError(
            f"certificate {identity.certificate}",
            why=f"its extended key usage does not let it be {_PURPOSE_NAMES[purpose]}",
            to_do="Name another certificate in the settings, or ask its issuer for one with this usage.",
        )
    try:
        context.load_cert_chain(identity.certificate, identity.key, identity.passphrase or _none_expected)
    except ssl.SSLError as error:
        raise RefusedByTlsError(
            f"certificate {identity.certificate} with private key {identity.key}",
            why=f"OpenSSL refuses it ({error.reason})",
            to_do="Ask for a certificate with an ECDSA P-256 or RSA 2048 key, signed with SHA-256.",
        ) from error


def _none_expected() -> bytes:
    """Else OpenSSL would ask whoever sits at the terminal."""
    return b""


def _refuse_revoked(context: ssl.SSLContext, crl: Path) -> None:
    try:
        x509.load_pem_x509_crl(read_public(crl))
        context.load_verify_locations(cafile=crl)
    except (ValueError, ssl.SSLError) as error:
        raise NotPemError(
            f"revocation list {crl}",
            why="it holds no CRL in PEM",
            to_do="Convert it: openssl crl -inform DER -in FILE -out FILE.pem",
        ) from error
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF


def _trust(context: ssl.SSLContext, ca: Path) -> None:
    trusted = trusted_certificates(ca)
    context.load_verify_locations(cadata=b"".join(one.public_bytes(Encoding.DER) for one in trusted))


def trusted_certificates(ca: Path) -> list[x509.Certificate]:
    """The CAs of a file. Raises NotPem- or FileUnreadableError."""
    try:
        return x509.load_pem_x509_certificates(read_public(ca))
    except ValueError as error:
        raise NotPemError(
            f"file of trusted CAs {ca}",
            why="it holds no certificate in PEM",
            to_do="Put the certificate of the CA that issued the other side's certificate there.",
        ) from error
