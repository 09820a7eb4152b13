"""Forwarding in virtual time: what is sent when, and what becomes of it."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
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
    ToPerson,
    close_entry,
    enqueue,
    requeue,
)
from spool.entry_states import Event, State
from spool.worklist import id_of, show

EXACT = Schedule((60, 120), then=300, jitter=0)
PATIENT = BreakerSettings(opens_after=1000)


class Peer:
    """Whom entries are delivered to: answers as it is told, and remembers when it was asked."""

    def __init__(self, *answers, takes_seconds=0.0):
        self.answers = list(answers)
        self.takes_seconds = takes_seconds
        self.asked = []
        self.flying = Counter()
        self.most = Counter()

    async def deliver(self, entry):
        loop = asyncio.get_running_loop()
        self.asked.append((round(loop.time() - self.began, 3), entry))
        for whose in (entry.lane, "all"):
            self.flying[whose] += 1
            self.most[whose] = max(self.most[whose], self.flying[whose])
        try:
            await asyncio.sleep(self.takes_seconds)
        finally:
            for whose in (entry.lane, "all"):
                self.flying[whose] -= 1
        answer = self.answers.pop(0) if self.answers else Delivered()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def times(self):
        return [time for time, _ in self.asked]

    @property
    def keys(self):
        return [entry.key for _, entry in self.asked]


@pytest.fixture
def forward(open_in_virtual_time, simulate):
    """Runs a test's coroutine with a store of which `peer` gets the letters."""

    def run(peer, live, *, schedule=EXACT, expires="to_person", breaker=PATIENT, disk=None, **limits):
        @asynccontextmanager
        async def running():
            async with open_in_virtual_time(**({} if disk is None else {"disk": disk})) as spool:
                peer.began = asyncio.get_running_loop().time()
                peer.breakers = Breakers(spool, breaker)
                forwarder = Forwarder(
                    spool,
                    {"letter": Route(peer.deliver, schedule, expires=expires)},
                    breakers=peer.breakers,
                    **limits,
                )
                task = asyncio.create_task(forwarder.run())
                try:
                    yield spool, forwarder
                finally:
                    task.cancel()
                    await asyncio.wait([task])

        async def main():
            async with running() as (spool, forwarder):
                return await live(spool, forwarder)

        return simulate(main())

    return run


async def put(spool, *letters):
    await spool.write(lambda tx: [enqueue(tx, letter) for letter in letters])


async def shown(spool, key):
    return await spool.read(lambda tx: show(tx, id_of(tx, key)))


async def state(spool, key):
    return (await shown(spool, key)).listed.state


def test_what_is_enqueued_leaves_at_once_and_is_ended_by_its_answer(forward, letter):
    peer = Peer(Delivered("200"))

    async def live(spool, forwarder):
        await put(spool, letter("a"))
        assert await forwarder.drain(1)
        assert peer.times == [0]
        [line] = (await shown(spool, "a")).history
        assert (line.event, line.state, line.note) == (Event.DELIVERED, State.DELIVERED, "200")

    forward(peer, live)


def test_it_is_sent_again_by_the_schedule_counted_from_the_end_of_each_attempt(forward, letter):
    peer = Peer(*[Again("silence")] * 5, takes_seconds=10)

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(3600)
        assert peer.times == [0, 70, 200, 510, 820, 1130]
        assert [entry.attempts for _, entry in peer.asked] == [0, 1, 2, 3, 4, 5]
        assert [entry.maybe_sent for _, entry in peer.asked] == [False] + [True] * 5
        assert await state(spool, "a") is State.DELIVERED

    forward(peer, live)


def test_a_peer_may_say_when_it_wants_to_be_asked_again(forward, letter):
    peer = Peer(Again("429", answered=True, after_seconds=17))

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(100)
        assert peer.times == [0, 17]

    forward(peer, live)


def test_what_is_due_later_leaves_then_and_not_before(forward, letter):
    peer = Peer()

    async def live(spool, _):
        await put(spool, letter("later", due_at=spool.now() + timedelta(minutes=10)))
        await put(spool, letter("sooner", due_at=spool.now() + timedelta(minutes=5)))
        await asyncio.sleep(3600)
        assert (peer.keys, peer.times) == (["sooner", "later"], [300, 600])

    forward(peer, live)


