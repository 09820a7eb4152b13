"""The emulated printer as the wire sees it: literal bytes of PROTOCOLS §8, no driver of ours."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from devices.emulators.printer import EmulatedPrinter, PrinterFaults, Roll
from devices.emulators.terminals import PseudoTerminal

CUT = b"\x1dV\x42\x00"
RECEIPT = b"\x1b@\x1bt\x11OK\n" + CUT
PROVE = b"\x1d\x28\x48\x06\x00\x30\x30ABCD"
PROOF = b"\x37\x22ABCD\x00"


class Line:
    """A driver's end of the pseudo-terminal, without a driver."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def write(self, data: bytes) -> None:
        assert os.write(self._fd, data) == len(data)

    async def read(self, count: int) -> bytes:
        got = b""
        async with asyncio.timeout(10):
            while len(got) < count:
                try:
                    got += os.read(self._fd, count - len(got))
                except BlockingIOError:
                    await asyncio.sleep(0.005)
        return got

    def close(self) -> None:
        os.close(self._fd)


@pytest.fixture
async def printer() -> AsyncIterator[EmulatedPrinter]:
    async with EmulatedPrinter(PseudoTerminal()) as emulated:
        yield emulated


@pytest.fixture
def line(printer: EmulatedPrinter):
    opened = Line(printer.path)
    yield opened
    opened.close()


async def test_a_job_ends_with_its_cut_and_is_told(printer, line):
    told: list[bytes] = []
    async with EmulatedPrinter(PseudoTerminal(), printed=told.append) as other:
        wire = Line(other.path)
        wire.write(RECEIPT + PROVE)
        assert await wire.read(7) == PROOF
        wire.close()
    assert told == other.jobs == [RECEIPT]


async def test_the_proof_leaves_only_when_all_before_it_is_on_paper(printer, line):
    printer.faults = PrinterFaults(out_after_bytes=5)
    line.write(RECEIPT + PROVE + b"\x10\x04\x01")
    assert await line.read(1) in {b"\x12", b"\x1a"}
    await printer.until(lambda: printer.faults.stopped)
    line.write(b"\x10\x04\x04")
    assert await line.read(1) == b"\x7e"
    assert printer.unfinished == b"\x1b@\x1bt\x11"
    printer.faults = PrinterFaults()
    assert await line.read(7) == PROOF
    assert printer.jobs == [RECEIPT]


@pytest.mark.parametrize(
    ("faults", "answers"),
    [
        (PrinterFaults(), b"\x12\x12\x12\x12"),
        (PrinterFaults(roll=Roll.LOW), b"\x12\x12\x12\x1e"),
        (PrinterFaults(roll=Roll.OUT), b"\x1a\x32\x12\x7e"),
        (PrinterFaults(cover_open=True), b"\x1a\x16\x12\x12"),
        (PrinterFaults(cutter_jammed=True), b"\x1a\x52\x1a\x12"),
    ],
)
async def test_status_bytes_are_those_of_the_manual(printer, line, faults, answers):
    printer.faults = faults
    for group, answer in enumerate(answers, start=1):
        line.write(bytes([0x10, 0x04, group]))
        assert await line.read(1) == bytes([answer])


async def test_status_is_answered_from_inside_an_image_and_byte_by_byte(printer, line):
    line.write(b"\x1dv0\x00\x01\x00\x08\x00\xff\x10")
    line.write(b"\x04")
    line.write(b"\x01")
    assert await line.read(1) == b"\x12"
    line.write(b"\xff\xff\xff\xff" + CUT + PROVE)
    assert await line.read(7) == PROOF
    assert printer.jobs == [b"\x1dv0\x00\x01\x00\x08\x00\xff\x10\x04\x01\xff\xff\xff\xff" + CUT]


async def test_a_silent_printer_prints_and_says_nothing(printer, line):
    printer.faults = PrinterFaults(silent=True)
    line.write(b"\x10\x04\x01" + RECEIPT + PROVE)
    await printer.until(lambda: printer.jobs)
    printer.faults = PrinterFaults()
    line.write(b"\x10\x04\x02")
    assert await line.read(1) == b"\x12"


async def test_losing_power_loses_what_was_not_printed(tmp_path):
    async with EmulatedPrinter(PseudoTerminal(link=tmp_path / "printer")) as printer:
        line = Line(printer.path)
        printer.faults = PrinterFaults(out_after_bytes=2)
        line.write(RECEIPT)
        await printer.until(lambda: printer.faults.stopped)
        printer.unplug()
        line.close()
        printer.faults = PrinterFaults()
        printer.plug()
        again = Line(printer.path)
        again.write(RECEIPT + PROVE)
        assert await again.read(7) == PROOF
        again.close()
    assert printer.torn == [b"\x1b@"]
    assert printer.jobs == [RECEIPT]
