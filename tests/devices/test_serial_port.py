import asyncio
import threading

import pytest

from devices.emulators.terminals import PseudoTerminal
from devices.errors import PortBusyError, PortLostError, PortStalledError
from devices.serial_port import SerialPort

SOON = 5.0  # a deadline that a working test never reaches


@pytest.fixture
async def line():
    async with PseudoTerminal() as line:
        yield line


@pytest.fixture
async def port(line):
    port = SerialPort(line.path)
    await port.open()
    yield port
    await port.close()


async def test_bytes_go_both_ways(line, port):
    await port.write(b"\x00\x11\x13\xff", SOON)
    assert await line.read() == b"\x00\x11\x13\xff"
    await line.write(b"answer")
    assert await port.read(SOON, most=3) == b"ans"
    assert await port.read(SOON) == b"wer"


async def test_silence_ends_a_read_with_nothing(port):
    assert await port.read(0.01) == b""


async def test_a_cancelled_read_loses_no_bytes(line, port):
    for _ in range(20):
        reading = asyncio.create_task(port.read(SOON))
        await asyncio.sleep(0)
        await line.write(b"kept")
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        received = b"" if reading.cancelled() else reading.result()
        while len(received) < 4:
            received += await port.read(SOON)
        assert received == b"kept"


async def test_flushing_forgets_what_came_in(line, port):
    await line.write(b"stale")
    assert await port.read(SOON, most=1) == b"s"
    await port.flush_input()
    await line.write(b"fresh")
    assert await port.read(SOON) == b"fresh"


async def test_a_far_end_that_takes_nothing_stalls_the_write(port):
    with pytest.raises(PortStalledError):
        await port.write(bytes(100_000), 0.05)


async def test_unplugging_ends_a_waiting_read(line, port):
    reading = asyncio.create_task(port.read(SOON))
    await asyncio.sleep(0)
    line.unplug()
    with pytest.raises(PortLostError):
        await reading


async def test_unplugging_ends_a_write(line, port):
    line.unplug()
    with pytest.raises(PortLostError):
        await port.write(b"x", SOON)


async def test_unplugging_ends_a_flush(line, port):
    line.unplug()
    with pytest.raises(PortLostError):
        await port.flush_input()


async def test_closing_from_another_task_ends_a_waiting_read(port):
    reading = asyncio.create_task(port.read(SOON))
    await asyncio.sleep(0)
    await port.close()
    with pytest.raises(PortLostError):
        await reading


async def test_closing_from_another_task_ends_a_write_that_waits(port):
    writing = asyncio.create_task(port.write(bytes(100_000), SOON))
    await asyncio.sleep(0)
    await port.close()
    with pytest.raises(PortLostError):
        await writing


async def test_a_lost_port_opens_again_where_the_link_leads(tmp_path):
    async with PseudoTerminal(tmp_path / "pad") as line:
        port = SerialPort(line.path)
        await port.open()
        line.unplug()
        with pytest.raises(PortLostError):
            await port.write(b"x", SOON)
        with pytest.raises(PortLostError, match="no such port"):
            await port.open()
        line.plug()
        await port.open()
        await port.write(b"back", SOON)
        assert await line.read() == b"back"
        await port.close()


async def test_a_port_has_one_owner(line, port):
    with pytest.raises(PortBusyError):
        await SerialPort(line.path).open()


async def test_closing_ends_the_worker(line):
    port = SerialPort(line.path)
    await port.open()
    [worker] = [thread for thread in threading.enumerate() if line.path in thread.name]
    await port.close()
    await asyncio.to_thread(worker.join, SOON)
    assert not worker.is_alive()
