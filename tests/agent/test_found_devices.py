"""What is plugged in, by the name to write into the settings, and which device has it there."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.found_devices import LINE, found_devices
from agent.sample_settings import DEVICES, text
from agent.settings import load
from devices.emulators.terminals import PseudoTerminal
from tests.devices.usb_tree import UsbTree


@pytest.fixture
def settings(tmp_path):
    def _settings(**ports):
        sections = {
            f"devices.{name}": {**DEVICES[f"devices.{name}"], "port": ports.get(name, "emulator")}
            for name in ("reader", "pin_pad", "printer")
        }
        node = {"node": {"id": "ATM00017", "data_dir": "node", "role": "terminal"}}
        path = tmp_path / "node.toml"
        path.write_text(text({**node, "agent": {"socket": "gateway.sock"}, **sections}))
        return load(path)

    return _settings


@pytest.mark.parametrize("form", ["usb:A10KZP45", "by-id:usb-FTDI_FT232R_A10KZP45-if00-port0", "PATH"])
async def test_a_line_is_told_by_the_name_that_stays_and_by_whose_it_is(settings, tmp_path, form):
    tree = UsbTree(tmp_path)
    async with PseudoTerminal() as line:
        path = tree.plug("ttyUSB0", line.path)
        port = path if form == "PATH" else form
        found, _ = _found(settings(pin_pad=port), tree)
    [one] = [it for it in found if it.kind == LINE]
    assert (one.port, one.device, one.description) == ("usb:A10KZP45", "pin_pad", "FTDI FT232R")
    assert path in one.place


async def test_a_line_that_nobody_has_is_found_as_well(settings, tmp_path):
    tree = UsbTree(tmp_path)
    async with PseudoTerminal() as line:
        tree.plug("ttyUSB0", line.path)
        found, _ = _found(settings(), tree)
    assert [it.device for it in found if it.kind == LINE] == [None]


def _found(settings, tree):
    """In a thread of its own, as a command does: PC/SC refuses the loop's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(found_devices, settings, tree.discovery).result()
