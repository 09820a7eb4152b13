"""What a technician can test at each device, and what a test came to.

A quick test needs nobody and is safe while customers are served: it prints nothing, asks for nothing and
is skipped where the device is busy with somebody. An interactive one guides a person through a `Prompter`.
Texts are codes here: words in three languages are the agent's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from devices.actions import ACTIONS, WHO, Action, Who, action_against
from devices.drivers import DeviceClass
from devices.escpos.sheet import sample_sheet
from devices.interfaces import DeviceState, Result, Status

T = TypeVar("T")

QUICK_SECONDS: Final = 10.0
PRINT_SECONDS: Final = 30.0
PERSON_SECONDS: Final = 60.0  # for each thing that a person is asked to do


class Verdict(StrEnum):
    PASS = "PASS"  # noqa: S105 - the word of a report, no secret
    FAIL = "FAIL"
    SKIPPED = "SKIPPED"
    NOT_ANSWERED = "NOT ANSWERED"


class When(StrEnum):
    NOW = "now"
    SOON = "soon"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    NONE = "none"  # nobody answered in time


@dataclass(frozen=True)
class TestResult:
    """`measured`: what the device said. `next_step`: a code, empty if there is nothing to do."""

    __test__ = False  # pytest takes the class for tests of its own by its name

    verdict: Verdict
    measured: str = ""
    next_step: str = ""
    who: Who = Who.NOBODY
    when: When = When.SOON


class Prompter(Protocol):
    """The person who guides an interactive test along. `code` names a text."""

    async def tell(self, code: str) -> None:
        """Something to do, while the test waits for the device to see it."""

    async def ask(self, code: str, *, deadline_seconds: float) -> Answer:
        """A question that is answered by yes or no."""


class Subject(Protocol):
    """One device of `devices.supervisor.Supervisor`, as far as tests go."""

    @property
    def name(self) -> str: ...

    @property
    def device_class(self) -> DeviceClass: ...

    @property
    def driver(self) -> str: ...

    @property
    def device(self) -> Any:
        """The driver's own object: an `interfaces.CardReader`, `PinPad`, `ReceiptPrinter`…"""


Run = Callable[[Prompter], Awaitable[TestResult]]


@dataclass(frozen=True)
class SelfTest:
    """`id` is `device.test`, such as `pin_pad.self_test`; `run` ends by itself, and may be cancelled."""

    id: str
    device: str
    device_class: DeviceClass
    interactive: bool
    run: Run


def failed(result: Result[Any]) -> TestResult:
    """The verdict on a command that came to nothing."""
    action = action_against(result) or Action.MAINTENANCE
    word = result.error or result.completion.value
    return TestResult(Verdict.FAIL, result.detail or word, word, WHO[action], When.NOW)


def of_status(status: Status) -> TestResult:
    """The verdict on what a device says of itself."""
    measured = ", ".join(f"{key} {value}" for key, value in status.measured.items())
    if status.device is DeviceState.DEVICE_BUSY and status.detail:  # with another program
        return TestResult(Verdict.FAIL, status.detail, "portBusy", WHO[ACTIONS["portBusy"]], When.NOW)
    if status.device is DeviceState.DEVICE_BUSY:
        return TestResult(Verdict.SKIPPED, "busy", "busy")
    for (key, value), cause in _CAUSES.items():
        if status.measured.get(key) == value:
            return TestResult(cause.verdict, status.detail, cause.next_step, cause.who, cause.when)
    if status.device is not DeviceState.ONLINE:
        verdict, who, when = _OFFLINE.get(status.device, _FAULTY)
        return TestResult(verdict, status.detail or status.device.value, status.device.value, who, when)
    for (key, value), worse in _LACKS.items():
        if status.measured.get(key) == value:
            return TestResult(worse.verdict, measured, worse.next_step, worse.who, worse.when)
    return TestResult(Verdict.PASS, measured or status.device.value)


