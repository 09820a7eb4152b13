"""A lost payment is seen within the hour, whoever else tells of it, and so is a terminal that tells nothing."""

from dataclasses import replace
from datetime import timedelta

from gateway.alarms import open_alarms
from gateway.registry.differences import watch_silence
from gateway.registry.layout import (
    Operation,
    Status,
)
from gateway.registry.window import EVERY, last_end
from tests.gateway.registry.terminal_files import INSTALLED, TERMINAL, registry, told


def told_by(desk, clock, terminal: str, n: int, *operations: Operation):
    return desk.put(terminal, f"{INSTALLED}-{n}", registry(clock, n, *operations, terminal=terminal))


async def test_who_tells_of_anothers_payment_hides_no_loss(desk, clock, paid, raised) -> None:
    payment = await paid()
    clock.time = last_end(clock()) + EVERY
    await told_by(desk, clock, "POS2", 1, told(payment, "paid", Status.ACCEPTED, terminal="POS2"))
    await told_by(desk, clock, TERMINAL, 1)
    assert await raised() == {
        ("terminal_payment_invented", payment.payment_id),
        ("terminal_payment_lost", payment.payment_id),
    }


async def endings(store) -> list[tuple[str, str]]:
    return await store.read(lambda tx: list(tx.execute("SELECT terminal, ending FROM terminal_payment")))


async def test_who_tells_of_anothers_payment_changes_nothing_of_what_its_owner_told(
    desk, clock, paid, store
) -> None:
    payment = await paid()
    await told_by(desk, clock, TERMINAL, 1, told(payment, "paid", Status.ACCEPTED))
    await told_by(desk, clock, "POS2", 1, told(payment, "nothing_taken", terminal="POS2"))
    assert await endings(store) == [(TERMINAL, "paid")]


async def test_who_told_of_it_before_it_came_to_us_does_not_keep_it(desk, clock, paid, store) -> None:
    payment_id = "01935b2e-0000-7000-8000-000000000002"  # of the payment that comes late
    not_here = told(await paid(), "in_processing", payment_id=payment_id, txn_id="", rrn="")
    await told_by(desk, clock, "POS2", 1, replace(not_here, terminal="POS2"))
    await told_by(desk, clock, TERMINAL, 1, not_here)
    assert await endings(store) == [("POS2", "in_processing")]
    late = await paid()
    clock.advance(minutes=30)
    await told_by(desk, clock, TERMINAL, 2, told(late, "paid", Status.ACCEPTED))
    assert await endings(store) == [(TERMINAL, "paid")]


async def test_a_lost_payment_is_seen_within_the_hour(desk, clock, paid, raised) -> None:
    first = await paid()
    lost = await paid()
    clock.time = last_end(clock()) + EVERY
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, told(first, "paid", Status.ACCEPTED)))
    assert await raised() == {("terminal_payment_lost", lost.payment_id)}


async def test_a_first_registry_answers_for_everything_that_was_paid_before_it(
    desk, clock, paid, raised, store
) -> None:
    """The store of a new terminal is lost before it told anything; the next one begins again at 1."""
    lost = await paid()
    clock.advance(days=2)
    known = await paid()
    clock.time = last_end(clock()) + EVERY
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, told(known, "paid", Status.ACCEPTED)))
    assert await raised() == {("terminal_payment_lost", lost.payment_id)}
    clock.advance(minutes=30)
    await desk.put(TERMINAL, f"{INSTALLED}-2", registry(clock, 2))
    (alarm,) = await store.read(open_alarms)
    assert alarm.times == 1, "each is asked for once"


async def test_what_was_accepted_just_before_the_end_is_looked_for_in_the_next_one(
    desk, clock, paid, raised
) -> None:
    clock.time = last_end(clock()) + EVERY - timedelta(minutes=5)
    late = await paid()
    clock.advance(minutes=5)
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1))
    assert await raised() == set()
    clock.advance(minutes=30)
    await desk.put(TERMINAL, f"{INSTALLED}-2", registry(clock, 2, told(late, "paid", Status.ACCEPTED)))
    assert await raised() == set()


async def test_a_terminal_that_sends_none_of_its_last_registries_is_alarmed_once(
    desk, clock, store, raised, paid
) -> None:
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1))
    for _ in range(5):
        await store.write(lambda tx: watch_silence(tx, windows=4))
        assert await raised() == set()
        clock.time = last_end(clock()) + EVERY
    for _ in range(3):
        clock.advance(minutes=30)
        await store.write(lambda tx: watch_silence(tx, windows=4))
    (alarm,) = await store.read(open_alarms)
    assert (alarm.name, alarm.subject, alarm.times) == ("terminal_registry_missing", TERMINAL, 1)


async def test_who_pays_and_never_sent_a_registry_is_alarmed(clock, store, raised, paid) -> None:
    await paid()
    clock.advance(hours=1)
    await store.write(lambda tx: watch_silence(tx, windows=4))
    assert await raised() == set()
    clock.advance(hours=2)
    await store.write(lambda tx: watch_silence(tx, windows=4))
    assert await raised() == {("terminal_registry_missing", TERMINAL)}


async def test_what_was_paid_before_its_silence_was_alarmed_is_asked_for(
    desk, clock, paid, store, raised
) -> None:
    older = await paid()
    clock.advance(days=3)
    lost, known = await paid(), await paid()
    clock.advance(hours=3)
    await store.write(lambda tx: watch_silence(tx, windows=4))
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, told(known, "paid", Status.ACCEPTED)))
    assert await raised() == {
        ("terminal_registry_missing", TERMINAL),
        ("terminal_payment_lost", older.payment_id),
        ("terminal_payment_lost", lost.payment_id),
    }
