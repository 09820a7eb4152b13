"""What a technician asks of a terminal that runs: real devices' drivers, their emulators behind them."""

import asyncio

import pytest

from agent.journal import latest
from agent.journeys import bill_store
from agent.journeys.bill import Ending
from agent.journeys.bill import State as JourneyState
from agent.maintenance import IN_MAINTENANCE, State
from agent.technician.control import ANOTHER_TEST, NO_SUCH_TEST, technician_commands
from devices.selftest import Verdict
from gateway.sandbox.faults import Fault, FaultName, Position, Rule
from spool import ControlError

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def call(terminal):
    commands = technician_commands(terminal)

    async def _call(name, **arguments):
        answer = commands[name](arguments)
        if hasattr(answer, "__aiter__"):
            return [item async for item in answer]
        return await answer

    return _call


async def test_each_device_says_what_it_is_how_it_is_and_which_tests_it_has(call):
    devices = {item["device"]: item for item in await call("devices.list")}
    assert list(devices) == ["reader", "pin_pad", "printer"]
    assert devices["pin_pad"]["driver"] == "visa"
    assert "pin_pad.keypad" in devices["pin_pad"]["guided_tests"]


async def test_every_quick_test_passes_at_devices_that_are_well(call):
    results = await call("devices.test")
    assert {result["verdict"] for result in results} == {Verdict.PASS}, results
    assert {result["device"] for result in results} == {"reader", "pin_pad", "printer"}
    [one] = await call("devices.test", id="pin_pad.serial_number")
    assert one["measured"]


async def test_a_test_that_is_not_there_is_told_those_that_are(call):
    with pytest.raises(ControlError, match=r"pin_pad\.keypad") as refused:
        await call("devices.test", id="scale")
    assert refused.value.code == NO_SUCH_TEST


async def test_quick_tests_run_while_a_customer_pays(terminal, call, pay):
    paying = asyncio.create_task(pay(terminal))
    await call("devices.test", id="printer")
    assert (await paying).ending is Ending.PAID


async def test_a_guided_test_takes_the_terminal_tells_asks_and_gives_it_back(terminal, call):
    commands, seen = technician_commands(terminal), []
    async for item in commands["devices.guide"]({"test": "printer.sheet"}):
        seen.append(item)
        if item.get("question"):
            assert await terminal.assembly.gate.obstacles() == [IN_MAINTENANCE]
            assert await call("devices.answer", answer="yes") == {"asked": True}
    assert [item["question"] for item in seen if item.get("question")] == ["sheet_readable"]
    assert seen[-1]["verdict"] is Verdict.PASS
    assert terminal.assembly.maintenance.state is State.SERVING


async def test_a_payment_in_flight_comes_to_its_end_before_the_terminal_is_taken(terminal, call, pay, bank):
    bank.sandbox.faults.rules.append(_slow_payment())
    paying = asyncio.create_task(pay(terminal))
    await _sending(terminal)
    assert (await call("maintenance", order="take"))["state"] is State.WAITING
    assert (await paying).ending is Ending.PAID
    await terminal.assembly.maintenance.take()
    assert (await pay(terminal)).ending is Ending.OUT_OF_SERVICE
    assert (await call("maintenance", order="leave"))["state"] is State.SERVING
    assert (await pay(terminal)).ending is Ending.PAID


def _slow_payment():
    return Rule(Fault(FaultName.DELAY, Position.AFTER), operation="bank_payment", count=1)


async def _sending(terminal):
    async with asyncio.timeout(20):
        while True:
            journeys = await terminal.spool.read(lambda tx: bill_store.latest(tx, 1))
            if journeys and journeys[0].state in {JourneyState.SENDING, JourneyState.ASKING}:
                return
            await asyncio.sleep(0.01)


async def test_two_guided_tests_do_not_meet(terminal, call):
    await terminal.assembly.maintenance.take()
    terminal.assembly.tests.begin("pin_pad.display")
    with pytest.raises(ControlError) as refused:
        await call("devices.guide", test="printer.sheet")
    assert refused.value.code == ANOTHER_TEST
    assert terminal.assembly.maintenance.state is State.MAINTAINED, "who did not take it gives nothing back"


async def test_a_report_comes_out_of_the_terminals_own_printer(terminal, call):
    jobs = terminal.devices.emulators.printer.jobs
    before = len(jobs)
    answer = await call("report.print", lines=["Технический отчёт", "Принтер: ИСПРАВНО", "", "ӘҒҚҢӨҰҮҺІ"])
    assert answer["printed"], answer
    assert len(jobs) == before + 1


async def test_watching_tells_each_device_and_then_what_changes(terminal):
    watching = technician_commands(terminal)["devices.watch"]({})
    first = [await anext(watching) for _ in range(3)]
    assert [item["device"] for item in first] == ["reader", "pin_pad", "printer"]
    await watching.aclose()


async def test_every_action_stands_in_the_journal(terminal, call):
    await call("devices.test", id="reader.status")
    await call("maintenance", order="take")
    await call("maintenance", order="leave")
    await call("support")
    names = {line.name for line in await terminal.spool.read(lambda tx: latest(tx, 50))}
    assert {"test.ended", "maintenance.maintained", "maintenance.serving", "support.taken"} <= names


async def test_a_guided_test_that_is_begun_stopped_or_given_up_stands_in_the_journal(terminal):
    tests, maintenance = terminal.assembly.tests, terminal.assembly.maintenance
    ends = {"pin_pad.display": tests.stop, "printer.sheet": maintenance.leave}
    for test, end in ends.items():
        await maintenance.take()
        guided = tests.begin(test)
        while guided.question is None:
            await guided.change(guided.count)
        await end()
    lines = [(line.name, line.data) for line in await terminal.spool.read(lambda tx: latest(tx, 50))]
    for test in ends:
        assert ("test.begun", {"test": test}) in lines
        assert ("test.stopped", {"test": test}) in lines
