import pytest

from devices.discovery import Discovery
from devices.emulators.terminals import PseudoTerminal
from tests.devices.usb_tree import UsbTree


@pytest.fixture
def tree(tmp_path):
    return UsbTree(tmp_path)


async def test_a_line_has_every_name_by_which_it_can_be_found_again(tree):
    async with PseudoTerminal() as line:
        path = tree.plug("ttyUSB0", line.path)
        [found] = tree.discovery.lines()
    assert found.path == path
    assert (found.by_id, found.usb_serial) == ("usb-FTDI_FT232R_A10KZP45-if00-port0", "A10KZP45")
    assert (found.location, found.description) == ("1-4.2", "FTDI FT232R")
    assert found.stable_name == "usb:A10KZP45"


async def test_a_device_is_found_by_its_serial_number_wherever_it_is_plugged_in(tree):
    async with PseudoTerminal() as line, PseudoTerminal() as other:
        tree.plug("ttyUSB0", line.path)
        tree.pull("ttyUSB0")
        assert tree.discovery.path_of_serial("A10KZP45") is None
        tree.plug("ttyUSB0", other.path, serial="SOMEBODY_ELSE", location="1-1")
        moved = tree.plug("ttyUSB1", line.path, location="1-3")
        assert tree.discovery.path_of_serial("A10KZP45") == moved


async def test_a_usb_printer_is_a_line_too(tree):
    async with PseudoTerminal() as line:
        path = tree.plug("lp0", line.path, serial="TM0001")
        assert tree.discovery.path_of_serial("TM0001") == path


async def test_a_device_without_a_serial_number_has_its_path(tree):
    async with PseudoTerminal() as line:
        path = tree.plug("ttyUSB0", line.path, serial=None)
        assert [found.stable_name for found in tree.discovery.lines()] == [path]


def test_a_machine_without_lines_has_none(tmp_path):
    assert Discovery(tmp_path / "no sys", tmp_path / "no dev").lines() == []


def test_this_machine_can_be_looked_at():
    assert all(line.path.startswith("/dev/") for line in Discovery().lines())
