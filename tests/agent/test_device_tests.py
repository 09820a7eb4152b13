"""Tests of devices as they are run: quick ones at any time, guided ones with a person and in maintenance only."""

import asyncio

import pytest

from agent.device_tests import AnotherTestError, DeviceTests, NoSuchTestError, NotInMaintenanceError
from agent.maintenance import Maintenance
from agent.readiness import ReadinessGate
from devices.drivers import DeviceClass
from devices.interfaces import Application, Completion, DeviceState, Result, Status
from devices.selftest import Answer, Verdict

DONE = Result(Completion.SUCCESS)


class Device:
    """As the supervisor has it: its name, and a pad that shows what it is told."""

    def __init__(self, name, device_class, driver, **commands):
        self.name, self.device_class, self.driver, self.device = name, device_class, driver, self
        for command, result in commands.items():
            setattr(self, command, self._answering(result))

    def _answering(self, result):
        async def command(*_):
            return result

        return command


def pad(**commands):
    well = Status(DeviceState.ONLINE, {"keys": "loaded"})
    usual = {
        "status": well,
        "self_test": Result(Completion.SUCCESS, {"RAM": "OK"}),
        "serial_number": Result(Completion.SUCCESS, "0123456789"),
        "show": DONE,
        "diagnostic": DONE,
    }
    return Device("pin_pad", DeviceClass.PIN_PAD, "visa", **{**usual, **commands})


def reader():
    listed = Result(Completion.SUCCESS, [Application(b"\xa0", "VISA CREDIT", 1)])
    return Device(
        *("reader", DeviceClass.CARD_READER, "pcsc"),
        status=Status(DeviceState.NO_DEVICE, detail="no reader"),
        wait_for_card=DONE,
        applications=listed,
        release_card=DONE,
    )


@pytest.fixture
async def bench():
    noted = []

    async def note(name, data):
        noted.append((name, dict(data)))

    maintenance = Maintenance(asyncio.Lock(), ReadinessGate([], patience_seconds=0), note, idle_seconds=600)
    tests = DeviceTests(lambda: [reader(), pad()], maintenance, note)
    tests.noted, tests.maintenance = noted, maintenance
    yield tests
    await maintenance.close()


async def test_quick_tests_need_nobody_and_each_is_written_down(bench):
    ended = {it.test.id: it.result.verdict async for it in bench.run(bench.quick())}
    assert ended["reader.status"] is Verdict.NOT_ANSWERED
    assert ended["pin_pad.self_test"] is Verdict.PASS
    assert [data["test"] for name, data in bench.noted if name == "test.ended"] == list(ended)
    assert set(bench.latest) == set(ended)


async def test_those_of_one_device_are_found_by_its_name(bench):
    assert {test.id for test in bench.quick("pin_pad")} == {
        *("pin_pad.status", "pin_pad.serial_number", "pin_pad.self_test")
    }
    assert {test.id for test in bench.interactive("reader")} == {"reader.card"}


async def test_a_guided_test_is_refused_while_customers_are_served(bench):
    with pytest.raises(NotInMaintenanceError):
        bench.begin("pin_pad.keypad")
    with pytest.raises(NoSuchTestError):
        bench.begin("pin_pad.no_such")


async def test_a_person_is_told_what_to_do_and_asked_how_it_went(bench):
    await bench.maintenance.take()
    guided = bench.begin("pin_pad.keypad")
    while guided.question is None:
        await guided.change(guided.count)
    assert (guided.told, guided.question) == ("press_every_key", "keypad_good")
    guided.answer(Answer.NO)
    while guided.result is None:
        await guided.change(guided.count)
    assert (guided.result.verdict, guided.result.next_step) == (Verdict.FAIL, "keypad")


async def test_one_guided_test_at_a_time_and_it_can_be_stopped(bench):
    await bench.maintenance.take()
    guided = bench.begin("pin_pad.display")
    with pytest.raises(AnotherTestError):
        bench.begin("reader.card")
    await asyncio.sleep(0)
    await bench.stop()
    assert guided.result.verdict is Verdict.SKIPPED
    again = bench.begin("reader.card")
    while again.result is None:
        await again.change(again.count)
    assert again.result.measured == "VISA CREDIT"


async def test_giving_the_terminal_back_ends_the_test(bench):
    await bench.maintenance.take()
    guided = bench.begin("pin_pad.display")
    await asyncio.sleep(0)
    await bench.maintenance.leave()
    assert guided.result.verdict is Verdict.SKIPPED


async def test_an_answer_that_nobody_asked_for_changes_nothing(bench):
    await bench.maintenance.take()
    guided = bench.begin("pin_pad.display")
    guided.answer(Answer.YES)
    assert guided.result is None
