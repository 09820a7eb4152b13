"""A TLS handshake in memory: two contexts, no socket."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass
class Side:
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO
    tls: ssl.SSLObject


def _side(context: ssl.SSLContext, *, server: bool, name: str | None, session: ssl.SSLSession | None) -> Side:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=server, server_hostname=name, session=session)
    return Side(incoming, outgoing, tls)


def _step(side: Side, action: Callable[[], object]) -> bool:
    try:
        action()
    except ssl.SSLWantReadError:
        return False
    return True


def _carry(client: Side, server: Side) -> None:
    server.incoming.write(client.outgoing.read())
    client.incoming.write(server.outgoing.read())


def shake_hands(
    client_context: ssl.SSLContext,
    server_context: ssl.SSLContext,
    *,
    name: str = "localhost",
    session: ssl.SSLSession | None = None,
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Client's and server's end after both finished; a refusal by either raises ssl.SSLError."""
    client = _side(client_context, server=False, name=name, session=session)
    server = _side(server_context, server=True, name=None, session=None)
    done = {"client": False, "server": False}
    for _ in range(10):
        done["client"] = done["client"] or _step(client, client.tls.do_handshake)
        _carry(client, server)
        done["server"] = done["server"] or _step(server, server.tls.do_handshake)
        _carry(client, server)
        if all(done.values()):
            break
    assert all(done.values())
    server.tls.write(b"!")
    _carry(client, server)
    assert client.tls.read() == b"!"  # the session ticket of TLS 1.3 came before this byte
    return client.tls, server.tls


@pytest.fixture(name="shake_hands")
def _shake_hands() -> Callable[..., tuple[ssl.SSLObject, ssl.SSLObject]]:
    return shake_hands
