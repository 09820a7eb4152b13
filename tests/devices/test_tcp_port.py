import asyncio

import pytest

from devices.errors import PortLostError, PortStalledError
from devices.tcp_port import TcpPort

SOON = 5.0  # a deadline that a working test never reaches


class Printer:
    """Listens as a network printer does, and keeps what it hears."""

    def __init__(self):
        self.lines = asyncio.Queue()
        self._writers = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    async def _serve(self, reader, writer):
        self._writers.append(writer)
        await self.lines.put((reader, writer))


@pytest.fixture
async def printer():
    async with Printer() as printer:
        yield printer


@pytest.fixture
async def port(printer):
    port = TcpPort("127.0.0.1", printer.port)
    yield port
    await port.close()


async def test_bytes_go_both_ways(printer, port):
    await port.open()
    reader, writer = await printer.lines.get()
    await port.write(b"job", SOON)
    assert await reader.readexactly(3) == b"job"
    writer.write(b"answer")
    assert await port.read(SOON, most=3) == b"ans"
    assert await port.read(SOON) == b"wer"
    assert await port.read(0.01) == b""


async def test_nobody_listening_is_a_lost_port(printer, port):
    await printer.__aexit__()
    with pytest.raises(PortLostError):
        await port.open()


async def test_a_write_to_a_dead_peer_succeeds_once_and_the_line_comes_back(printer, port):
    await port.open()
    _, writer = await printer.lines.get()
    writer.transport.abort()
    await port.write(b"nobody will print this", SOON)
    with pytest.raises(PortLostError):
        await port.read(SOON)
    await port.open()
    reader, writer = await printer.lines.get()
    await port.write(b"this", SOON)
    assert await reader.readexactly(4) == b"this"


async def test_a_peer_that_takes_nothing_stalls_the_write(printer, port):
    await port.open()
    _, writer = await printer.lines.get()
    with pytest.raises(PortStalledError):
        await port.write(bytes(1 << 25), 0.05)
    writer.transport.abort()


async def test_closing_ends_whoever_waits(printer, port):
    await port.open()
    reading = asyncio.create_task(port.read(SOON))
    await asyncio.sleep(0)
    await port.close()
    with pytest.raises(PortLostError):
        await reading


async def test_flushing_forgets_what_came_in(printer, port):
    await port.open()
    _, writer = await printer.lines.get()
    writer.write(b"stale")
    assert await port.read(SOON, most=1) == b"s"
    await port.flush_input()
    writer.write(b"fresh")
    assert await port.read(SOON) == b"fresh"
