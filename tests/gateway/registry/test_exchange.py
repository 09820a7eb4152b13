"""What an answer to a registry means for it, and for those behind it."""

import asyncio

import pytest

from gateway.registry.exchange import Acknowledged, Expected, Refused, Unanswered
from gateway.registry.layout import Status, Totals
from spool import close_by_person, entries_in, retry_by_person
from spool.entry_states import State

HOUR = 3600.0


def test_a_refused_one_goes_to_a_person_and_holds_up_nobody(simulate, live, receiver) -> None:
    receiver.answers = [Refused("HTTP 409")]

    async def main() -> None:
        async with live() as house:
            await house.changes(1)
            await asyncio.sleep(1.5 * HOUR)
            assert list(receiver.taken) == ["10001-TECH-2", "10001-TECH-3"]
            assert ("registry_refused", "10001-TECH-1") in await house.alarms()
            (waiting,) = await house.spool.read(lambda tx: entries_in(tx, State.TO_PERSON))
            await house.spool.write(lambda tx: retry_by_person(tx, waiting.id, person="a", reason="mended"))
            await asyncio.sleep(1)
            assert list(receiver.taken)[-1] == "10001-TECH-1"

    simulate(main())


def test_those_behind_one_that_is_not_answered_wait_for_it(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live():
            await asyncio.sleep(60)
        await asyncio.sleep(2 * HOUR)
        receiver.answers = [Unanswered("no answer in time"), Unanswered("no answer in time")]
        async with live():
            await asyncio.sleep(90)
            assert receiver.attempts == ["10001-TECH-1"] * 2
            await asyncio.sleep(60)
        assert receiver.attempts[2:] == [f"10001-TECH-{n}" for n in (1, 2, 3, 4)]

    simulate(main())


def test_what_a_person_closed_is_not_sent_again(simulate, live, receiver) -> None:
    receiver.answers = [Refused("HTTP 400")]

    async def main() -> None:
        async with live() as house:
            await asyncio.sleep(HOUR)
            (waiting,) = await house.spool.read(lambda tx: entries_in(tx, State.TO_PERSON))
            await house.spool.write(lambda tx: close_by_person(tx, waiting.id, person="a", reason="by mail"))
        async with live():
            await asyncio.sleep(HOUR)

    simulate(main())
    assert "10001-TECH-1" not in receiver.taken
    assert len(receiver.taken) == 3


ZEROS = "0" * 64


@pytest.mark.parametrize(
    "answer",
    [
        Acknowledged("10001-TECH-2", Totals(1, 150_001, 4_500, 154_501), ZEROS),
        Acknowledged("10001-TECH-1", Totals(0, 150_001, 4_500, 154_501), ZEROS),
        Acknowledged("10001-TECH-1", Totals(1, 150_000, 4_500, 154_501), ZEROS),
        Acknowledged("10001-TECH-1", Totals(1, 150_001, 4_500, 154_501), ZEROS),
        Unanswered("HTTP 500"),
    ],
)
def test_an_answer_that_does_not_tie_counts_as_none(simulate, live, receiver, answer) -> None:
    receiver.answers = [answer]

    async def main() -> None:
        async with live() as house:
            await house.changes(1)
            await asyncio.sleep(HOUR / 2 - 5 * 60)
            assert (len(receiver.attempts), receiver.taken) == (1, {})
            await asyncio.sleep(60)
            assert list(receiver.taken) == ["10001-TECH-1"]
            raised = {name for name, _ in await house.alarms()}
            assert raised == (
                {"registry_acknowledged_otherwise"} if isinstance(answer, Acknowledged) else set()
            )

    simulate(main())


def test_who_lost_what_came_before_gets_it_again_in_order(simulate, live, receiver) -> None:
    async def main() -> None:
        async with live() as house:
            await house.changes(1, Status.ACCEPTED)
            await asyncio.sleep(2 * HOUR)
            before = dict(receiver.taken)
            assert len(before) == 4
            receiver.taken.clear()
            receiver.answers = [Expected(2)]
            await asyncio.sleep(HOUR / 2)
            assert list(receiver.taken) == [f"10001-TECH-{n}" for n in (2, 3, 4, 5)]
            assert all(receiver.taken[registry_id] == before[registry_id] for registry_id in list(before)[1:])

    simulate(main())


@pytest.mark.parametrize("expected", [7, 0])
def test_an_expectation_that_nothing_of_ours_meets_goes_to_a_person(
    simulate, live, receiver, expected
) -> None:
    receiver.answers = [Expected(expected)]

    async def main() -> None:
        async with live() as house:
            await asyncio.sleep(HOUR / 2)
            assert ("registry_refused", "10001-TECH-1") in await house.alarms()

    simulate(main())


def test_who_expects_what_it_refused_gets_it_again_and_then_all_the_others(simulate, live, receiver) -> None:
    receiver.in_order = True
    receiver.answers = [Refused("it was shut out")]

    async def main() -> None:
        async with live() as house:
            await house.changes(1)
            await asyncio.sleep(0.9 * HOUR)
            assert receiver.taken == {}
            await asyncio.sleep(HOUR)
            assert list(receiver.taken) == [f"10001-TECH-{n}" for n in (1, 2, 3)]
            assert await house.spool.read(lambda tx: entries_in(tx, State.TO_PERSON)) == []

    simulate(main())
