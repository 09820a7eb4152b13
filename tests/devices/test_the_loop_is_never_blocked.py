"""No fault of a device runs a blocking call on the loop's thread: what our modules and pyserial call is watched."""

import asyncio
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from devices.drivers import DeviceClass, DeviceTimers, Surroundings, open_device
from devices.emulators.dukpt import FutureKeys
from devices.emulators.pinpad import EmulatedPad, PadSecrets
from devices.emulators.printer import EmulatedPrinter, PrinterFaults
from devices.emulators.scanner import EmulatedScanner
from devices.emulators.terminals import PseudoTerminal
from devices.escpos.printer import PrinterTimers
from devices.escpos.sheet import sample_sheet
from devices.port_holder import holder
from devices.supervisor import Supervisor, World
from devices.visa_pad.link import PadTimers
from tests.devices.usb_tree import UsbTree
from tests.devices.watching import Choice, Told

SOON = 20.0  # a deadline that a working test never reaches
BRIEF = DeviceTimers(PadTimers(0.1, 0.1, 0.2, 0.2, 0.02), PrinterTimers(0.1), apdu_seconds=0.1)

BLOCKING = {
    *("open", "read", "write", "ioctl", "flock", "poll", "select", "sleep", "stat", "lstat", "readlink"),
    *(
        "listdir",
        "scandir",
        "connect",
        "recv",
        "send",
        "tcflush",
        "tcdrain",
        "tcsetattr",
        "tcgetattr",
        "close",
    ),
    *("fsync", "join"),
}
WAKES = {"ring", "cancel_read", "cancel_write"}  # one byte into a pipe of our own that never fills


def _ours(frame):
    """Who of ours wanted the call; None if asyncio stands between, which knows how to wait, or a log."""
    while frame is not None:
        module, function = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        if module.startswith(("asyncio", "logging", "devices.emulators.")) or function in WAKES:
            return None
        if module.startswith(("devices.", "serial.")):
            return f"{module}.{function}"
        frame = frame.f_back
    return None


@contextmanager
def watched():
    """What was called, by (function, blocking call), by a module of devices or by pyserial on this thread."""
    seen = Counter()

    def watch(frame, event, called):
        if event != "c_call" or called.__name__ not in BLOCKING or isinstance(called.__self__, str):
            return
        if (ours := _ours(frame)) is not None:
            seen[f"{ours}: {called.__name__}"] += 1

    sys.setprofile(watch)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def test_the_watch_sees_a_blocking_call():
    with watched() as seen:
        holder(Path("/nowhere"))
    assert any("port_holder" in call for call in seen)


@pytest.fixture
def tree(tmp_path):
    return UsbTree(tmp_path)


@pytest.fixture
def around(tree):
    return Surroundings(
        today=lambda: date(2026, 11, 22),
        random_bytes=Random(7).randbytes,
        timers=BRIEF,
        discovery=tree.discovery,
    )


def supervised(around, device_class, driver, port="usb:A10KZP45"):
    """A device that is looked after, and what it tells."""
    told = Told()
    world = World(told, lambda: datetime(2026, 11, 22, tzinfo=UTC), Random(7), look_seconds=0.02)
    return told, Supervisor(world).open(
        "it",
        device_class,
        Choice(driver, port),
        around,
        lambda choice, near: open_device(device_class, choice, near),
    )


async def test_a_pin_pad_that_is_noisy_silent_pulled_moved_and_taken(tree, around):
    async with EmulatedPad(PseudoTerminal(), PadSecrets(dukpt=FutureKeys())) as pad:
        tree.plug("ttyUSB0", pad.path)
        _, opening = supervised(around, DeviceClass.PIN_PAD, "visa")
        _, rival = supervised(around, DeviceClass.PIN_PAD, "visa", pad.path)
        with watched() as seen:
            async with opening as opened:
                for fault in ({"noise": b"\x00\x02"}, {"wrong_lrc": 5}, {"silent": True}, {"silent": False}):
                    vars(pad.faults).update(fault)
                    await opened.device.show(["x"])
                async with rival as taken:
                    assert not (await taken.device.show(["x"])).succeeded
                asking = asyncio.create_task(
                    opened.device.enter_pin(pan="4012345678909", amount_text="1.00", deadline_seconds=SOON)
                )
                await pad.keypad.asked.wait()
                sys.setprofile(None)  # what a person does to the tree is no call of ours
                tree.pull("ttyUSB0")
                pad.unplug()
                pad.plug()
                tree.plug("ttyUSB1", pad.path)
                with watched() as afterwards:
                    assert not (await asking).succeeded
                    assert (await opened.device.show(["x"])).succeeded
        assert seen + afterwards == {}


@pytest.mark.parametrize("name", ["ttyUSB0", "lp0"])
async def test_a_printer_that_is_deaf_out_of_paper_and_pulled(tree, around, name):
    async with EmulatedPrinter(PseudoTerminal()) as printer:
        tree.plug(name, printer.path)
        _, opening = supervised(around, DeviceClass.RECEIPT_PRINTER, "escpos")
        job = sample_sheet("escpos")
        with watched() as seen:
            async with opening as opened:
                assert (await opened.device.print_receipt(job, SOON)).succeeded
                for fault in (
                    PrinterFaults(out_after_bytes=100),
                    PrinterFaults(silent=True),
                    PrinterFaults(deaf=True),
                ):
                    printer.faults = fault
                    assert not (await opened.device.print_receipt(job, 0.2)).succeeded
                printer.faults = PrinterFaults()
                printing = asyncio.create_task(opened.device.print_receipt(job, SOON))
                await asyncio.sleep(0)
                printer.unplug()
                assert not (await printing).succeeded
                await opened.device.status()
        assert seen == {}


async def test_a_scanner_that_is_pulled(tree, around):
    async with EmulatedScanner(PseudoTerminal()) as scanner:
        tree.plug("ttyUSB0", scanner.path)
        _, opening = supervised(around, DeviceClass.BARCODE_READER, "serial")
        with watched() as seen:
            async with opening as opened:
                await opened.device.status()
                reading = asyncio.create_task(opened.device.read(SOON))
                await asyncio.sleep(0)
                scanner.unplug()
                assert not (await reading).succeeded
                await opened.device.status()
        assert seen == {}


async def test_a_card_that_hangs_and_a_reader_that_is_pulled(around):
    told, opening = supervised(around, DeviceClass.CARD_READER, "emv", "emulator")
    with watched() as seen:
        async with opening as opened:
            opened.emulator.faults.hang_at = 1
            await opened.device.wait_for_card(SOON)
            assert not (await opened.device.applications()).succeeded
            opened.emulator.unplug()
            assert not (await opened.device.wait_for_card(SOON)).succeeded
    assert told.events
    assert seen == {}


async def test_a_network_printer_that_is_not_there(around):
    _, opening = supervised(around, DeviceClass.RECEIPT_PRINTER, "escpos", "tcp:127.0.0.1:9")
    with watched() as seen:
        async with opening as opened:
            assert not (await opened.device.print_receipt(b"job", SOON)).succeeded
    assert seen == {}
