from datetime import timedelta

import pytest

from spool import (
    Again,
    Delivered,
    KeyConflict,
    LeaseLost,
    NotDurable,
    ToPerson,
    close_entry,
    enqueue,
    requeue,
)
from spool.agenda import Quota
from spool.entry import LARGEST_PAYLOAD, LONGEST_NAME
from spool.entry_states import Event, State
from spool.lease import acknowledge, claim, heads, take_back
from spool.worklist import show

LANE = Quota("eport", "ATM00017", 4)


async def test_the_same_key_and_payload_is_the_same_entry_whatever_became_of_it(spool, letter):
    first = await spool.write(lambda tx: enqueue(tx, letter("a")))
    assert await spool.write(lambda tx: enqueue(tx, letter("a"))) == first
    await deliver(spool)
    assert await spool.write(lambda tx: enqueue(tx, letter("a"))) == first
    assert await spool.write(lambda tx: claim(tx, [LANE])[0].claims) == []


@pytest.mark.parametrize("differs", [{"payload": b"<other/>"}, {"kind": "parcel"}])
async def test_the_same_key_with_other_content_is_a_conflict(spool, letter, differs):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    with pytest.raises(KeyConflict):
        await spool.write(lambda tx: enqueue(tx, letter("a", **differs)))


async def test_an_entry_is_never_enqueued_where_a_power_cut_may_take_it_back(spool, letter):
    with pytest.raises(NotDurable):
        await spool.write(lambda tx: enqueue(tx, letter("a")), durable=False)


@pytest.mark.parametrize(
    "differs",
    [{"key": ""}, {"lane": "x" * (LONGEST_NAME + 1)}, {"kind": ""}, {"payload": bytes(LARGEST_PAYLOAD + 1)}],
)
def test_names_and_payloads_have_limits(letter, differs):
    with pytest.raises(ValueError, match=r"has 1 to \d+|at most"):
        letter(**{"key": "a", **differs})


def test_a_payload_shows_in_no_repr(letter):
    assert "secret" not in repr(letter("a", payload=b"secret"))


async def test_the_longest_due_is_claimed_first_and_nothing_before_its_time(spool, letter, clock):
    def some(tx):
        enqueue(tx, letter("later", due_at=clock() + timedelta(hours=1)))
        enqueue(tx, letter("second", due_at=clock()))
        enqueue(tx, letter("third"))

    await spool.write(some)
    [taken] = await spool.write(lambda tx: claim(tx, [LANE]), durable=False)
    assert [held.entry.key for held in taken.claims] == ["second", "third"]
    assert taken.next_due_ms > spool.clock.ms() + 3_590_000


async def test_a_claim_takes_no_more_than_its_quota_and_tells_what_is_left(spool, letter):
    await spool.write(lambda tx: [enqueue(tx, letter(str(n))) for n in range(3)])
    [taken] = await spool.write(lambda tx: claim(tx, [Quota("eport", "ATM00017", 2)]))
    assert len(taken.claims) == 2
    assert taken.next_due_ms <= spool.clock.ms()


async def test_what_an_acknowledgement_applies_is_in_its_own_transaction(spool, letter):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    [held] = await claims(spool)

    def fails(tx):
        enqueue(tx, letter("b"))
        raise LookupError("on purpose")

    with pytest.raises(LookupError):
        await spool.write(lambda tx: acknowledge(tx, held, Delivered(apply=fails)))
    assert await state_of(spool, held) is State.CLAIMED
    await spool.write(lambda tx: acknowledge(tx, held, Delivered(apply=lambda tx: enqueue(tx, letter("b")))))
    assert await state_of(spool, held) is State.DELIVERED
    assert [held.entry.key for held in await claims(spool)] == ["b"]


async def test_an_acknowledgement_of_a_lost_lease_does_nothing(spool, letter):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    [first] = await claims(spool)
    await spool.write(lambda tx: acknowledge(tx, first, Again(), due_ms=tx.clock_ms))
    [second] = await claims(spool)
    applied = []
    for verdict in (Delivered(apply=applied.append), ToPerson("x", apply=applied.append)):
        with pytest.raises(LeaseLost):
            await spool.write(lambda tx, verdict=verdict: acknowledge(tx, first, verdict))
    assert applied == []
    assert await spool.write(lambda tx: acknowledge(tx, second, Delivered())) is State.DELIVERED
    with pytest.raises(LeaseLost):
        await spool.write(lambda tx: acknowledge(tx, second, Delivered()))


