import asyncio
import os

import pytest

from devices.emulators.terminals import PseudoTerminal, UnpluggedError


async def test_bytes_pass_untouched_in_both_directions():
    every_byte = bytes(range(256))
    async with PseudoTerminal() as line:
        near = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
        os.write(near, every_byte)
        received = b""
        while len(received) < len(every_byte):
            received += await line.read()
        await line.write(every_byte)
        assert os.read(near, 4096) == every_byte == received
        os.close(near)


async def test_unplugging_ends_a_waiting_read_on_both_sides():
    line = PseudoTerminal()
    near = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
    reading = asyncio.create_task(line.read())
    await asyncio.sleep(0)
    line.unplug()
    with pytest.raises(UnpluggedError):
        await reading
    with pytest.raises(OSError):
        os.write(near, b"x")
    os.close(near)


async def test_a_stable_link_leads_to_the_new_line_after_plugging_in_again(tmp_path):
    link = tmp_path / "pad"
    line = PseudoTerminal(link)
    line.unplug()
    assert not link.is_symlink()
    line.plug()
    near = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
    os.write(near, b"again")
    assert await line.read() == b"again"
    os.close(near)
    line.close()


async def test_a_full_line_holds_the_writer_until_somebody_reads():
    async with PseudoTerminal() as line:
        near = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
        sent = os.urandom(100_000)
        writing = asyncio.create_task(line.write(sent))
        received = b""
        while len(received) < len(sent):
            received += await asyncio.to_thread(os.read, near, 4096)
        await writing
        assert received == sent
        os.close(near)