_FAULTY: Final = (Verdict.FAIL, Who.STAFF, When.NOW)
_SILENT: Final = (Verdict.NOT_ANSWERED, Who.STAFF, When.NOW)
_OFFLINE: Final[Mapping[DeviceState, tuple[Verdict, Who, When]]] = {
    DeviceState.POWER_OFF: _SILENT,
    DeviceState.NO_DEVICE: _SILENT,
    DeviceState.OFFLINE: _SILENT,
    DeviceState.HARDWARE_ERROR: (Verdict.FAIL, Who.ENGINEER, When.NOW),
    DeviceState.STARTING: (Verdict.SKIPPED, Who.NOBODY, When.SOON),
}
"""What a device that is not online calls for; any other state is a fault that staff looks at first."""

_CAUSES: Final[Mapping[tuple[str, str], TestResult]] = {
    ("card", "silent"): TestResult(Verdict.FAIL, "", "cardSilent", Who.STAFF, When.NOW),
}
"""What a device measures that tells more than its state: a card that is silent may be just a bad card."""

_LACKS: Final[Mapping[tuple[str, str], TestResult]] = {
    ("card", "severalSilent"): TestResult(Verdict.PASS, "", "cardsSilent", Who.ENGINEER, When.SOON),
    ("paper", "out"): TestResult(Verdict.FAIL, "", "paperOut", Who.STAFF, When.NOW),
    ("paper", "low"): TestResult(Verdict.PASS, "", "paperLow", Who.STAFF, When.SOON),
    ("paper", "unknown"): TestResult(Verdict.NOT_ANSWERED, "", "paperUnknown", Who.STAFF, When.SOON),
    ("keys", "notLoaded"): TestResult(Verdict.FAIL, "", "keyNotFound", Who.ENGINEER, When.NOW),
}
"""What a device that is online may still lack."""


@dataclass(frozen=True)
class _Kind:
    """A row of the table of tests: the same test for every device of a class."""

    name: str
    run: Callable[[Subject, Prompter], Awaitable[TestResult]]
    deadline_seconds: float
    interactive: bool = False


def quick_tests(device: Subject) -> Sequence[SelfTest]:
    """Those that need nobody, in the order in which they make sense."""
    return [_test(device, kind) for kind in _KINDS[device.device_class] if not kind.interactive]


def interactive_tests(device: Subject) -> Sequence[SelfTest]:
    """Those that guide a person. The device serves no customer meanwhile: that is the caller's care."""
    return [_test(device, kind) for kind in _KINDS[device.device_class] if kind.interactive]


def _test(device: Subject, kind: _Kind) -> SelfTest:
    return SelfTest(
        id=f"{device.name}.{kind.name}",
        device=device.name,
        device_class=device.device_class,
        interactive=kind.interactive,
        run=partial(_in_time, device, kind),
    )


async def _in_time(device: Subject, kind: _Kind, prompter: Prompter) -> TestResult:
    """NOT ANSWERED after the test's time. Whoever is being served is not waited for: SKIPPED."""
    try:
        async with asyncio.timeout(kind.deadline_seconds):
            status = await device.device.status()
            if status.device is DeviceState.DEVICE_BUSY:
                return of_status(status)
            return await kind.run(device, prompter)
    except TimeoutError:
        return TestResult(Verdict.NOT_ANSWERED, "no answer in time", "noAnswer", Who.STAFF, When.NOW)


async def _status(device: Subject, _: Prompter) -> TestResult:
    return of_status(await device.device.status())


async def _pad_self_test(device: Subject, _: Prompter) -> TestResult:
    return _of_result(await device.device.self_test(), lambda found: ", ".join(map(" ".join, found.items())))


async def _pad_serial_number(device: Subject, _: Prompter) -> TestResult:
    return _of_result(await device.device.serial_number(), str)


async def _pad_display(device: Subject, prompter: Prompter) -> TestResult:
    shown = await device.device.show(["TOLEM 0123456789", "ABCDEFGHIJKLMNOP"])
    if not shown.succeeded:
        return failed(shown)
    return await _seen(prompter, "pad_display_seen", next_step="display")


