"""e-port's clock as a witness: heard with its answers, asked for with a bank_status when it has not spoken lately."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.certificates.line import LineHealth
from gateway.eport.operations import Operation
from gateway.eport_clock import LATELY_SECONDS, EportClock
from spool import Breakers, BreakerSettings
from tests.gateway.registry.conftest import VirtualTimeLoop

HEARD = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 09:00:00 GMT"


class Answers:
    """e-port; it puts a date on its answers, or is silent."""

    def __init__(self, line):
        self._line = line
        self.asked, self.date = [], DATE

    async def send(self, operation, message, *, txn_id):
        self.asked.append((operation, message, txn_id))
        if self.date is not None:
            self._line.answered(self.date)


async def question():
    return "26112200000000000001", b"<request/>"


@pytest.fixture
def line(clock):
    return LineHealth(clock)


@pytest.fixture
def eport(line):
    return Answers(line)


@pytest.fixture
def witness(line, eport, store):
    return EportClock(line, eport, Breakers(store), question)


async def test_who_has_just_answered_is_not_asked(witness, line, eport):
    line.answered(DATE)
    assert (await witness()) - HEARD < timedelta(seconds=LATELY_SECONDS)
    assert eport.asked == []


async def test_who_has_not_spoken_is_asked_and_a_silence_is_no_time(witness, eport):
    eport.date = None
    assert await witness() is None
    eport.date = DATE
    assert (await witness()) - HEARD < timedelta(seconds=LATELY_SECONDS)
    assert eport.asked == [(Operation.STATUS, b"<request/>", "26112200000000000001")] * 2


async def test_while_the_breaker_is_open_nobody_is_asked(line, eport, store):
    breakers = Breakers(store, BreakerSettings(opens_after=1))
    breakers.unanswered("eport")
    assert await EportClock(line, eport, breakers, question)() is None
    assert eport.asked == []


async def test_who_speaks_to_e_port_without_a_clock_has_no_witness(eport, store):
    assert await EportClock(None, eport, Breakers(store), question)() is None


def test_its_time_goes_on_by_the_loop_whatever_our_clock_is_set_to(clock):
    line = LineHealth(clock)

    async def main():
        line.answered(DATE)
        clock.advance(days=400)
        await asyncio.sleep(30)
        assert line.heard(within_seconds=60) == HEARD + timedelta(seconds=30)
        await asyncio.sleep(31)
        assert line.heard(within_seconds=60) is None

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
