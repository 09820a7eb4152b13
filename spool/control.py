"""The control socket: how a command on the same machine talks to the process that owns a store.

A Unix socket, 0600, for its own user and root. One JSON object a line. The client sends
`{"command": …, "arguments": {…}}`; the server answers `{"item": {…}}` any number of times, then
`{"end": true}` or `{"error": {"code": …, "text": …}}`.
"""

import asyncio
import contextlib
import json
import logging
import os
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self

from spool.errors import ControlError, ControlUnavailable, SpoolError

log = logging.getLogger(__name__)

Command = Callable[[dict[str, Any]], AsyncIterator[dict[str, Any]] | Awaitable[dict[str, Any]]]

LONGEST_LINE: Final = 1024 * 1024
LONGEST_PATH: Final = 107  # bytes of a Unix socket's address
REQUEST_SECONDS: Final = 10.0
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred of unix(7)


class ControlServer:
    """Serves `commands` at `path`. A command answers with one object, or with many."""

    def __init__(self, path: Path, commands: Mapping[str, Command]) -> None:
        self.path = path
        self._commands = dict(commands)
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen. A socket that a dead process left behind is replaced; a live one is ControlError."""
        listener = _listen(self.path)
        self._server = await asyncio.start_unix_server(self._talk, sock=listener, limit=LONGEST_LINE)

    async def close(self) -> None:
        """Stop listening, and end what is being answered."""
        if self._server is None:
            return
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        self.path.unlink(missing_ok=True)
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            async for line in self._answer(reader, writer):
                writer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            log.info("spool.control_hung_up")
        except asyncio.CancelledError:
            # by `close`; asyncio logs a talk that ends cancelled as an error
            log.debug("spool.control_closed")
        finally:
            self._talks.discard(talk)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> AsyncIterator[dict[str, Any]]:
        try:
            _check_caller(writer.get_extra_info("socket"))
            command, arguments = await self._request(reader)
            async for item in self._items(command, arguments):
                yield {"item": item}
        except ControlError as error:
            yield _error(error.code, str(error))
        except SpoolError as error:
            yield _error(_code(error), str(error))
        except ConnectionError:
            raise
        except Exception:
            log.exception("spool.control_failed")
            yield _error("internal", "the command failed; the log says why")
        else:
            yield {"end": True}

    async def _items(self, command: str, arguments: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        known = self._commands.get(command)
        if known is None:
            raise ControlError(
                "unknown_command", f"no command {command!r}; there are {sorted(self._commands)}"
            )
        answer = known(arguments)
        if isinstance(answer, AsyncIterator):
            async for item in answer:
                yield item
        else:
            yield await answer

    async def _request(self, reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                request = json.loads(await reader.readline())
        except (ValueError, TimeoutError) as error:
            raise ControlError("bad_request", "a request is one JSON object on one line") from error
        match request:
            case {"command": str(command), "arguments": dict(arguments)} if len(request) == 2:
                return command, arguments
        raise ControlError("bad_request", "a request has a command and its arguments")


async def control_call(
    path: Path, command: str, arguments: Mapping[str, Any] | None = None
) -> AsyncIterator[dict[str, Any]]:
    """What the owner of the socket answers, item by item.

    Raises ControlUnavailable when nobody listens, ControlError with the code that it answered.
    """
    _check_length(path)
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_LINE)
    except OSError as error:
        raise ControlUnavailable("unavailable", f"nobody listens at {path}: {error.strerror}") from error
    try:
        request = {"command": command, "arguments": dict(arguments or {})}
        writer.write(json.dumps(request).encode() + b"\n")
        while line := await reader.readline():
            match json.loads(line):
                case {"item": dict(item)}:
                    yield item
                case {"end": True}:
                    return
                case {"error": {"code": str(code), "text": str(text)}}:
                    raise ControlError(code, text)
        raise ControlUnavailable("cut_off", f"{path} ended in mid-answer")
    except ConnectionError as error:
        raise ControlUnavailable("cut_off", f"{path} ended in mid-answer") from error
    finally:
        writer.close()


def _listen(path: Path) -> socket.socket:
    _check_length(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(listener.fileno(), 0o600)  # before it has a name: nobody else ever sees it open
        _remove_dead(path)
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise ControlError("unusable", f"no socket can be made at {path}: {error.strerror}") from error
    except BaseException:
        listener.close()
        raise
    return listener


def _remove_dead(path: Path) -> None:
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        else:
            raise ControlError("in_use", f"another process listens at {path}")


def _check_length(path: Path) -> None:
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise ControlError("unusable", f"{path} is too long for a socket: at most {LONGEST_PATH} bytes")


def _check_caller(peer: socket.socket) -> None:
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(credentials)
    if uid not in {0, os.geteuid()}:
        raise ControlError("forbidden", "only the owner of the store may give it commands")


def _code(error: SpoolError) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def _error(code: str, text: str) -> dict[str, Any]:
    return {"error": {"code": code, "text": text}}
