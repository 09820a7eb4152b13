"""A TLS handshake in memory: two contexts, no socket."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from certs.durable import LOCAL, OURS_ALONE


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


class PowerCutError(Exception):
    """The machine is gone; what was not synced may be too."""


@dataclass
class FailingFiles:
    """`certs.durable.FileSystem` of a machine that loses its power at operation number `cut_at`, from 0.

    A file that was being written is torn in two; a rename whose folder was not synced is forgotten if
    `forgets`.
    """

    cut_at: int
    forgets: bool = False
    done: int = 0
    unsynced: list[tuple[Path, Path, bytes | None]] = field(default_factory=list)

    def create(self, path: Path, content: bytes, mode: int) -> None:
        if self.done == self.cut_at:
            LOCAL.create(path, content[: len(content) // 2], mode)
        self._step()
        LOCAL.create(path, content, mode)

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        self.unsynced.append((source, target, target.read_bytes() if target.exists() else None))
        LOCAL.rename(source, target)

    def remove(self, path: Path) -> None:
        self._step()
        LOCAL.remove(path)

    def sync_folder(self, folder: Path) -> None:
        self._step()
        self.unsynced.clear()

    def _step(self) -> None:
        if self.done == self.cut_at:
            self._forget()
            raise PowerCutError
        self.done += 1

    def _forget(self) -> None:
        for source, target, before in reversed(self.unsynced if self.forgets else []):
            LOCAL.rename(target, source)
            if before is not None:
                LOCAL.create(target, before, OURS_ALONE)


@pytest.fixture
def failing_files() -> type[FailingFiles]:
    return FailingFiles


@pytest.fixture
def power_cut() -> type[PowerCutError]:
    return PowerCutError