async def _pad_keypad(device: Subject, prompter: Prompter) -> TestResult:
    """The pad's own test: it shows each key that is pressed, until all were."""
    await prompter.tell("press_every_key")
    pressed = await device.device.diagnostic("keypad")
    if not pressed.succeeded:
        return failed(pressed)
    return await _seen(prompter, "keypad_good", next_step="keypad")


async def _card(device: Subject, prompter: Prompter) -> TestResult:
    """ATR and applications of any card. Nothing of the card is read."""
    reader = device.device
    await prompter.tell("insert_card")
    inserted = await reader.wait_for_card(PERSON_SECONDS)
    if not inserted.succeeded:
        return failed(inserted) if action_against(inserted) else _nobody_came(inserted)
    listed = await reader.applications()
    await prompter.tell("take_card")
    taken = await reader.release_card(PERSON_SECONDS)
    if listed.value is None:
        return failed(listed)
    if not taken.succeeded:
        return TestResult(Verdict.FAIL, taken.detail, "take_card", Who.STAFF, When.NOW)
    return TestResult(Verdict.PASS, ", ".join(application.label for application in listed.value))


async def _scan(device: Subject, prompter: Prompter) -> TestResult:
    """Any code. How long it is, is told; what it says is somebody's."""
    await prompter.tell("scan_any_code")
    read = await device.device.read(PERSON_SECONDS)
    if read.value is None and action_against(read) is None:
        return TestResult(Verdict.NOT_ANSWERED, read.detail, "scan_any_code", Who.NOBODY, When.SOON)
    return _of_result(read, lambda code: f"{len(code)} characters")


async def _sheet(device: Subject, prompter: Prompter) -> TestResult:
    """Every Kazakh letter, ₸ and a QR code, on paper."""
    printed = await device.device.print_receipt(sample_sheet(device.driver), PRINT_SECONDS)
    if not printed.succeeded:
        return failed(printed)
    return await _seen(prompter, "sheet_readable", next_step="code_pages")


def _of_result(result: Result[T], measured: Callable[[T], str]) -> TestResult:
    if result.value is None:
        return failed(result)
    return TestResult(Verdict.PASS, measured(result.value))


def _nobody_came(result: Result[Any]) -> TestResult:
    return TestResult(Verdict.NOT_ANSWERED, result.detail, "insert_card", Who.NOBODY, When.SOON)


async def _seen(prompter: Prompter, question: str, *, next_step: str) -> TestResult:
    """Ask the person whether it went well. `next_step`: what to do if it did not."""
    answer = await prompter.ask(question, deadline_seconds=PERSON_SECONDS)
    return {
        Answer.YES: TestResult(Verdict.PASS, "seen"),
        Answer.NO: TestResult(Verdict.FAIL, "not seen", next_step, Who.ENGINEER, When.SOON),
        Answer.NONE: TestResult(Verdict.NOT_ANSWERED, "nobody answered"),
    }[answer]


# fmt: off
_KINDS: Final[Mapping[DeviceClass, tuple[_Kind, ...]]] = {
    DeviceClass.CARD_READER: (
        _Kind("status",        _status,            QUICK_SECONDS),
        _Kind("card",          _card,              3 * PERSON_SECONDS, interactive=True),
    ),
    DeviceClass.PIN_PAD: (
        _Kind("status",        _status,            QUICK_SECONDS),
        _Kind("serial_number", _pad_serial_number, QUICK_SECONDS),
        _Kind("self_test",     _pad_self_test,     2 * QUICK_SECONDS),
        _Kind("display",       _pad_display,       2 * PERSON_SECONDS, interactive=True),
        _Kind("keypad",        _pad_keypad,        3 * PERSON_SECONDS, interactive=True),
    ),
    DeviceClass.RECEIPT_PRINTER: (
        _Kind("status",        _status,            QUICK_SECONDS),
        _Kind("sheet",         _sheet,             2 * PERSON_SECONDS, interactive=True),
    ),
    DeviceClass.BARCODE_READER: (
        _Kind("status",        _status,            QUICK_SECONDS),
        _Kind("scan",          _scan,              2 * PERSON_SECONDS, interactive=True),
    ),
}
# fmt: on