def test_an_owner_who_changes_his_mind_is_heard_at_once(forward, letter):
    peer = Peer()

    async def live(spool, _):
        await put(spool, letter("a", due_at=spool.now() + timedelta(days=1)))
        await asyncio.sleep(5)
        await spool.write(lambda tx: requeue(tx, "a", "now"))
        await asyncio.sleep(5)
        assert peer.times == [5]

    forward(peer, live)


def test_one_bad_entry_holds_up_nobody_else(forward, letter):
    peer = Peer(Again(), Delivered(), Delivered())

    async def live(spool, _):
        await put(spool, letter("bad"), letter("good"), letter("better"))
        await asyncio.sleep(1)
        assert peer.keys == ["bad", "good", "better"]
        assert await state(spool, "better") is State.DELIVERED

    forward(peer, live)


def test_a_terminal_with_a_long_queue_delays_no_other_terminal(forward, letter):
    peer = Peer(takes_seconds=1)

    async def live(spool, _):
        await put(spool, *(letter(f"long {n}", lane="ATM00001") for n in range(200)))
        await put(spool, letter("short", lane="ATM00002"))
        await asyncio.sleep(2)
        assert dict(zip(peer.keys, peer.times, strict=True))["short"] <= 1
        assert peer.most["ATM00001"] == 4

    forward(peer, live)


def test_a_destination_gets_no_more_at_a_time_than_its_limit(forward, letter):
    peer = Peer(takes_seconds=1)

    async def live(spool, forwarder):
        await put(spool, *(letter(str(n), lane=f"lane {n % 40}") for n in range(100)))
        assert await forwarder.drain(60)
        assert peer.most["all"] == 10
        assert len(peer.asked) == 100
        assert max(peer.times) == 9

    forward(peer, live, per_destination=10)


def test_one_destination_that_hangs_holds_up_no_other(forward, letter):
    peer = Peer(takes_seconds=100)

    async def live(spool, _):
        await put(spool, *(letter(str(n), lane=f"lane {n}") for n in range(100)))
        await asyncio.sleep(1)
        await put(spool, letter("elsewhere", destination="card_host"))
        await asyncio.sleep(1)
        assert "elsewhere" in peer.keys

    forward(peer, live)


def test_what_needs_a_person_goes_to_the_list_and_stays_there(forward, letter):
    peer = Peer(ToPerson("215: same txn_id, other content"))

    async def live(spool, forwarder):
        await put(spool, letter("a"))
        assert await forwarder.drain(1)
        await asyncio.sleep(100_000)
        assert len(peer.asked) == 1
        assert await state(spool, "a") is State.TO_PERSON

    forward(peer, live)


def test_a_deliver_function_that_raises_is_tried_again_and_stops_nobody(forward, letter, caplog):
    peer = Peer(KeyError("a bug of ours"))

    async def live(spool, _):
        await put(spool, letter("bad"), letter("good"))
        await asyncio.sleep(100)
        assert peer.keys == ["bad", "good", "bad"]
        [first, _] = (await shown(spool, "bad")).history
        assert first.note == "deliver failed: KeyError"

    forward(peer, live)
    assert "spool.deliver_failed" in caplog.messages


def test_failures_of_ours_are_counted_in_a_row_only(forward, letter):
    peer = Peer(*[KeyError()] * 4, Again(answered=True), *[KeyError()] * 4, Delivered())

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(10_000)
        assert await state(spool, "a") is State.DELIVERED
        assert len(peer.asked) == 10

    forward(peer, live)


def test_the_fifth_failure_of_ours_in_a_row_is_a_persons(forward, letter):
    peer = Peer(*[KeyError()] * 9)

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(10_000)
        assert await state(spool, "a") is State.TO_PERSON
        assert len(peer.asked) == 5

    forward(peer, live)


