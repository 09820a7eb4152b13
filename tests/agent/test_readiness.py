import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from agent.journeys.ports import PAPER_OUT, Devices
from agent.readiness import Finding, Level, ReadinessGate, questions
from devices.interfaces import DeviceState, Status
from gateway.client import Unreachable
from gateway.contract import Readiness

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
WELL = Status(DeviceState.ONLINE, {"paper": "full", "cover": "closed"})


class Device:
    def __init__(self, status=WELL):
        self._status = status

    async def status(self):
        return self._status


class Gateway:
    """Answers in order; the last answer is repeated."""

    def __init__(self, *answers):
        self.answers = [*answers] or [readiness()]
        self.asked = 0

    async def readiness(self):
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def readiness(*reasons, time=NOW):
    return Readiness(ready=not reasons, reasons=list(reasons), time=time)


@pytest.fixture
def gate(spool):
    def _gate(
        *,
        reader=WELL,
        pad=WELL,
        printer=WELL,
        scanner=None,
        gateway=None,
        free_disk_bytes=0,
        patience_seconds=0.0,
    ):
        asked = questions(
            devices=Devices(Device(reader), Device(pad), Device(printer)),
            gateway=gateway or Gateway(),
            spool=spool,
            now=lambda: NOW,
            clock_skew=timedelta(seconds=120),
            free_disk_bytes=free_disk_bytes,
            scanner=scanner and Device(scanner),
        )
        return ReadinessGate(asked, patience_seconds=patience_seconds)

    return _gate


async def test_a_terminal_that_has_proved_everything_is_ready(gate):
    assert await gate().obstacles() == []


@pytest.mark.parametrize("part", ["reader", "pad", "printer"])
@pytest.mark.parametrize("state", sorted(set(DeviceState) - {DeviceState.ONLINE}))
async def test_a_device_that_is_not_online_is_an_obstacle_by_name(gate, part, state):
    [obstacle] = await gate(**{part: Status(state)}).obstacles()
    assert obstacle.endswith(f".{state}")


async def test_a_scanner_that_is_away_is_told_and_stops_nobody(gate):
    without = gate(scanner=Status(DeviceState.POWER_OFF))
    assert await without.obstacles() == []
    assert ("scanner.powerOff", Level.WARNING) in {(it.code, it.level) for it in await without.findings()}


@pytest.mark.parametrize(
    ("measured", "code", "level"),
    [
        ({"paper": "out", "cover": "closed"}, PAPER_OUT, Level.OBSTACLE),
        ({"paper": "full", "cover": "open"}, "printer.cover_open", Level.OBSTACLE),
        ({"paper": "low", "cover": "closed"}, "printer.paper_low", Level.WARNING),
        ({"paper": "unknown", "cover": "closed"}, "printer.paper_unknown", Level.WARNING),
    ],
)
async def test_paper_and_cover_are_told_by_what_was_measured(gate, measured, code, level):
    findings = await gate(printer=Status(DeviceState.ONLINE, measured)).findings()
    assert (code, level) in {(found.code, found.level) for found in findings}


@pytest.mark.parametrize(
    ("answer", "obstacle"),
    [
        (Unreachable("cut"), "gateway.unreachable"),
        (readiness("eport_breaker_open"), "gateway.eport_breaker_open"),
        (readiness(time=NOW + timedelta(seconds=121)), "clock.differs"),
        (readiness(time=NOW - timedelta(seconds=121)), "clock.differs"),
    ],
)
async def test_what_the_gateway_says_against_it_is_an_obstacle(gate, answer, obstacle):
    assert await gate(gateway=Gateway(answer)).obstacles() == [obstacle]


async def test_too_little_disk_is_an_obstacle(gate):
    assert await gate(free_disk_bytes=10**18).obstacles() == ["store.low"]


async def test_a_line_that_is_just_being_made_is_waited_for(gate):
    gateway = Gateway(Unreachable("not yet"), readiness("card_host_unreachable"), readiness())
    assert await gate(gateway=gateway, patience_seconds=5).obstacles() == []
    assert gateway.asked == 3


async def test_what_does_not_pass_by_itself_is_not_waited_for(gate):
    gateway = Gateway(readiness("card_host_unreachable", "eport_breaker_open"))
    assert len(await gate(gateway=gateway, patience_seconds=5).obstacles()) == 2
    assert gateway.asked == 1


async def test_patience_ends(gate):
    gateway = Gateway(readiness("card_host_unreachable"))
    obstacles = await gate(gateway=gateway, patience_seconds=0.01).obstacles()
    assert obstacles == ["gateway.card_host_unreachable"]
    assert gateway.asked > 1


async def test_two_who_ask_at_once_do_not_find_the_devices_busy_with_each_other():
    asking = 0

    async def question():
        nonlocal asking
        asking += 1
        await asyncio.sleep(0)
        busy, asking = asking > 1, asking - 1
        return [Finding("pin_pad", Level.OBSTACLE if busy else Level.READY, "pin_pad.deviceBusy")]

    gate = ReadinessGate([question], patience_seconds=0.0)
    assert await asyncio.gather(gate.obstacles(), gate.obstacles()) == [[], []]


async def test_what_has_failed_is_not_opened_again_by_a_technician(gate):
    failed = gate()
    failed.close("terminal.maintenance")
    failed.fail("terminal.part_failed")
    failed.open()
    assert await failed.obstacles() == ["terminal.part_failed"]
    assert (await failed.findings())[0].code == "terminal.part_failed"
