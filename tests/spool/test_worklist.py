import pytest

from spool import NoSuchEntry, NotForAPerson, ToPerson, enqueue
from spool.agenda import Quota
from spool.entry_states import Event, State
from spool.lease import acknowledge, claim
from spool.worklist import close_by_person, entries_in, id_of, retry_by_person, show

LANE = Quota("eport", "ATM00017", 1)
WHO = {"person": "Aigul S.", "reason": "e-port confirmed by phone"}


@pytest.fixture
async def stuck(spool, letter):
    """The number of an entry that waits for a person."""
    await spool.write(lambda tx: enqueue(tx, letter("a", payload=b"1234567")))
    return await spool.write(hand_over)


def hand_over(tx):
    [held] = claim(tx, [LANE])[0].claims
    acknowledge(tx, held, ToPerson("malformed"))
    return held.entry.id


async def test_what_waits_for_a_person_is_listed_with_its_reason_and_without_its_payload(spool, stuck):
    [listed] = await spool.read(lambda tx: entries_in(tx, State.TO_PERSON))
    assert (listed.id, listed.note, listed.payload_length) == (stuck, "malformed", 7)
    assert listed.payload_sha256 == "8bb0cf6eb9b17d0f7d22b456f121257dc1254e1f01665370476383ea776df414"
    assert "1234567" not in repr(listed)


async def test_a_person_closes_it_by_name_and_with_a_reason(spool, stuck):
    await spool.write(lambda tx: close_by_person(tx, stuck, **WHO))
    shown = await spool.read(lambda tx: show(tx, stuck))
    assert shown.listed.state is State.CLOSED
    last = shown.history[-1]
    assert (last.event, last.person, last.note) == (Event.CLOSED_BY_PERSON, WHO["person"], WHO["reason"])
    assert await spool.read(lambda tx: entries_in(tx, State.TO_PERSON)) == []


async def test_a_person_has_it_tried_again_now(spool, stuck):
    await spool.write(lambda tx: retry_by_person(tx, stuck, **WHO))
    [held] = (await spool.write(lambda tx: claim(tx, [LANE])))[0].claims
    assert (held.entry.id, held.entry.maybe_sent) == (stuck, True)


@pytest.mark.parametrize("decide", [close_by_person, retry_by_person])
async def test_nobody_decides_without_a_name_and_a_reason(spool, stuck, decide):
    for who in ({**WHO, "person": " "}, {**WHO, "reason": ""}):
        with pytest.raises(NotForAPerson):
            await spool.write(lambda tx, who=who: decide(tx, stuck, **who))
    assert len((await spool.read(lambda tx: show(tx, stuck))).history) == 1


async def test_what_is_still_being_sent_is_not_closed_by_a_person(spool, letter):
    entry_id = await spool.write(lambda tx: enqueue(tx, letter("a")))
    with pytest.raises(NotForAPerson, match="is ready"):
        await spool.write(lambda tx: close_by_person(tx, entry_id, **WHO))
    await spool.write(lambda tx: claim(tx, [LANE]))
    for decide in (close_by_person, retry_by_person):
        with pytest.raises(NotForAPerson, match="is claimed"):
            await spool.write(lambda tx, decide=decide: decide(tx, entry_id, **WHO))


async def test_an_unknown_entry_is_said_to_be_unknown(spool):
    for ask in (
        lambda tx: show(tx, 99),
        lambda tx: id_of(tx, "nobody"),
        lambda tx: close_by_person(tx, 99, **WHO),
    ):
        with pytest.raises(NoSuchEntry):
            await spool.write(ask)


async def test_its_owner_may_say_what_a_person_sees_of_a_payload(spool, stuck):
    shown = await spool.read(
        lambda tx: show(tx, stuck, describe=lambda kind, payload: {kind: str(len(payload))})
    )
    assert shown.described == {"letter": "7"}


async def test_ended_entries_are_listed_with_the_latest_first(spool, letter):
    def closes(tx):
        for n in range(3):
            enqueue(tx, letter(str(n)))
            close_by_person(tx, hand_over(tx), **WHO)

    await spool.write(closes)
    listed = await spool.read(lambda tx: entries_in(tx, State.CLOSED, at_most=2))
    assert len(listed) == 2
    assert all(entry.due_at is None for entry in listed)