def test_what_is_no_verdict_is_a_failure_of_ours(forward, letter):
    peer = Peer("fine", Delivered())

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(100)
        assert await state(spool, "a") is State.DELIVERED
        assert "TypeError" in (await shown(spool, "a")).history[0].note

    forward(peer, live)


def test_a_deliver_function_that_hangs_is_ended(forward, letter):
    peer = Peer(takes_seconds=1e6)

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(300)
        assert peer.times == [0, 90, 240]
        assert peer.most["all"] == 1

    forward(peer, live, delivery_seconds=30)


def test_an_apply_that_raises_undoes_the_acknowledgement_and_it_is_tried_again(forward, letter, caplog):
    def fails(tx):
        enqueue(tx, letter("half"))
        raise LookupError("on purpose")

    peer = Peer(Delivered(apply=fails), Delivered())

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(100)
        assert peer.keys == ["a", "a"]
        assert await state(spool, "a") is State.DELIVERED
        assert await spool.read(lambda tx: tx.one("SELECT count(*) FROM entry")) == (1,)

    forward(peer, live)
    assert "spool.apply_failed" in caplog.messages


def test_what_an_answer_enqueues_leaves_at_once(forward, letter):
    peer = Peer(Delivered(apply=lambda tx: enqueue(tx, letter("capture", destination="card_host"))))

    async def live(spool, forwarder):
        await put(spool, letter("payment"))
        assert await forwarder.drain(1)
        assert peer.keys == ["payment", "capture"]

    forward(peer, live)


def test_an_answer_is_kept_until_the_store_can_take_it(forward, letter, faulty, faulty_disk):
    peer = Peer(takes_seconds=1)

    async def live(spool, forwarder):
        await put(spool, letter("a"))
        await asyncio.sleep(0.5)
        faulty.failing_syncs = 6
        assert await forwarder.drain(60)
        assert faulty.failing_syncs == 0
        assert await state(spool, "a") is State.DELIVERED
        assert len(peer.asked) == 1

    forward(peer, live, disk=faulty_disk)


def test_forwarding_goes_on_after_a_store_that_could_not_claim(forward, letter, faulty, faulty_disk):
    peer = Peer()

    async def live(spool, forwarder):
        await put(spool, letter("a", due_at=spool.now() + timedelta(seconds=10)))
        faulty.free_bytes = -1
        await asyncio.sleep(20)
        assert peer.asked == []
        faulty.free_bytes = 2**30
        assert await forwarder.drain(10)
        assert peer.keys == ["a"]

    forward(peer, live, disk=faulty_disk)


def test_an_answer_to_what_its_owner_closed_meanwhile_is_applied(forward, letter):
    applied = []
    peer = Peer(Delivered("accepted", apply=applied.append), takes_seconds=10)

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(1)
        await spool.write(lambda tx: close_entry(tx, "a", "missing in both registries"))
        await asyncio.sleep(100)
        assert len(applied) == 1
        assert await state(spool, "a") is State.CLOSED

    forward(peer, live)


def test_what_expires_before_it_could_be_sent_goes_to_a_person_and_is_not_sent(forward, letter):
    peer = Peer(*[Again()] * 100)

    async def live(spool, _):
        await put(spool, letter("a", expires_at=spool.now() + timedelta(seconds=100)))
        await asyncio.sleep(101)
        assert await state(spool, "a") is State.TO_PERSON
        assert (await shown(spool, "a")).history[-1].event is Event.EXPIRED
        await asyncio.sleep(10_000)
        assert peer.times == [0, 60]

    forward(peer, live)


def test_what_expires_is_still_delivered_where_its_route_says_so(forward, letter):
    peer = Peer(*[Again()] * 3)

    async def live(spool, _):
        await put(spool, letter("a", expires_at=spool.now() + timedelta(seconds=100)))
        await asyncio.sleep(3600)
        assert peer.times == [0, 60, 180, 480]
        assert await state(spool, "a") is State.DELIVERED

    forward(peer, live, expires="deliver")


