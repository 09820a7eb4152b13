"""The certificate that listeners show, exchanged while they listen.

A listener keeps one context for its whole life. Each new connection is led from it to the newest one, which
was made whole before, so that no handshake meets half of an exchange; what is open stays as it began.
"""

import ssl
from pathlib import Path

from certs.files import Stamps, stamps_of
from certs.identity import Identity
from certs.pair import Pair
from certs.tls import server_context


class Shown:
    """Made of files that can be used, else CertError; it may be over all the same, see `certs.standing`."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.identity = pair.identity()
        self._listeners: list[_Listener] = []
        self._seen = self._stamps()

    def listener(self, client_ca: Path | None = None, crl: Path | None = None) -> ssl.SSLContext:
        """As `certs.tls.server_context`; whoever connects is shown the pair in use then."""
        made = _Listener(self.identity, client_ca, crl)
        self._listeners.append(made)
        self._seen = self._stamps()
        return made.context

    def refresh(self) -> bool:
        """Take files that were changed since: all listeners, or none.

        Raises CertError and goes on as before if they cannot be used.
        """
        stamps = self._stamps()
        if stamps == self._seen:
            return False
        self._seen = stamps
        identity = self.pair.identity()
        newest = [listener.context_of(identity) for listener in self._listeners]
        for listener, context in zip(self._listeners, newest, strict=True):
            listener.newest = context
        self.identity = identity
        return True

    def _stamps(self) -> Stamps:
        trusted = [path for listener in self._listeners for path in (listener.client_ca, listener.crl)]
        return stamps_of((*self.pair.in_use, *trusted))


class _Listener:
    def __init__(self, identity: Identity, client_ca: Path | None, crl: Path | None) -> None:
        self.client_ca = client_ca
        self.crl = crl
        self.newest = self.context = self.context_of(identity)
        self.context.sni_callback = self._lead

    def context_of(self, identity: Identity) -> ssl.SSLContext:
        return server_context(identity, self.client_ca, self.crl)

    def _lead(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """OpenSSL asks for every connection, also for one that names no server."""
        connection.context = self.newest
