"""A server that refuses a client's certificate the way real ones do: with an alert. asyncio's hangs up instead."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def strict_peer(context: ssl.SSLContext) -> AsyncIterator[str]:
    """`https://localhost:PORT`; it shakes hands and closes."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.settimeout(2)
                context.wrap_socket(connection, server_side=True).close()

    thread = asyncio.create_task(asyncio.to_thread(serve))
    port = listener.getsockname()[1]
    try:
        yield f"https://localhost:{port}"
    finally:
        stopping.set()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            pass
        await thread
        listener.close()
