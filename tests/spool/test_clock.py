from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spool import Delivered, enqueue, recall, remember
from spool.agenda import Quota
from spool.clock import LONGEST_GAP_MS, StoreClock, resume
from spool.lease import acknowledge, claim
from spool.upkeep import note_time, purge_answers, purge_entries

LANE = Quota("eport", "ATM00017", 4)
HOUR_MS = 3_600_000
MOMENTS = st.integers(0, 2**45)


@given(clock_ms=MOMENTS, wall_ms=MOMENTS, now_ms=MOMENTS)
def test_the_stores_clock_never_goes_back_and_never_leaps(clock_ms, wall_ms, now_ms):
    resumed = resume(clock_ms=clock_ms, wall_ms=wall_ms, now_ms=now_ms)
    assert clock_ms <= resumed <= clock_ms + LONGEST_GAP_MS


def test_in_one_life_only_elapsed_time_counts():
    elapsed = [100.0]
    clock = StoreClock(5000, lambda: elapsed[0])
    elapsed[0] += 12.5
    assert clock.ms() == 17500


@pytest.mark.parametrize("jump_hours", [-24 * 365, -1, 0, 1, 24 * 365])
async def test_a_clock_that_jumps_across_a_restart_parks_no_entry(open_spool, letter, clock, jump_hours):
    spool = await open_spool()
    await spool.write(lambda tx: enqueue(tx, letter("a", due_at=clock() + timedelta(minutes=30))))
    await spool.close()
    clock.advance(hours=jump_hours)
    spool = await open_spool()
    due_ms = await spool.read(lambda tx: tx.one("SELECT due_ms FROM entry")[0])
    assert due_ms - spool.clock.ms() <= HOUR_MS / 2


@pytest.mark.parametrize("jump_hours", [-24, 24])
async def test_a_clock_that_jumps_in_mid_life_moves_no_due_time(spool, letter, clock, jump_hours):
    await spool.write(lambda tx: enqueue(tx, letter("now")))
    clock.advance(hours=jump_hours)
    await spool.write(lambda tx: enqueue(tx, letter("soon", due_at=clock() + timedelta(minutes=30))))
    [taken] = await spool.write(lambda tx: claim(tx, [LANE]))
    assert [held.entry.key for held in taken.claims] == ["now"]
    assert taken.next_due_ms - spool.clock.ms() <= HOUR_MS / 2


async def test_a_due_time_from_before_a_jump_back_is_not_taken_for_the_far_future(spool, letter, clock):
    due_at = clock() + timedelta(days=900)
    await spool.write(lambda tx: enqueue(tx, letter("a", due_at=due_at)))
    due_ms = await spool.read(lambda tx: tx.one("SELECT due_ms FROM entry")[0])
    assert due_ms - spool.clock.ms() <= 31 * 24 * HOUR_MS


async def test_one_leap_of_the_clock_forgets_no_key_and_no_answer(open_spool, letter, clock):
    spool = await open_spool()
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    [taken] = await spool.write(lambda tx: claim(tx, [LANE]))
    await spool.write(lambda tx: acknowledge(tx, taken.claims[0], Delivered()))
    await spool.write(lambda tx: remember(tx, "put", "key", spool.digest(b"x"), 200, b"{}"))
    await spool.close()
    clock.advance(days=3650)
    digest = spool.digest(b"x")
    for _ in range(3):  # and it is not counted again in each life that follows
        spool = await open_spool()
        await spool.write(purge_entries)
        await spool.write(purge_answers)
        assert await spool.read(lambda tx: tx.one("SELECT key FROM entry")) == ("a",)
        assert await spool.read(lambda tx: recall(tx, "put", "key", digest)) is not None
        await spool.close()


async def test_time_between_two_lives_counts(open_spool, letter, clock):
    spool = await open_spool()
    await spool.write(lambda tx: enqueue(tx, letter("a", due_at=clock() + timedelta(minutes=30))))
    await spool.write(note_time)
    await spool.close()
    clock.advance(minutes=31)
    [taken] = await (await open_spool()).write(lambda tx: claim(tx, [LANE]))
    assert len(taken.claims) == 1
