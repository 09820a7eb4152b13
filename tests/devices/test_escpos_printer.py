"""The driver against the emulated printer, over a real pseudo-terminal."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from devices.emulators.printer import EmulatedPrinter, PrinterFaults, Roll
from devices.emulators.terminals import PseudoTerminal
from devices.escpos import conditions
from devices.escpos.elements import Columns, Cut, Line, Qr
from devices.escpos.layout import layout
from devices.escpos.opcodes import proof
from devices.escpos.printer import NOTHING_PRINTED, EscposPrinter, PrinterTimers
from devices.escpos.profile import PROFILES
from devices.escpos.reading import printed_text
from devices.interfaces import Completion, DeviceState
from devices.serial_port import SerialPort

PROFILE = PROFILES["escpos_compatible_58"]
RECEIPT = layout([Line("Түбіртек № 1"), Columns("Сома", "1 500,00 ₸"), Qr("632600001234"), Cut()], PROFILE)
SOON = 0.4
AMPLE = 20.0


@pytest.fixture
async def emulated() -> AsyncIterator[EmulatedPrinter]:
    async with EmulatedPrinter(PseudoTerminal()) as printer:
        yield printer


@pytest.fixture
async def driver(emulated: EmulatedPrinter) -> AsyncIterator[EscposPrinter]:
    printer = EscposPrinter(SerialPort(emulated.path), timers=PrinterTimers(status_seconds=SOON))
    yield printer
    await printer.close()


async def test_a_job_is_printed_byte_for_byte_and_proved(emulated, driver):
    assert (await driver.print_receipt(RECEIPT, AMPLE)).succeeded
    assert emulated.jobs == [RECEIPT]


async def test_jobs_at_once_come_out_one_after_the_other(emulated, driver):
    jobs = [layout([Line(f"Чек {n}"), Cut()], PROFILE) for n in range(5)]
    results = await asyncio.gather(*(driver.print_receipt(job, AMPLE) for job in jobs))
    assert all(result.succeeded for result in results)
    assert emulated.jobs == jobs


@pytest.mark.parametrize(
    ("faults", "state", "measured"),
    [
        (PrinterFaults(), DeviceState.ONLINE, {"paper": "full", "cover": "closed"}),
        (PrinterFaults(roll=Roll.LOW), DeviceState.ONLINE, {"paper": "low", "cover": "closed"}),
        (PrinterFaults(roll=Roll.OUT), DeviceState.ONLINE, {"paper": "out", "cover": "closed"}),
        (PrinterFaults(cover_open=True), DeviceState.USER_ERROR, {"paper": "full", "cover": "open"}),
        (
            PrinterFaults(roll=Roll.OUT, cover_open=True),
            DeviceState.USER_ERROR,
            {"paper": "out", "cover": "open"},
        ),
        (
            PrinterFaults(cutter_jammed=True),
            DeviceState.HARDWARE_ERROR,
            {"paper": "jammed", "cover": "closed"},
        ),
        (PrinterFaults(unrecoverable=True), DeviceState.HARDWARE_ERROR, {"paper": "full", "cover": "closed"}),
        (PrinterFaults(silent=True), DeviceState.OFFLINE, {"paper": "unknown", "cover": "unknown"}),
    ],
)
async def test_the_printers_own_word_becomes_its_status(emulated, driver, faults, state, measured):
    emulated.faults = faults
    status = await driver.status()
    assert (status.device, status.measured) == (state, measured)


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (PrinterFaults(roll=Roll.OUT), "paperOut"),
        (PrinterFaults(cover_open=True), "coverOpen"),
        (PrinterFaults(cutter_jammed=True), "cutterJammed"),
        (PrinterFaults(silent=True), "noAnswer"),
    ],
)
async def test_a_printer_that_cannot_print_is_sent_nothing(emulated, driver, faults, error):
    emulated.faults = faults
    result = await driver.print_receipt(RECEIPT, AMPLE)
    assert (result.completion, result.error) == (Completion.DEVICE_NOT_READY, error)
    emulated.faults = PrinterFaults()
    assert (await driver.print_receipt(RECEIPT, AMPLE)).succeeded
    assert emulated.jobs == [RECEIPT]


async def test_paper_near_its_end_still_prints(emulated, driver):
    emulated.faults = PrinterFaults(roll=Roll.LOW)
    assert (await driver.print_receipt(RECEIPT, AMPLE)).succeeded


async def test_paper_that_ends_in_mid_job_leaves_a_doubt_and_its_cause(emulated, driver):
    emulated.faults = PrinterFaults(out_after_bytes=len(RECEIPT) // 2)
    result = await driver.print_receipt(RECEIPT, SOON)
    assert (result.completion, result.error) == (Completion.HARDWARE_ERROR, "paperOut")
    assert result.completion not in NOTHING_PRINTED
    assert printed_text(emulated.unfinished, PROFILE)[0] == "Түбіртек № 1"
    assert emulated.jobs == []


async def test_a_job_without_its_proof_is_in_doubt_although_it_was_printed(emulated, driver):
    emulated.faults = PrinterFaults(proves_nothing=True)
    result = await driver.print_receipt(RECEIPT, SOON)
    assert (result.completion, result.error) == (Completion.TIME_OUT, "notProved")
    assert emulated.jobs == [RECEIPT]


async def test_the_late_proof_of_an_earlier_job_proves_nothing(emulated, driver):
    emulated.faults = PrinterFaults(out_after_bytes=100)
    assert not (await driver.print_receipt(RECEIPT, SOON)).succeeded
    emulated.faults = PrinterFaults(proves_nothing=True)
    assert (await driver.print_receipt(RECEIPT, SOON)).error == "notProved"


async def test_a_printer_that_takes_no_bytes_holds_nobody_longer_than_the_deadline(emulated, driver):
    assert (await driver.status()).device is DeviceState.ONLINE
    emulated.faults = PrinterFaults(deaf=True)
    result = await driver.print_receipt(RECEIPT * 20, SOON)
    assert (result.completion, result.error) == (Completion.DEVICE_NOT_READY, "noAnswer")


async def test_noise_before_an_answer_is_not_taken_for_it(emulated, driver):
    emulated.faults = PrinterFaults(noise=b"\x00\xff\x37\x22")
    assert (await driver.status()).measured == {"paper": "full", "cover": "closed"}
    assert (await driver.print_receipt(RECEIPT, AMPLE)).succeeded


async def test_a_slow_line_takes_its_time_and_succeeds(emulated, driver):
    emulated.faults = PrinterFaults(bytes_per_second=len(RECEIPT) * 4)
    assert (await driver.print_receipt(RECEIPT, AMPLE)).succeeded


async def test_a_printer_that_is_printing_says_busy_instead_of_being_asked(emulated, driver):
    emulated.faults = PrinterFaults(bytes_per_second=len(RECEIPT) * 4)
    job = asyncio.create_task(driver.print_receipt(RECEIPT, AMPLE))
    await asyncio.sleep(0)
    assert (await driver.status()).device is DeviceState.DEVICE_BUSY
    assert (await job).succeeded


async def test_an_unplugged_printer_is_no_printer_and_back_again_prints(tmp_path):
    async with EmulatedPrinter(PseudoTerminal(link=tmp_path / "printer")) as emulated:
        driver = EscposPrinter(SerialPort(emulated.path))
        emulated.faults = PrinterFaults(bytes_per_second=len(RECEIPT) / 3)
        job = asyncio.create_task(driver.print_receipt(RECEIPT, AMPLE))
        await emulated.until(lambda: emulated.unfinished)
        emulated.unplug()
        result = await job
        assert (result.completion, result.error) == (Completion.CONNECTION_LOST, "portLost")
        assert (await driver.status()).device is DeviceState.POWER_OFF
        assert (await driver.print_receipt(RECEIPT, AMPLE)).completion in NOTHING_PRINTED
        emulated.faults = PrinterFaults()
        emulated.plug()
        assert (await driver.print_receipt(RECEIPT, AMPLE)).succeeded
        assert emulated.jobs == [RECEIPT]
        assert len(emulated.torn) == 1
        await driver.close()


async def test_after_a_job_cut_short_the_next_one_is_whole(emulated, driver):
    """The broken image must not swallow the beginning of the next receipt."""
    long = RECEIPT[:-4] * 40
    emulated.faults = PrinterFaults(bytes_per_second=2000)
    broken = asyncio.create_task(driver.print_receipt(long, AMPLE))
    await emulated.until(lambda: emulated.unfinished)
    emulated.faults = PrinterFaults(deaf=True)
    broken.cancel()
    await asyncio.gather(broken, return_exceptions=True)
    emulated.faults = PrinterFaults()
    assert (await driver.print_receipt(RECEIPT, AMPLE)).succeeded
    assert emulated.jobs[-1].endswith(RECEIPT)


async def test_a_closed_printer_stays_closed(emulated, driver):
    await driver.close()
    assert (await driver.status()).device is DeviceState.POWER_OFF
    assert (await driver.print_receipt(RECEIPT, AMPLE)).completion in NOTHING_PRINTED


@pytest.mark.parametrize("condition", conditions.CONDITIONS, ids=lambda row: f"{row.group}-{row.mask:02x}")
def test_each_condition_alone_is_told_by_its_name(condition):
    answers = dict.fromkeys(conditions.GROUPS, 0x12) | {condition.group: 0x12 | condition.mask}
    status = conditions.status_of(answers)
    assert status.device is condition.state
    assert condition.measured is None or condition.measured in status.measured.items()
    told = conditions.obstacle(answers)
    assert told == (None if condition.error == "paperLow" else (condition.error, condition.advice))


class TappedPort(SerialPort):
    """A serial port that remembers what went out."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.sent = b""

    async def write(self, data: bytes, deadline_seconds: float) -> None:
        self.sent += data
        await super().write(data, deadline_seconds)


