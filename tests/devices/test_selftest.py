import asyncio
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

import pytest

from devices.actions import Who
from devices.drivers import DeviceClass, Surroundings, open_device
from devices.emulators.printer import PrinterFaults, Roll
from devices.emulators.terminals import PseudoTerminal
from devices.escpos.profile import PROFILES
from devices.escpos.reading import printed_text
from devices.escpos.sheet import KAZAKH
from devices.selftest import Answer, Verdict, When, interactive_tests, quick_tests
from devices.serial_port import SerialPort

DRIVERS = {
    DeviceClass.CARD_READER: "emv",
    DeviceClass.PIN_PAD: "visa",
    DeviceClass.RECEIPT_PRINTER: "escpos",
}


@dataclass(frozen=True)
class Subject:
    device_class: DeviceClass
    driver: str
    device: Any
    name: str = "it"


@dataclass(frozen=True)
class Choice:
    driver: str
    port: str = "emulator"


class Person:
    """Who guides a test along, and answers everything alike."""

    def __init__(self, answer=Answer.YES):
        self.answer = answer
        self.told = []

    async def tell(self, code):
        self.told.append(code)

    async def ask(self, code, *, deadline_seconds):
        self.told.append(code)
        return self.answer


@pytest.fixture
async def opened(request):
    around = Surroundings(today=lambda: date(2026, 11, 22), random_bytes=Random(7).randbytes)
    driver = DRIVERS[request.param]
    async with open_device(request.param, Choice(driver), around) as opened:
        yield Subject(request.param, driver, opened.device), opened.emulator


@pytest.fixture
async def opened_port():
    """A PIN pad whose port somebody else has open."""
    around = Surroundings(today=lambda: date(2026, 11, 22), random_bytes=Random(7).randbytes)
    async with PseudoTerminal() as line:
        rival = SerialPort(line.path)
        await rival.open()
        async with open_device(DeviceClass.PIN_PAD, Choice("visa", line.path), around) as opened:
            yield Subject(DeviceClass.PIN_PAD, "visa", opened.device)
        await rival.close()


def every(*classes):
    return pytest.mark.parametrize("opened", classes or tuple(DRIVERS), indirect=True, ids=str)


async def verdicts(tests, person=None):
    return {test.id: await test.run(person or Person()) for test in tests}


@every()
async def test_a_device_that_is_well_passes_everything(opened):
    subject, _ = opened
    found = await verdicts([*quick_tests(subject), *interactive_tests(subject)])
    assert {result.verdict for result in found.values()} == {Verdict.PASS}, found
    assert all(name.startswith("it.") for name in found)


@every()
async def test_a_quick_test_asks_for_nobody(opened):
    subject, _ = opened
    person = Person()
    await verdicts(quick_tests(subject), person)
    assert person.told == []


@every()
async def test_a_device_that_is_gone_does_not_answer_and_staff_must_come(opened):
    subject, emulator = opened
    emulator.unplug()
    for result in (await verdicts(quick_tests(subject))).values():
        assert result.verdict in {Verdict.NOT_ANSWERED, Verdict.FAIL}
        assert (result.who, result.when) == (Who.STAFF, When.NOW)
        assert result.next_step


@every(DeviceClass.RECEIPT_PRINTER)
@pytest.mark.parametrize(
    ("faults", "verdict", "next_step"),
    [
        (PrinterFaults(roll=Roll.OUT), Verdict.FAIL, "paperOut"),
        (PrinterFaults(roll=Roll.LOW), Verdict.PASS, "paperLow"),
        (PrinterFaults(cover_open=True), Verdict.FAIL, "userError"),
    ],
)
async def test_what_a_printer_lacks_has_a_next_step(opened, faults, verdict, next_step):
    subject, emulator = opened
    emulator.faults = faults
    [result] = (await verdicts(quick_tests(subject))).values()
    assert (result.verdict, result.next_step, result.who) == (verdict, next_step, Who.STAFF)


@every(DeviceClass.RECEIPT_PRINTER)
async def test_the_sheet_has_every_kazakh_letter_and_the_tenge(opened):
    subject, emulator = opened
    [sheet] = interactive_tests(subject)
    await sheet.run(Person())
    text = "\n".join(printed_text(emulator.jobs[0], PROFILES["escpos"]))
    assert KAZAKH in text
    assert "₸" in text


@every(DeviceClass.RECEIPT_PRINTER, DeviceClass.PIN_PAD)
@pytest.mark.parametrize(
    ("answer", "verdict"), [(Answer.NO, Verdict.FAIL), (Answer.NONE, Verdict.NOT_ANSWERED)]
)
async def test_a_person_who_saw_nothing_decides(opened, answer, verdict):
    subject, _ = opened
    found = await verdicts(interactive_tests(subject), Person(answer))
    assert {result.verdict for result in found.values()} == {verdict}


@every(DeviceClass.PIN_PAD)
async def test_a_pad_that_fails_its_own_test_needs_an_engineer(opened):
    subject, emulator = opened
    emulator.faults.self_test = "1"
    found = await verdicts(quick_tests(subject))
    assert (found["it.self_test"].verdict, found["it.self_test"].who) == (Verdict.FAIL, Who.ENGINEER)
    assert found["it.self_test"].next_step == "ramFail"


@every(DeviceClass.CARD_READER)
async def test_a_mute_card_is_told_from_a_bad_reader(opened):
    subject, emulator = opened
    emulator.auto_card.faults.mute = True
    [result] = (await verdicts(interactive_tests(subject))).values()
    assert (result.verdict, result.next_step) == (Verdict.NOT_ANSWERED, "insert_card")


@every(DeviceClass.PIN_PAD)
async def test_a_pad_at_which_somebody_types_is_skipped_and_not_waited_for(opened):
    subject, emulator = opened
    emulator.keypad.auto_pin = None
    asking = asyncio.create_task(
        subject.device.enter_pin(pan="4012345678909", amount_text="1.00", deadline_seconds=20)
    )
    await emulator.keypad.asked.wait()
    found = await verdicts(quick_tests(subject))
    assert {result.verdict for result in found.values()} == {Verdict.SKIPPED}
    emulator.keypad.press("1234")
    emulator.keypad.enter()
    assert (await asking).succeeded


async def test_a_port_that_another_program_holds_is_no_customer(opened_port):
    subject = opened_port
    [status, *_] = [await test.run(Person()) for test in quick_tests(subject)]
    assert (status.verdict, status.next_step, status.who) == (Verdict.FAIL, "portBusy", Who.ENGINEER)
