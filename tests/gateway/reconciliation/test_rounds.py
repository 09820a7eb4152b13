"""Every day by itself: asked for after its end until it is there, no sooner than e-port says, and reconciled at once."""

import pytest

from gateway.bills.payment_states import Event, State
from gateway.reconciliation import rounds as rounds_module
from gateway.reconciliation.calendar import DAY
from gateway.reconciliation.rounds import DailyRounds
from tests.gateway.reconciliation.conftest import ALMATY, NEXT, TODAY, line_of, registry


@pytest.fixture
def rounds(store, intake, reconciler, closed, clock) -> DailyRounds:
    return DailyRounds(
        store,
        intake,
        reconciler,
        closed,
        zone=ALMATY,
        now=clock,
        look_seconds=60,
        retry_seconds=300,
        late_seconds=43_200,
    )


async def test_a_day_that_goes_on_is_not_asked_for(rounds, paid, closed) -> None:
    await paid()
    await rounds.look()
    assert closed.asked == []


async def test_a_store_without_payments_asks_for_nothing(rounds, closed, clock) -> None:
    clock.advance(days=9)
    await rounds.look()
    assert closed.asked == []


async def test_a_day_that_is_over_is_taken_and_settles_what_was_open(
    rounds, paid, closed, clock, state_of
) -> None:
    payment = await paid(Event.HOLD_APPROVED, Event.UNANSWERED)
    clock.advance(days=1)
    closed.files[TODAY] = registry(TODAY, [line_of(payment)])
    await rounds.look()
    assert await state_of(payment) == State.PAID
    await rounds.look()
    assert closed.asked == [TODAY]


async def test_a_day_that_is_not_closed_is_asked_for_again_when_eport_says(
    rounds, paid, closed, clock
) -> None:
    await paid()
    clock.advance(days=1)
    await rounds.look()
    await rounds.look()
    assert closed.asked == [TODAY]


async def test_a_day_that_may_be_asked_for_again_is(rounds, paid, closed, clock) -> None:
    await paid()
    clock.advance(days=1)
    closed.retry_after = 1e-9
    await rounds.look()
    await rounds.look()
    assert closed.asked == [TODAY, TODAY]


async def test_after_an_outage_every_day_is_fetched_and_the_one_before_is_compared_again(
    rounds, paid, closed, clock, open_cases
) -> None:
    late = await paid()
    clock.advance(days=3)
    closed.files = {TODAY: registry(TODAY), NEXT: registry(NEXT, [line_of(late, NEXT)])}
    await rounds.look()
    assert closed.asked == [TODAY, NEXT, NEXT + DAY]
    assert await open_cases() == []


async def test_a_registry_that_does_not_come_is_alarmed_once(rounds, paid, closed, clock, alarms) -> None:
    await paid()
    clock.advance(hours=11)  # 01:05 of the next day
    closed.retry_after = 1e-9
    await rounds.look()
    assert await alarms() == []
    clock.advance(hours=12)
    for _ in range(3):
        await rounds.look()
    assert [(name, day) for name, day, _ in await alarms()] == [(rounds_module.LATE, TODAY.isoformat())]


async def test_nothing_older_than_a_quarter_is_asked_for(rounds, paid, closed, clock) -> None:
    await paid()
    clock.advance(days=200)
    await rounds.look()
    assert len(closed.asked) == rounds_module.LONGEST_BACKFILL.days
