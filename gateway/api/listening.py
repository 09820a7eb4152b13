"""Where the API is listened for: a Unix socket for our own user, mutual TLS for terminals, loopback for metrics.

A port is bound before anything is touched, since it may be another's; it is listened at when there is
somebody to answer.
"""

import os
import socket
import ssl
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from gateway.setting_values import host_and_port
from gateway.settings import SettingsError
from gateway.shutdown import Shutdown

_OURS_ALONE: Final = 0o600
_BACKLOG: Final = 256
Ports = tuple[socket.socket, ...]


@asynccontextmanager
async def serving(app: web.Application, *, shutdown: Shutdown) -> AsyncIterator[web.AppRunner]:
    """The application without a place to listen at. At its end nothing new is accepted, and what is being
    answered has what is left of `shutdown`.
    """
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        yield runner
    finally:
        for site in runner.sites:
            await site.stop()
        if runner.server is not None:
            runner.server.pre_shutdown()
            # aiohttp waits so long for an answer, says that it is cancelled, and waits so long again
            await runner.server.shutdown(shutdown.left_seconds() / 2)
        await runner.cleanup()  # nobody is connected any more


async def listen_on_socket(runner: web.AppRunner, path: Path) -> None:
    """A Unix socket that only our own user may open. A leftover of an earlier life is replaced."""
    site = web.SockSite(runner, _bound(path), backlog=_BACKLOG)
    await site.start()


@contextmanager
def ports_at(address: str | None, *, key: str) -> Iterator[Ports]:
    """Bound and not yet heard, until the end of the block: one for each address of the host, none for None.

    Port 0 is any that is free. `key` names the setting in the SettingsError of one that cannot be had.
    """
    with ExitStack() as stack:
        try:
            bound = tuple(stack.enter_context(_port(*found)) for found in _resolved(address))
        except OSError as error:
            raise _taken(key, address, error) from error
        yield bound


async def listen_on_ports(
    runner: web.AppRunner, ports: Ports, *, ssl_context: ssl.SSLContext | None = None
) -> tuple[str, int] | None:
    """Where it listens then. OSError if another process bound the same port at the same moment."""
    for port in ports:
        await web.SockSite(runner, port, ssl_context=ssl_context, backlog=_BACKLOG).start()
    return ports[-1].getsockname()[:2] if ports else None


async def listen_on_port(runner: web.AppRunner, address: str, *, key: str) -> tuple[str, int]:
    """At one address at once, for what is opened beside something that runs. Raises as `ports_at`."""
    host, port = host_and_port(address)
    try:
        await web.TCPSite(runner, host, port, backlog=_BACKLOG).start()
    except OSError as error:
        raise _taken(key, address, error) from error
    listening: tuple[str, int] = runner.addresses[-1][:2]
    return listening


def _taken(key: str, address: str | None, error: OSError) -> SettingsError:
    return SettingsError(f"{key}: cannot listen at {address}: {error.strerror}; choose another")


def _resolved(address: str | None) -> list[tuple[int, Any]]:
    """The families and socket addresses of what `host:port` names."""
    if address is None:
        return []
    host, port = host_and_port(address)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((int(family), place) for family, _, _, _, place in found))


def _port(family: int, place: Any) -> socket.socket:
    port = socket.socket(family, socket.SOCK_STREAM)
    try:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # those of our last life still time out
        if family == socket.AF_INET6:
            port.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        port.bind(place)
    except OSError:
        port.close()
        raise
    return port


def _bound(path: Path) -> socket.socket:
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
        os.fchmod(unix.fileno(), _OURS_ALONE)  # before bind, so that it is never open to others
        unix.bind(str(path))
    except OSError as error:
        unix.close()
        raise SettingsError(
            f"gateway.socket: cannot listen at {path}: {error}; choose another path"
        ) from error
    return unix
