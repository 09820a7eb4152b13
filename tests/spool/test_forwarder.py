"""What leaves when: turns, limits, breakers, restarts. In virtual time."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from spool import (
    Again,
    Breakers,
    BreakerSettings,
    CircuitState,
    Delivered,
    Forwarder,
    Route,
    Schedule,
    enqueue,
    requeue,
)
from spool.entry_states import Event, State


def test_what_is_enqueued_leaves_at_once_and_is_ended_by_its_answer(forward, new_peer, letter):
    peer = new_peer(Delivered("200"))

    async def live(post):
        await post.put(letter("a"))
        assert await post.forwarder.drain(1)
        assert peer.times == [0]
        [line] = (await post.shown("a")).history
        assert (line.event, line.state, line.note) == (Event.DELIVERED, State.DELIVERED, "200")

    forward(peer, live)


def test_what_is_due_later_leaves_then_and_not_before(forward, new_peer, letter):
    peer = new_peer()

    async def live(post):
        await post.put(letter("later", due_at=post.spool.now() + timedelta(minutes=10)))
        await post.put(letter("sooner", due_at=post.spool.now() + timedelta(minutes=5)))
        await asyncio.sleep(3600)
        assert (peer.keys, peer.times) == (["sooner", "later"], [300, 600])

    forward(peer, live)


def test_an_owner_who_changes_his_mind_is_heard_at_once(forward, new_peer, letter):
    peer = new_peer()

    async def live(post):
        await post.put(letter("a", due_at=post.spool.now() + timedelta(days=1)))
        await asyncio.sleep(5)
        await post.spool.write(lambda tx: requeue(tx, "a", "now"))
        await asyncio.sleep(5)
        assert peer.times == [5]

    forward(peer, live)


def test_one_bad_entry_holds_up_nobody_else(forward, new_peer, letter):
    peer = new_peer(Again(), Delivered(), Delivered())

    async def live(post):
        await post.put(letter("bad"), letter("good"), letter("better"))
        await asyncio.sleep(1)
        assert peer.keys == ["bad", "good", "better"]
        assert await post.state("better") is State.DELIVERED

    forward(peer, live)


def test_a_terminal_with_a_long_queue_delays_no_other_terminal(forward, new_peer, letter):
    peer = new_peer(takes_seconds=1)

    async def live(post):
        await post.put(*(letter(f"long {n}", lane="ATM00001") for n in range(200)))
        await post.put(letter("short", lane="ATM00002"))
        await asyncio.sleep(2)
        assert dict(zip(peer.keys, peer.times, strict=True))["short"] <= 1
        assert peer.most["ATM00001"] == 4

    forward(peer, live)


def test_a_destination_gets_no_more_at_a_time_than_its_limit(forward, new_peer, letter):
    peer = new_peer(takes_seconds=1)

    async def live(post):
        await post.put(*(letter(str(n), lane=f"lane {n % 40}") for n in range(100)))
        assert await post.forwarder.drain(60)
        assert peer.most["all"] == 10
        assert len(peer.asked) == 100
        assert max(peer.times) == 9

    forward(peer, live, per_destination=10)


def test_one_destination_that_hangs_holds_up_no_other(forward, new_peer, letter):
    peer = new_peer(takes_seconds=100)

    async def live(post):
        await post.put(*(letter(str(n), lane=f"lane {n}") for n in range(100)))
        await asyncio.sleep(1)
        await post.put(letter("elsewhere", destination="card_host"))
        await asyncio.sleep(1)
        assert "elsewhere" in peer.keys

    forward(peer, live)


def test_forwarding_begins_once_the_store_can_write(
    open_in_virtual_time, simulate, new_peer, letter, faulty, faulty_disk
):
    peer = new_peer(takes_seconds=10)

    async def main():
        async with open_in_virtual_time(disk=faulty_disk) as spool:
            routes = {"letter": Route(peer.deliver, Schedule((60,), then=60, jitter=0))}
            forwarder = Forwarder(spool, routes, breakers=Breakers(spool))
            await spool.write(lambda tx: enqueue(tx, letter("a")))
            await run_for(forwarder, 5)
            faulty.free_bytes = -1
            asyncio.get_running_loop().call_later(60, setattr, faulty, "free_bytes", 2**30)
            await run_for(forwarder, 200)
            assert await spool.read(state_of_a) is State.DELIVERED

    async def run_for(forwarder, seconds):
        running = asyncio.create_task(forwarder.run())
        await asyncio.sleep(seconds)
        running.cancel()
        await asyncio.wait([running])

    simulate(main())


def test_what_an_answer_enqueues_leaves_at_once(forward, new_peer, letter):
    peer = new_peer(Delivered(apply=lambda tx: enqueue(tx, letter("capture", destination="card_host"))))

    async def live(post):
        await post.put(letter("payment"))
        assert await post.forwarder.drain(1)
        assert peer.keys == ["payment", "capture"]

    forward(peer, live)


def test_forwarding_goes_on_after_a_store_that_could_not_claim(
    forward, new_peer, letter, faulty, faulty_disk
):
    peer = new_peer()

    async def live(post):
        await post.put(letter("a", due_at=post.spool.now() + timedelta(seconds=10)))
        faulty.free_bytes = -1
        await asyncio.sleep(20)
        assert peer.asked == []
        faulty.free_bytes = 2**30
        assert await post.forwarder.drain(10)
        assert peer.keys == ["a"]

    forward(peer, live, disk=faulty_disk)


def test_a_dead_peer_costs_one_probe_at_a_time_and_all_leaves_when_it_is_back(forward, new_peer, letter):
    peer = new_peer(*[Again("silence")] * 12)

    async def live(post):
        await post.put(*(letter(str(n), lane=f"lane {n}") for n in range(8)))
        await asyncio.sleep(0.001)
        assert len(peer.asked) == 8
        await post.put(*(letter(f"more {n}", lane=f"lane {n}") for n in range(50)))
        await asyncio.sleep(600)
        probes = peer.times[8:12]  # the last silences; after them everything is answered
        assert [round(late - early) for early, late in pairwise([0, *probes])] == [5, 10, 20, 40]
        assert await post.forwarder.drain(3600)
        assert len(peer.asked) == 8 + 4 + 58

    forward(peer, live, breaker=BreakerSettings(opens_after=5, jitter=0))


def test_a_probe_by_somebody_else_opens_the_way(forward, new_peer, letter):
    peer = new_peer(Again())

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(1)
        assert post.breakers.state("eport") is CircuitState.OPEN
        await post.put(letter("b"))
        post.breakers.answered("eport")
        await asyncio.sleep(1)
        assert peer.keys == ["a", "b"]

    forward(peer, live, breaker=BreakerSettings(opens_after=1, first_probe_seconds=50))


@pytest.mark.parametrize("lives_between", [0, 2], ids=["next life", "lives that end before they forward"])
def test_attempts_that_were_cut_off_are_made_again_when_the_schedule_says(
    open_in_virtual_time, simulate, new_peer, letter, lives_between
):
    peer = new_peer(takes_seconds=10)

    async def one_life(seconds):
        async with open_in_virtual_time() as spool:
            peer.began = asyncio.get_running_loop().time()
            routes = {"letter": Route(peer.deliver, Schedule())}
            running = asyncio.create_task(Forwarder(spool, routes, breakers=Breakers(spool)).run())
            await spool.write(lambda tx: enqueue(tx, letter("a")))
            await asyncio.sleep(seconds)
            running.cancel()
            await asyncio.wait([running])
            return await spool.read(state_of_a)

    async def main():
        assert await one_life(5) is State.CLAIMED
        for _ in range(lives_between):
            async with open_in_virtual_time():
                pass
        assert await one_life(345) is State.DELIVERED

    simulate(main())
    assert [(entry.attempts, entry.maybe_sent) for _, entry in peer.asked] == [(0, False), (1, True)]
    assert 300 <= peer.times[1] <= 330


def test_a_forwarder_that_starts_again_on_an_open_store_takes_back_what_was_cut_off(
    open_in_virtual_time, simulate, new_peer, letter
):
    peer = new_peer(takes_seconds=10)

    async def main():
        async with open_in_virtual_time() as spool:
            peer.began = 0
            forwarder = Forwarder(
                spool, {"letter": Route(peer.deliver, Schedule())}, breakers=Breakers(spool)
            )
            await spool.write(lambda tx: enqueue(tx, letter("a")))
            for seconds in (5, 345):
                running = asyncio.create_task(forwarder.run())
                await asyncio.sleep(seconds)
                running.cancel()
                await asyncio.wait([running])
            assert await spool.read(state_of_a) is State.DELIVERED

    simulate(main())
    assert [entry.maybe_sent for _, entry in peer.asked] == [False, True]


def test_draining_says_when_there_is_not_time_enough(forward, new_peer, letter):
    peer = new_peer(takes_seconds=30)

    async def live(post):
        await post.put(letter("a"))
        assert not await post.forwarder.drain(29)
        assert await post.forwarder.drain(2)

    forward(peer, live)


def test_an_entry_costs_two_syncs_one_to_write_it_down_and_one_to_end_it(
    forward, new_peer, letter, faulty, faulty_disk
):
    peer = new_peer()

    async def live(post):
        await asyncio.sleep(1)
        before = faulty.syncs["wal"]
        await post.put(letter("a"))
        assert await post.forwarder.drain(1)
        assert faulty.syncs["wal"] - before == 2

    forward(peer, live, disk=faulty_disk)


def test_it_sleeps_until_something_is_due_and_does_not_look_about_meanwhile(forward, new_peer, letter):
    peer = new_peer()

    async def live(post):
        loop = asyncio.get_running_loop()
        await post.put(letter("a", due_at=post.spool.now() + timedelta(hours=10)))
        await asyncio.sleep(1)
        before = loop.rounds
        await asyncio.sleep(30)  # less than until the first upkeep
        assert loop.rounds - before <= 2

    forward(peer, live)


def state_of_a(tx):
    return State(tx.one("SELECT state FROM entry WHERE key = 'a'")[0])
