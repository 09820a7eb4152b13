"""Who signs documents: a certificate and what its key does, loaded once (an RSA key in PEM costs 50 ms)."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from certs.algorithms import SignatureAlgorithm, SignBytes, signing
from certs.chains import usage_fault
from certs.errors import WrongKeyUsageError
from certs.identity import Identity, first_certificate
from certs.keys import load_signing_key
from certs.passphrases import Passphrase


@dataclass(frozen=True)
class Signer:
    """Made by `load` from files; by its constructor where a token's driver has the key.

    One signer serves any number of threads, if `sign_bytes` does.
    """

    certificate: x509.Certificate
    algorithm: SignatureAlgorithm
    sign_bytes: SignBytes = field(repr=False)

    @classmethod
    def load(
        cls,
        certificate: Path,
        key: Path,
        *,
        now: Callable[[], datetime],
        passphrase: Passphrase | None = None,
    ) -> Self:
        """Raises CertError: not a pair, not in its time, or nothing that verifiers would accept."""
        Identity.load(certificate, key, now=now, passphrase=passphrase)
        own = first_certificate(certificate)
        algorithm, sign_bytes = signing(load_signing_key(key, passphrase))
        fault = usage_fault(own) or (algorithm.provider and algorithm.provider.key_fault(own))
        if fault:
            raise WrongKeyUsageError(
                f"signing certificate {certificate}",
                why=fault.why,
                to_do="Ask its issuer for one with digitalSignature, for an RSA 2048 or a P-256 key.",
            )
        return cls(own, algorithm, sign_bytes)

    @property
    def fingerprint(self) -> str:
        """What the other participants pin: SHA-256 of the certificate, lower-case hex."""
        return self.certificate.fingerprint(SHA256()).hex()

    @property
    def certificate_base64(self) -> str:
        return b64encode(self.certificate.public_bytes(Encoding.DER)).decode()
