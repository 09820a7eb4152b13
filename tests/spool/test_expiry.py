import asyncio
from datetime import timedelta

from spool import Again
from spool.entry_states import Event, State
from spool.worklist import id_of, retry_by_person


def test_what_expires_before_it_could_be_sent_goes_to_a_person_and_is_not_sent(forward, new_peer, letter):
    peer = new_peer(*[Again()] * 100)

    async def live(post):
        await post.put(letter("a", expires_at=post.spool.now() + timedelta(seconds=100)))
        await asyncio.sleep(101)
        assert await post.state("a") is State.TO_PERSON
        assert (await post.shown("a")).history[-1].event is Event.EXPIRED
        await asyncio.sleep(10_000)
        assert peer.times == [0, 60]

    forward(peer, live)


def test_what_expires_is_still_delivered_where_its_route_says_so(forward, new_peer, letter):
    peer = new_peer(*[Again()] * 3)

    async def live(post):
        await post.put(letter("a", expires_at=post.spool.now() + timedelta(seconds=100)))
        await asyncio.sleep(3600)
        assert peer.times == [0, 60, 180, 480]
        assert await post.state("a") is State.DELIVERED

    forward(peer, live, expires="deliver")


def test_what_a_person_sends_in_spite_of_its_age_is_not_taken_back_for_its_age(forward, new_peer, letter):
    peer = new_peer(Again())

    async def live(post):
        await post.put(letter("a", expires_at=post.spool.now() + timedelta(seconds=30)))
        await asyncio.sleep(31)
        await post.spool.write(
            lambda tx: retry_by_person(tx, id_of(tx, "a"), person="Aigul", reason="e-port wants it")
        )
        await asyncio.sleep(1000)
        assert len(peer.asked) == 2
        assert await post.state("a") is State.DELIVERED

    forward(peer, live)
