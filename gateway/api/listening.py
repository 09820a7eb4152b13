"""Where the API is listened for: a Unix socket for our own user, mutual TLS for terminals, loopback for metrics."""

import os
import socket
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from gateway.settings import SettingsError, host_and_port

_OURS_ALONE: Final = 0o600
_BACKLOG: Final = 256


@asynccontextmanager
async def serving(app: web.Application, *, shutdown_seconds: float) -> AsyncIterator[web.AppRunner]:
    """The application without a place to listen at. At its end nothing new is accepted, and what is being
    answered has `shutdown_seconds`.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_seconds)
    await runner.setup()
    try:
        yield runner
    finally:
        await runner.cleanup()


async def listen_on_socket(runner: web.AppRunner, path: Path) -> None:
    """A Unix socket that only our own user may open. A leftover of an earlier life is replaced."""
    site = web.SockSite(runner, _bound(path), backlog=_BACKLOG)
    await site.start()


async def listen_on_port(
    runner: web.AppRunner, address: str, *, key: str, ssl_context: ssl.SSLContext | None = None
) -> tuple[str, int]:
    """Where it listens then; port 0 is any that is free. `key` names the setting if it cannot."""
    host, port = host_and_port(address)
    site = web.TCPSite(runner, host, port, ssl_context=ssl_context, backlog=_BACKLOG)
    try:
        await site.start()
    except OSError as error:
        raise SettingsError(f"{key}: cannot listen at {address}: {error.strerror}; choose another") from error
    listening: tuple[str, int] = runner.addresses[-1][:2]
    return listening


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