def test_an_entry_that_no_route_knows_goes_to_a_person(forward, letter):
    async def live(spool, forwarder):
        await put(spool, letter("a", kind="parcel"))
        assert await forwarder.drain(1)
        assert await state(spool, "a") is State.TO_PERSON
        assert (await shown(spool, "a")).listed.note == "this version has no route for parcel"

    forward(Peer(), live)


def test_a_dead_peer_costs_one_probe_at_a_time_and_all_leaves_when_it_is_back(forward, letter):
    peer = Peer(*[Again("silence")] * 12)

    async def live(spool, forwarder):
        await put(spool, *(letter(str(n), lane=f"lane {n}") for n in range(8)))
        await asyncio.sleep(0.001)
        assert len(peer.asked) == 8
        await put(spool, *(letter(f"more {n}", lane=f"lane {n}") for n in range(50)))
        await asyncio.sleep(600)
        probes = peer.times[8:12]  # the last silences; after them everything is answered
        assert [round(late - early) for early, late in pairwise([0, *probes])] == [5, 10, 20, 40]
        assert await forwarder.drain(3600)
        assert len(peer.asked) == 8 + 4 + 58

    forward(peer, live, breaker=BreakerSettings(opens_after=5, jitter=0))


def test_a_probe_by_somebody_else_opens_the_way(forward, letter):
    peer = Peer(Again())

    async def live(spool, _):
        await put(spool, letter("a"))
        await asyncio.sleep(1)
        assert peer.breakers.state("eport") is CircuitState.OPEN
        await put(spool, letter("b"))
        peer.breakers.answered("eport")
        await asyncio.sleep(1)
        assert peer.keys == ["a", "b"]

    forward(peer, live, breaker=BreakerSettings(opens_after=1, first_probe_seconds=50))


def test_attempts_that_were_cut_off_are_made_again_after_the_next_start(
    open_in_virtual_time, simulate, letter
):
    peer = Peer(takes_seconds=10)

    async def one_life(seconds):
        async with open_in_virtual_time() as spool:
            peer.began = asyncio.get_running_loop().time()
            routes = {"letter": Route(peer.deliver, EXACT)}
            running = asyncio.create_task(Forwarder(spool, routes, breakers=Breakers(spool)).run())
            await spool.write(lambda tx: enqueue(tx, letter("a")))
            await asyncio.sleep(seconds)
            running.cancel()
            await asyncio.wait([running])
            return await state(spool, "a")

    async def main():
        assert await one_life(5) is State.CLAIMED
        assert await one_life(20) is State.DELIVERED

    simulate(main())
    assert [(entry.attempts, entry.maybe_sent) for _, entry in peer.asked] == [(0, False), (1, True)]


def test_a_forwarder_that_starts_again_on_an_open_store_takes_back_what_was_cut_off(
    open_in_virtual_time, simulate, letter
):
    peer = Peer(takes_seconds=10)

    async def main():
        async with open_in_virtual_time() as spool:
            peer.began = 0
            forwarder = Forwarder(spool, {"letter": Route(peer.deliver, EXACT)}, breakers=Breakers(spool))
            await spool.write(lambda tx: enqueue(tx, letter("a")))
            for seconds in (5, 20):
                running = asyncio.create_task(forwarder.run())
                await asyncio.sleep(seconds)
                running.cancel()
                await asyncio.wait([running])
            assert await state(spool, "a") is State.DELIVERED

    simulate(main())
    assert [entry.maybe_sent for _, entry in peer.asked] == [False, True]


def test_draining_says_when_there_is_not_time_enough(forward, letter):
    peer = Peer(takes_seconds=30)

    async def live(spool, forwarder):
        await put(spool, letter("a"))
        assert not await forwarder.drain(29)
        assert await forwarder.drain(2)

    forward(peer, live)


def test_it_sleeps_until_something_is_due_and_does_not_look_about_meanwhile(forward, letter):
    peer = Peer()

    async def live(spool, _):
        loop = asyncio.get_running_loop()
        await put(spool, letter("a", due_at=spool.now() + timedelta(hours=10)))
        await asyncio.sleep(1)
        before = loop.rounds
        await asyncio.sleep(30)  # less than until the first upkeep
        assert loop.rounds - before <= 2

    forward(peer, live)
