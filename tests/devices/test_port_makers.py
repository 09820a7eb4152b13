import asyncio
import os

import pytest

from devices.emulators.terminals import PseudoTerminal
from devices.errors import PortBusyError, PortLostError, PortStalledError
from devices.port_makers import port_called
from tests.devices.usb_tree import UsbTree

SOON = 5.0  # a deadline that a working test never reaches
NAME = "usb:A10KZP45"


@pytest.fixture
def tree(tmp_path):
    return UsbTree(tmp_path)


async def echo(port, line, data=b"hello"):
    await port.open()
    await port.write(data, SOON)
    assert await line.read() == data
    await line.write(data)
    assert await port.read(SOON) == data


@pytest.mark.parametrize("name", [NAME, "by-id:usb-FTDI_FT232R_A10KZP45-if00-port0"])
async def test_a_line_by_a_stable_name_is_found_again_at_another_path(tree, name):
    async with PseudoTerminal() as line:
        tree.plug("ttyUSB0", line.path)
        port = port_called(name, tree.discovery)
        await echo(port, line)
        tree.pull("ttyUSB0")
        line.unplug()
        with pytest.raises(PortLostError):
            await port.write(b"gone", SOON)
        with pytest.raises(PortLostError):
            await port.open()
        line.plug()
        tree.plug("ttyUSB7", line.path, location="1-1")
        await echo(port, line)
        await port.close()


async def test_another_device_at_the_old_path_is_not_taken_for_ours(tree):
    async with PseudoTerminal() as line, PseudoTerminal() as other:
        tree.plug("ttyUSB0", line.path)
        port = port_called(NAME, tree.discovery)
        await echo(port, line)
        await port.close()
        tree.pull("ttyUSB0")
        tree.plug("ttyUSB0", other.path, serial="SOMEBODY_ELSE")
        with pytest.raises(PortLostError, match="plugged in"):
            await port.open()


async def test_a_printer_of_the_usb_class_is_read_and_written(tree):
    async with PseudoTerminal() as line:
        port = port_called(tree.plug("lp0", line.path), tree.discovery)
        await echo(port, line)
        assert await port.read(0.01) == b""
        await line.write(b"stale")
        assert await port.read(SOON, most=1) == b"s"
        await port.flush_input()
        await echo(port, line, b"fresh")
        await port.close()


async def test_a_usb_printer_that_takes_nothing_stalls_the_write(tree):
    async with PseudoTerminal() as line:
        port = port_called(tree.plug("lp0", line.path), tree.discovery)
        await port.open()
        with pytest.raises(PortStalledError):
            await port.write(bytes(1 << 20), 0.05)


async def test_a_usb_printer_that_is_pulled_is_lost(tree):
    async with PseudoTerminal() as line:
        port = port_called(tree.plug("lp0", line.path), tree.discovery)
        await port.open()
        reading = asyncio.create_task(port.read(SOON))
        await asyncio.sleep(0)
        line.unplug()
        with pytest.raises(PortLostError):
            await reading


@pytest.mark.parametrize("name", ["ttyUSB0", "lp0"])
async def test_a_port_that_is_taken_names_who_has_it(tree, name):
    async with PseudoTerminal() as line:
        path = tree.plug(name, line.path)
        first, second = port_called(path), port_called(path)
        await first.open()
        with pytest.raises(PortBusyError, match=f"pid {os.getpid()} "):
            await second.open()
        await first.close()
        await second.open()
        await second.close()
