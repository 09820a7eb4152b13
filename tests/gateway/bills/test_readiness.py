import pytest

from gateway.bills.moves import Move
from gateway.bills.payment_states import State
from gateway.bills.readiness import ReadinessGate
from spool import Breakers


@pytest.fixture
def room() -> list[int]:
    return [10**9]


@pytest.fixture
def breakers(store) -> Breakers:
    return Breakers(store)


@pytest.fixture
def gate(store, breakers, funds, clock, room) -> ReadinessGate:
    return ReadinessGate(
        spool=store,
        breakers=breakers,
        funds=funds,
        now=clock,
        free_disk=lambda: room[0],
        free_disk_needed=10**8,
        last_change=clock(),
    )


def test_a_gateway_that_has_proved_everything_is_ready(gate, clock) -> None:
    answer = gate.answer()
    assert (answer.ready, answer.reasons, answer.time) == (True, [], clock())


def test_an_unproven_line_to_the_card_host(gate, funds) -> None:
    funds.is_reachable = False
    assert gate.reasons() == ["card_host_unreachable"]


async def test_a_breaker_of_e_port_that_is_not_closed(gate, breakers) -> None:
    for _ in range(5):
        breakers.unanswered("eport")
    assert gate.reasons() == ["eport_breaker_open"]
    breakers.answered("eport")
    assert gate.reasons() == []


def test_a_disk_with_too_little_room(gate, room) -> None:
    room[0] = 10**8 - 1
    assert gate.reasons() == ["disk_full"]


def test_a_clock_behind_what_the_store_holds(gate, clock) -> None:
    clock.advance(seconds=-59)
    assert gate.reasons() == []
    clock.advance(seconds=-2)
    assert gate.reasons() == ["clock_wrong"]


def test_each_move_says_what_time_it_is_at_least(gate, clock) -> None:
    clock.advance(hours=1)
    gate(Move("p", "ATM00017", None, "PUT", State.HOLDING, clock()))
    clock.advance(minutes=-30)
    assert gate.reasons() == ["clock_wrong"]


def test_a_clock_that_lost_its_battery(store, breakers, funds, clock) -> None:
    clock.advance(days=-365 * 10)
    gate = ReadinessGate(
        spool=store,
        breakers=breakers,
        funds=funds,
        now=clock,
        free_disk=lambda: 1,
        free_disk_needed=0,
        last_change=clock(),
    )
    assert gate.reasons() == ["clock_wrong"]


def test_a_gateway_that_stops(gate) -> None:
    gate.stopping = True
    assert gate.reasons() == ["stopping"]