async def test_an_answer_to_an_entry_that_was_closed_meanwhile_is_still_applied(spool, letter):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    [held] = await claims(spool)
    assert await spool.write(lambda tx: close_entry(tx, "a", "the registry says it is missing"))
    applied = []
    await spool.write(lambda tx: acknowledge(tx, held, Delivered("accepted", apply=applied.append)))
    assert len(applied) == 1
    assert await events(spool, held) == [Event.CLOSED, Event.ANSWERED_LATE]
    assert await state_of(spool, held) is State.CLOSED


async def test_an_attempt_may_close_its_own_entry(spool, letter):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    [held] = await claims(spool)
    verdict = Again(apply=lambda tx: close_entry(tx, "a", "settled"))
    await spool.write(lambda tx: acknowledge(tx, held, verdict, due_ms=tx.clock_ms))
    assert await state_of(spool, held) is State.CLOSED


async def test_closing_what_is_ended_or_unknown_is_silent(spool, letter):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    assert await spool.write(lambda tx: close_entry(tx, "a", "done"))
    assert not await spool.write(lambda tx: close_entry(tx, "a", "done again"))
    assert not await spool.write(lambda tx: close_entry(tx, "nobody", "x"))


async def test_an_owner_can_have_an_open_entry_sent_at_another_time(spool, letter, clock):
    await spool.write(lambda tx: enqueue(tx, letter("a", due_at=clock() + timedelta(days=1))))
    assert await claims(spool) == []
    assert await spool.write(lambda tx: requeue(tx, "a", "asked for"))
    [held] = await claims(spool)
    assert not await spool.write(lambda tx: requeue(tx, "a", "in flight"))
    await spool.write(lambda tx: acknowledge(tx, held, ToPerson("malformed")))
    assert await spool.write(lambda tx: requeue(tx, "a", "corrected"))
    await deliver(spool)
    assert not await spool.write(lambda tx: requeue(tx, "a", "too late"))


async def test_a_first_attempt_of_this_life_cannot_have_been_sent_before(open_spool, letter):
    spool = await open_spool()
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    [held] = await claims(spool)
    assert (held.entry.attempts, held.entry.maybe_sent) == (0, False)
    await spool.write(lambda tx: acknowledge(tx, held, Again(), due_ms=tx.clock_ms))
    [held] = await claims(spool)
    assert (held.entry.attempts, held.entry.maybe_sent) == (1, True)


async def test_what_an_earlier_life_had_may_have_been_sent(open_spool, letter):
    spool = await open_spool()
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    await spool.close()
    [held] = await claims(await open_spool())
    assert (held.entry.attempts, held.entry.maybe_sent) == (0, True)


async def test_attempts_in_flight_come_back_by_the_schedule_and_the_lost_lease_is_none(open_spool, letter):
    spool = await open_spool()
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    [lost] = await claims(spool)
    await spool.close()
    spool = await open_spool()
    assert await claims(spool) == []
    asked = []
    await spool.write(lambda tx: take_back(tx, lambda kind, attempts: asked.append((kind, attempts)) or 0))
    assert asked == [("letter", 1)]
    [held] = await claims(spool)
    assert (held.entry.key, held.entry.attempts) == ("a", 1)
    assert await events(spool, held) == [Event.RETURNED]
    with pytest.raises(LeaseLost):
        await spool.write(lambda tx: acknowledge(tx, lost, Delivered()))


async def test_every_lane_that_waits_is_found_with_its_earliest_due_time(spool, letter, clock):
    def some(tx):
        for lane in ("b", "a", "c"):
            enqueue(tx, letter(f"{lane} later", lane=lane, due_at=clock() + timedelta(hours=1)))
            enqueue(tx, letter(f"{lane} now", lane=lane))
        enqueue(tx, letter("elsewhere", lane="a", destination="card_host"))
        return tx.clock_ms

    now_ms = await spool.write(some)
    found = await spool.read(heads)
    assert [head[:2] for head in found] == [
        ("card_host", "a"),
        ("eport", "a"),
        ("eport", "b"),
        ("eport", "c"),
    ]
    assert {head[2] for head in found} == {now_ms}


async def claims(spool):
    [taken] = await spool.write(lambda tx: claim(tx, [LANE]), durable=False)
    return taken.claims


async def deliver(spool):
    [held] = await claims(spool)
    await spool.write(lambda tx: acknowledge(tx, held, Delivered()))


async def shown(spool, held):
    return await spool.read(lambda tx: show(tx, held.entry.id))


async def state_of(spool, held):
    return (await shown(spool, held)).listed.state


async def events(spool, held):
    return [line.event for line in (await shown(spool, held)).history]
