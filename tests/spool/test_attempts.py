"""What becomes of one attempt: its verdict, and whatever goes wrong with it. In virtual time."""

import asyncio

from spool import Again, BreakerSettings, CircuitState, Delivered, ToPerson, close_entry, enqueue
from spool.entry_states import State


def test_it_is_sent_again_by_the_schedule_counted_from_the_end_of_each_attempt(forward, new_peer, letter):
    peer = new_peer(*[Again("silence")] * 5, takes_seconds=10)

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(3600)
        assert peer.times == [0, 70, 200, 510, 820, 1130]
        assert [entry.attempts for _, entry in peer.asked] == [0, 1, 2, 3, 4, 5]
        assert [entry.maybe_sent for _, entry in peer.asked] == [False] + [True] * 5
        assert await post.state("a") is State.DELIVERED

    forward(peer, live)


def test_a_peer_may_say_when_it_wants_to_be_asked_again(forward, new_peer, letter):
    peer = new_peer(Again("429", answered=True, after_seconds=17))

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(100)
        assert peer.times == [0, 17]

    forward(peer, live)


def test_what_is_given_up_unanswered_counts_as_silence(forward, new_peer, letter):
    peer = new_peer(*[Delivered("nobody answered", answered=False)] * 5)

    async def live(post):
        for number in range(5):
            await post.put(letter(f"a{number}"))
        await asyncio.sleep(1)
        assert [await post.state(f"a{number}") for number in range(5)] == [State.DELIVERED] * 5
        assert post.breakers.state("eport") is CircuitState.OPEN

    forward(peer, live, breaker=BreakerSettings(opens_after=5, jitter=0))


def test_what_needs_a_person_goes_to_the_list_and_stays_there(forward, new_peer, letter):
    peer = new_peer(ToPerson("215: same txn_id, other content"))

    async def live(post):
        await post.put(letter("a"))
        assert await post.forwarder.drain(1)
        await asyncio.sleep(100_000)
        assert len(peer.asked) == 1
        assert await post.state("a") is State.TO_PERSON

    forward(peer, live)


def test_a_deliver_function_that_raises_is_tried_again_and_stops_nobody(forward, new_peer, letter, caplog):
    peer = new_peer(KeyError("a bug of ours"))

    async def live(post):
        await post.put(letter("bad"), letter("good"))
        await asyncio.sleep(100)
        assert peer.keys == ["bad", "good", "bad"]
        [first, _] = (await post.shown("bad")).history
        assert first.note == "deliver failed: KeyError"

    forward(peer, live)
    assert "spool.deliver_failed" in caplog.messages


def test_a_deliver_function_whose_own_task_was_cancelled_has_failed_and_is_tried_again(
    forward, new_peer, letter
):
    peer = new_peer(asyncio.CancelledError())

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(100)
        assert peer.times == [0, 60]
        assert await post.state("a") is State.DELIVERED

    forward(peer, live)


def test_failures_of_ours_are_counted_in_a_row_only(forward, new_peer, letter):
    peer = new_peer(*[KeyError()] * 4, Again(answered=True), *[KeyError()] * 4, Delivered())

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(10_000)
        assert await post.state("a") is State.DELIVERED
        assert len(peer.asked) == 10

    forward(peer, live)


def test_the_fifth_failure_of_ours_in_a_row_is_a_persons(forward, new_peer, letter):
    peer = new_peer(*[KeyError()] * 9)

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(10_000)
        assert await post.state("a") is State.TO_PERSON
        assert len(peer.asked) == 5

    forward(peer, live)


def test_what_is_no_verdict_is_a_failure_of_ours(forward, new_peer, letter):
    peer = new_peer("fine", Delivered())

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(100)
        assert await post.state("a") is State.DELIVERED
        assert "TypeError" in (await post.shown("a")).history[0].note

    forward(peer, live)


def test_a_deliver_function_that_hangs_is_ended(forward, new_peer, letter):
    peer = new_peer(takes_seconds=1e6)

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(300)
        assert peer.times == [0, 90, 240]
        assert peer.most["all"] == 1

    forward(peer, live, delivery_seconds=30)


def test_an_apply_that_raises_undoes_the_acknowledgement_and_it_is_tried_again(
    forward, new_peer, letter, caplog
):
    def fails(tx):
        enqueue(tx, letter("half"))
        raise LookupError("on purpose")

    peer = new_peer(Delivered(apply=fails), Delivered())

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(100)
        assert peer.keys == ["a", "a"]
        assert await post.state("a") is State.DELIVERED
        assert await post.spool.read(lambda tx: tx.one("SELECT count(*) FROM entry")) == (1,)

    forward(peer, live)
    assert "spool.apply_failed" in caplog.messages


def test_an_answer_is_kept_until_the_store_can_take_it(forward, new_peer, letter, faulty, faulty_disk):
    peer = new_peer(takes_seconds=1)

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(0.5)
        faulty.failing_syncs = 6
        assert await post.forwarder.drain(60)
        assert faulty.failing_syncs == 0
        assert await post.state("a") is State.DELIVERED
        assert len(peer.asked) == 1

    forward(peer, live, disk=faulty_disk)


def test_an_answer_to_what_its_owner_closed_meanwhile_is_applied(forward, new_peer, letter):
    applied = []
    peer = new_peer(Delivered("accepted", apply=applied.append), takes_seconds=10)

    async def live(post):
        await post.put(letter("a"))
        await asyncio.sleep(1)
        await post.spool.write(lambda tx: close_entry(tx, "a", "missing in both registries"))
        await asyncio.sleep(100)
        assert len(applied) == 1
        assert await post.state("a") is State.CLOSED

    forward(peer, live)


def test_an_entry_that_no_route_knows_goes_to_a_person(forward, new_peer, letter):
    async def live(post):
        await post.put(letter("a", kind="parcel"))
        assert await post.forwarder.drain(1)
        assert await post.state("a") is State.TO_PERSON
        assert (await post.shown("a")).listed.note == "this version has no route for parcel"

    forward(new_peer(), live)