async def test_the_wire_carries_status_then_the_job_then_the_request_for_proof(emulated):
    port = TappedPort(emulated.path)
    driver = EscposPrinter(port, random=lambda count: bytes([0x12, 0x34][:count]))
    for _ in range(2):
        port.sent = b""
        assert (await driver.print_receipt(RECEIPT, AMPLE)).succeeded
        status = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
        assert port.sent == status + RECEIPT + b"\x1d\x28\x48\x06\x00\x30\x30ABCD"
    await driver.close()


def test_one_group_without_an_answer_is_enough_not_to_print():
    fine = dict.fromkeys(conditions.GROUPS, 0x12)
    assert conditions.obstacle(fine) is None
    for group in conditions.GROUPS:
        answers = {number: byte for number, byte in fine.items() if number != group}
        assert conditions.obstacle(answers) is not None
        assert conditions.status_of(answers).device is not DeviceState.ONLINE


def test_the_worst_of_several_conditions_is_the_one_that_is_told():
    answers = {1: 0x1A, 2: 0x36, 3: 0x12, 4: 0x7E}
    assert conditions.obstacle(answers) == ("coverOpen", "close the cover")
    assert conditions.status_of(answers).measured == {"paper": "out", "cover": "open"}


def test_no_byte_of_a_proof_passes_for_a_status_byte():
    for high in range(256):
        driver = EscposPrinter(SerialPort("/nowhere"), random=lambda count, high=high: bytes([high] * count))
        answer = proof(driver._new_process_id())
        assert not any(map(conditions.is_status_byte, answer))
