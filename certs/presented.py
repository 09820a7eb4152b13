"""The certificate that a caller presents: the one in use, a new one on trial, and files that changed.

A context is made for connections that begin; what is open stays on the one it began with.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

from certs.files import Stamps, stamps_of
from certs.identity import Identity
from certs.pair import Pair
from certs.tls import client_context


@dataclass(frozen=True)
class Staged:
    """A new certificate, and the context with which it is tried."""

    identity: Identity
    context: ssl.SSLContext


class Presented:
    """Made of files that can be used, else CertError; it may be over all the same, see `certs.standing`."""

    def __init__(self, pair: Pair, ca: Path, crl: Path | None = None) -> None:
        self.pair = pair
        self.ca = ca
        self.crl = crl
        self._seen = self._stamps()
        self.identity = pair.identity()
        self.context = self._context(self.identity)

    def finish(self) -> None:
        """What a power cut left of an exchange that was decided."""
        self.pair.settle()

    def refresh(self) -> bool:
        """Take files that were changed since: whoever changed them, the next connection has them.

        Raises CertError and goes on as before if they cannot be used.
        """
        stamps = self._stamps()
        if stamps == self._seen:
            return False
        self._seen = stamps
        identity = self.pair.identity()
        self.context, self.identity = self._context(identity), identity
        return True

    def staged(self) -> Staged | None:
        """What waits for its trial; CertError if it cannot even be tried."""
        identity = self.pair.staged()
        return None if identity is None else Staged(identity, self._context(identity))

    def accept(self, staged: Staged) -> bool:
        """It worked: new connections have it, the old files are kept as `….previous`.

        False: another one was staged meanwhile, which wants a trial of its own.
        """
        waiting = self.pair.staged()
        if waiting is None or waiting.fingerprint != staged.identity.fingerprint:
            return False
        self.pair.accept()
        self.context, self.identity = staged.context, self.pair.identity()
        self._seen = self._stamps()
        return True

    def set_aside(self) -> None:
        """It was refused: the one in use goes on."""
        self.pair.set_aside()

    def _context(self, identity: Identity) -> ssl.SSLContext:
        return client_context(self.ca, identity, self.crl)

    def _stamps(self) -> Stamps:
        return stamps_of((*self.pair.in_use, self.ca, self.crl))
