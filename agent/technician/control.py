"""What a technician may ask of a running terminal, as commands of its control socket.

| command | arguments | answers |
|---|---|---|
| devices.list | – | each device: what it is, its state, what it last said, its tests |
| devices.watch | – | the same for each device, and again whenever something of it changes; for ever |
| devices.test | id?: a device or a quick test | each quick test's result, as it ends |
| devices.guide | test | what to do and what is asked, then the result; takes the terminal for as long |
| devices.answer | answer: yes, no | whether somebody had asked |
| maintenance | order?: take, leave | the state; `take` does not wait |
| report.print | lines | whether the terminal's printer has proved it |
| support | – | what only the process knows, one named file after the other |
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from typing import Any, Final

from agent import logs
from agent.advice import NOTHING, advice_of
from agent.command_arguments import Arguments, read
from agent.device_metrics import of_devices
from agent.device_tests import AnotherTestError, Ended, Guided, NoSuchTestError, NotInMaintenanceError
from agent.maintenance import AT_ONCE_SECONDS, State
from agent.technician.paper import printed
from agent.terminal import Terminal
from agent.terminal_devices import TerminalDevices
from devices.selftest import (
    PRINT_SECONDS,
    Answer,
    TestResult,
    interactive_tests,
    of_status,
    quick_tests,
)
from devices.supervisor import Supervised
from gateway.metrics import of_spool
from spool import ControlError
from spool.control import Command

Item = dict[str, Any]
NO_SUCH_TEST: Final = "no_such_test"
ANOTHER_TEST: Final = "another_test"
NOT_TAKEN: Final = "not_taken"
_LOOK_SECONDS: Final = 0.5
_EVENTS: Final = 20
_LONGEST_PAPER: Final = 200  # lines
_CUSTOMER_SECONDS: Final = 20.0  # a report waits so long for whoever is being served


class Order(StrEnum):
    TAKE = "take"
    LEAVE = "leave"


class TestArguments(Arguments):
    __test__ = False  # pytest takes the class for tests of its own by its name

    id: str | None = None


class GuideArguments(Arguments):
    test: str


class AnswerArguments(Arguments):
    answer: Answer


class MaintenanceArguments(Arguments):
    order: Order | None = None


class PaperArguments(Arguments):
    lines: list[str]


def technician_commands(terminal: Terminal) -> Mapping[str, Command]:
    commands = TechnicianCommands(terminal)
    return {
        "devices.list": commands.every,
        "devices.watch": commands.watch,
        "devices.test": commands.test,
        "devices.guide": commands.guide,
        "devices.answer": commands.answer,
        "maintenance": commands.maintenance,
        "report.print": commands.print_report,
        "support": commands.support,
    }


class TechnicianCommands:
    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._tests = terminal.assembly.tests
        self._maintenance = terminal.assembly.maintenance

    async def every(self, _: Item) -> AsyncIterator[Item]:
        for device in self._tests.devices:
            yield device_item(device)

    async def watch(self, _: Item) -> AsyncIterator[Item]:
        """Whoever asked went away: the next item finds nobody."""
        seen: dict[str, Item] = {}
        while True:
            for device in self._tests.devices:
                item = device_item(device)
                if seen.get(device.name) != item:
                    seen[device.name] = item
                    yield item
            await asyncio.sleep(_LOOK_SECONDS)

    async def test(self, arguments: Item) -> AsyncIterator[Item]:
        wanted = read(TestArguments, arguments).id
        tests = [test for test in self._tests.quick() if wanted in (None, test.device, test.id)]
        if not tests:
            raise self._no_such_test(wanted)
        async for ended in self._tests.run(tests):
            yield ended_item(ended)

    async def guide(self, arguments: Item) -> AsyncIterator[Item]:
        """The terminal goes back to its customers afterwards, if it was taken for this test."""
        wanted = read(GuideArguments, arguments).test
        if wanted not in {test.id for test in self._tests.interactive()}:
            raise self._no_such_test(wanted)
        taken_here = self._maintenance.state is not State.MAINTAINED
        try:
            if taken_here:
                yield {"maintenance": await self._maintenance.ask(patience_seconds=AT_ONCE_SECONDS)}
                await self._maintenance.take()
            guided = self._begun(wanted)
            async for item in _followed(guided):
                yield item
        finally:
            if taken_here:
                await self._maintenance.leave()

    async def answer(self, arguments: Item) -> Item:
        answer = read(AnswerArguments, arguments).answer
        guided = self._tests.guided
        asked = guided is not None and guided.question is not None
        if guided is not None:
            guided.answer(answer)
        return {"asked": asked}

    async def maintenance(self, arguments: Item) -> Item:
        order = read(MaintenanceArguments, arguments).order
        orders: Mapping[Order, Callable[[], Awaitable[State]]] = {
            Order.TAKE: partial(self._maintenance.ask, patience_seconds=AT_ONCE_SECONDS),
            Order.LEAVE: self._maintenance.leave,
        }
        if order is not None:
            await orders[order]()
        return {"state": self._maintenance.state}

    async def print_report(self, arguments: Item) -> Item:
        """Between two customers: a receipt and a report on one paper would serve nobody."""
        lines = read(PaperArguments, arguments).lines[:_LONGEST_PAPER]
        try:
            async with asyncio.timeout(_CUSTOMER_SECONDS):
                await self._terminal.assembly.customers.acquire()
        except TimeoutError:
            return {"printed": False, "error": "busy", "detail": "a customer is being served"}
        try:
            return await self._print(lines)
        finally:
            self._terminal.assembly.customers.release()

    async def _print(self, lines: list[str]) -> Item:
        answer = await print_report(self._terminal.devices, {"lines": lines})
        await self._terminal.assembly.note("report.printed", {"printed": answer["printed"]})
        return answer

    async def support(self, _: Item) -> AsyncIterator[Item]:
        """Events and frames never hold card data, nor does a log; the bundle looks once more."""
        for device in self._tests.devices:
            events = [asdict(event) for event in device.events()]
            yield _file(f"devices/{device.name}.events.json", _json(events))
            frames = "".join(f"{seen.at.isoformat()} {seen.what}\n" for seen in device.last_frames())
            yield _file(f"devices/{device.name}.frames.txt", frames)
        yield _file("log.txt", "".join(f"{line}\n" for line in logs.recent()))
        health, now = await self._terminal.spool.health(), self._terminal.assembly.parts.now()
        numbers = [*of_devices(self._tests.devices), *of_spool(health, now)]
        yield _file("metrics.txt", "".join(f"{line}\n" for line in numbers))
        await self._terminal.assembly.note("support.taken", {})

    def _begun(self, test: str) -> Guided:
        try:
            return self._tests.begin(test)
        except NoSuchTestError:
            raise self._no_such_test(test) from None
        except NotInMaintenanceError:
            raise ControlError(NOT_TAKEN, "somebody gave the terminal back meanwhile") from None
        except AnotherTestError:
            raise ControlError(ANOTHER_TEST, "another test is being done at this terminal") from None

    def _no_such_test(self, wanted: str | None) -> ControlError:
        there_is = ", ".join(test.id for test in (*self._tests.quick(), *self._tests.interactive()))
        return ControlError(NO_SUCH_TEST, f"there is no test {wanted!r} here; there is {there_is}")


def device_item(device: Supervised) -> Item:
    said = of_status(device.status)
    return {
        "device": device.name,
        "class": device.device_class,
        "driver": device.driver,
        "port": device.port,
        "connection": device.state,
        "status": device.status.device,
        **result_item(said),
        "reconnects": device.reconnects,
        "errors": dict(device.errors),
        "tests": [test.id for test in quick_tests(device)],
        "guided_tests": [test.id for test in interactive_tests(device)],
        "events": [json.loads(_json(asdict(event))) for event in device.events(_EVENTS)],
    }


async def print_report(devices: TerminalDevices, arguments: Item) -> Item:
    """Lines on the terminal's own paper: whether they were proved to be there."""
    lines = read(PaperArguments, arguments).lines[:_LONGEST_PAPER]
    result = await devices.ports.printer.print_receipt(printed(lines, devices.profile), PRINT_SECONDS)
    return {"printed": result.succeeded, "error": result.error, "detail": result.detail}


def result_item(result: TestResult) -> Item:
    """`code` is the device's word for what is wrong, `next_step` names a text of `agent.texts.advice`: who comes
    and when is its word too, as `tolem doctor` says it.
    """
    advice = advice_of(result.next_step) if result.next_step else NOTHING
    return {
        "verdict": result.verdict,
        "measured": result.measured,
        "code": result.next_step,
        "next_step": advice.step,
        "who": advice.who,
        "when": advice.when,
    }


def ended_item(ended: Ended) -> Item:
    return {"test": ended.test.id, "device": ended.test.device, **result_item(ended.result)}


async def _followed(guided: Guided) -> AsyncIterator[Item]:
    """What a guided test says, and at the end its result."""
    while guided.result is None:
        count = guided.count
        yield {"told": guided.told, "question": guided.question}
        await guided.change(count)
    yield ended_item(Ended(guided.test, guided.result))


def _file(name: str, text: str) -> Item:
    return {"name": name, "text": text}


def _json(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False, indent=1)
