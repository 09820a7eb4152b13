"""One TCP or TLS connection to the card host: messages in, messages out. It reconnects nothing."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from gateway.funds.framing import Deframer, FramingError, frame

_READ_BYTES: Final = 8192

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
OpenConnection = Callable[..., Awaitable[Streams]]


class LineLostError(Exception):
    """The connection is of no more use, or there was none. The text says why and quotes no bytes."""


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._deframer = Deframer()

    async def send(self, message: bytes) -> None:
        """One frame, whole; frames of several callers do not mix."""
        try:
            self._writer.write(frame(message))
            await self._writer.drain()
        except OSError as error:
            raise LineLostError(_why(error)) from error

    async def messages(self) -> AsyncIterator[bytes]:
        """What arrives, until the connection ends, which it always says by a LineLostError."""
        while True:
            try:
                data = await self._reader.read(_READ_BYTES)
                if not data:
                    raise LineLostError("the host hung up")
                for message in self._deframer.feed(data):
                    yield message
            except OSError as error:
                raise LineLostError(_why(error)) from error
            except FramingError as error:
                raise LineLostError(f"undecodable: {error}") from error

    async def close(self) -> None:
        """Drop it at once: what is still unsent must not leave later."""
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


async def connect(
    open_connection: OpenConnection,
    host: str,
    port: int,
    *,
    ssl_context: ssl.SSLContext | None,
    timeout_seconds: float,
) -> Connection:
    """Open a connection, TLS handshake included; raises LineLostError."""
    of_tls = {} if ssl_context is None else {"ssl": ssl_context, "server_hostname": host}
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await open_connection(host, port, **of_tls)
    except TimeoutError:
        raise LineLostError("no connection in time") from None
    except OSError as error:
        raise LineLostError(_why(error)) from error
    return Connection(reader, writer)


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: the host's certificate: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason}"
    return error.strerror or type(error).__name__
