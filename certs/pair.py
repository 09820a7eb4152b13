"""A certificate file, its key file, and the places beside them through which both are changed.

Two files cannot be replaced at once. So what is to become the pair waits in one file, certificate and key
together, and its name says how far it has come. One rename makes it the pair; only then the two files
follow, and whoever reads them in between is led to the one that is complete.

| beside the certificate | holds |
|---|---|
| `….next` | staged: for the trial |
| `….proved` | it worked, and is the pair from now on; the two files are being written |
| `….previous` | the pair before |
| `….refused` | staged, and the other side did not take it |

and beside the key `….requested`: the key of a request that has no certificate yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from certs.durable import FOR_ALL_TO_READ, LOCAL, OURS_ALONE, FileSystem, move, put
from certs.errors import CertError, FileUnreadableError, KeyDoesNotFitError
from certs.files import read_public
from certs.identity import Identity
from certs.keys import load_private_key, pem_of
from certs.passphrases import Passphrase


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")


@dataclass(frozen=True)
class Pair:
    """The two paths of the settings, and the passphrase under which keys are written there."""

    certificate: Path
    key: Path
    passphrase: Passphrase | None = field(default=None, repr=False, compare=False)
    files: FileSystem = field(default=LOCAL, repr=False, compare=False)

    @property
    def requested_key(self) -> Path:
        return _beside(self.key, "requested")

    @property
    def next(self) -> Path:
        return _beside(self.certificate, "next")

    @property
    def proved(self) -> Path:
        return _beside(self.certificate, "proved")

    @property
    def previous(self) -> Path:
        return _beside(self.certificate, "previous")

    @property
    def refused(self) -> Path:
        return _beside(self.certificate, "refused")

    @property
    def in_use(self) -> tuple[Path, ...]:
        """Every file that `identity` may read."""
        return self.proved, self.certificate, self.key

    @property
    def exists(self) -> bool:
        """Is there a pair at all? A power cut in the first installation may have left it half in place."""
        return self.proved.exists() or (self.certificate.exists() and self.key.exists())

    def identity(self) -> Identity:
        """The pair in use, its time unchecked. Any fault of the files is a CertError."""
        if self.proved.exists():
            try:
                return self._read(self.proved, self.proved)
            except FileUnreadableError:  # another process has just put it in its place
                return self._read(self.certificate, self.key)
        return self._read(self.certificate, self.key)

    def staged(self) -> Identity | None:
        """What waits for its trial."""
        return self._read(self.next, self.next) if self.next.exists() else None

    def stage(self, chain: Sequence[x509.Certificate], key: PrivateKeyTypes) -> None:
        """Put a new pair beside the old, for whoever tries it. What waited there is replaced."""
        if self.certificate == self.key:
            raise KeyDoesNotFitError(
                f"certificate {self.certificate}",
                why="the settings name one file for the certificate and its key",
                to_do="Name two files.",
            )
        together = pem_of_chain(chain) + pem_of(key, self.passphrase)
        put(self.next, together, mode=OURS_ALONE, files=self.files)

    def accept(self) -> None:
        """The staged pair is the pair from here on, and the one before is kept."""
        move(self.next, self.proved, files=self.files)
        self.settle()

    def set_aside(self) -> None:
        """The other side did not take the staged pair."""
        move(self.next, self.refused, files=self.files)

    def settle(self) -> None:
        """Write the two files from what was proved; what a power cut interrupted goes on here."""
        if not self.proved.exists():
            return
        self._keep_previous()
        together = self.proved.read_bytes()
        chain = x509.load_pem_x509_certificates(together)
        key = load_private_key(self.proved, self.passphrase)
        put(self.key, pem_of(key, self.passphrase), mode=OURS_ALONE, files=self.files)
        put(self.certificate, pem_of_chain(chain), mode=FOR_ALL_TO_READ, files=self.files)
        self._forget_request(key)
        self.files.remove(self.proved)
        self.files.sync_folder(self.proved.parent)

    def _keep_previous(self) -> None:
        """Only what fits together, and is another: on a second run the two files may be half written."""
        try:
            before = self._read(self.certificate, self.key)
        except CertError:
            return
        if before.fingerprint != self._read(self.proved, self.proved).fingerprint:
            kept = read_public(self.certificate) + self.key.read_bytes()
            put(self.previous, kept, mode=OURS_ALONE, files=self.files)

    def _forget_request(self, key: PrivateKeyTypes) -> None:
        if self.requested_key.exists():
            requested = load_private_key(self.requested_key, self.passphrase)
            if requested.public_key() == key.public_key():
                self.files.remove(self.requested_key)

    def _read(self, certificate: Path, key: Path) -> Identity:
        return Identity.read(certificate, key, passphrase=self.passphrase)


def pem_of_chain(chain: Sequence[x509.Certificate]) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)
