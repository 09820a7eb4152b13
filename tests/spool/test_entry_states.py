from itertools import product
from pathlib import Path

import pytest

import spool as package
from spool import SpoolError, enqueue
from spool.entry_states import FINAL, NEXT, Event, State
from spool.moves import Standing, move, standing


def test_the_table_uses_every_state_and_every_event():
    assert {state for state, _ in NEXT} == set(State) - {State.DELIVERED}
    assert {event for _, event in NEXT} == set(Event)


def test_every_state_can_be_reached_and_an_end_can_be_reached_from_each():
    forward = reach({State.READY}, NEXT.items())
    backward = reach(FINAL, [((after, event), before) for (before, event), after in NEXT.items()])
    assert forward == set(State)
    assert backward == set(State)


def test_a_final_state_is_never_left():
    assert {NEXT[place] for place in NEXT if place[0] in FINAL} <= {State.CLOSED}
    assert all(state is State.CLOSED for state, _ in NEXT if state in FINAL)


@pytest.mark.parametrize(("state", "event"), [pair for pair in product(State, Event) if pair not in NEXT])
async def test_a_step_that_is_not_in_the_table_is_refused(spool, state, event):
    place = Standing(1, state, 0, None, None, "eport", "a", 0, "letter", None)
    with pytest.raises(SpoolError, match="does not apply"):
        await spool.write(lambda tx: move(tx, place, event, note=""))


async def test_a_step_from_where_the_entry_no_longer_is_changes_nothing(spool, letter):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    before = await spool.read(lambda tx: standing(tx, key="a"))
    await spool.write(lambda tx: move(tx, before, Event.REQUEUED, note="first"))
    with pytest.raises(SpoolError, match="no longer"):
        await spool.write(lambda tx: move(tx, before, Event.CLOSED, note="second"))
    assert (await spool.read(lambda tx: standing(tx, key="a"))).state is State.READY


@pytest.mark.parametrize(
    "update",
    [
        "state = 'lost'",
        "state = 'claimed'",
        "lease = 1",
        "state = 'delivered'",
        "purge_ms = 1",
        "attempts = -1",
    ],
)
async def test_the_schema_refuses_a_state_that_cannot_be(spool, letter, update):
    await spool.write(lambda tx: enqueue(tx, letter("a")))
    with pytest.raises(Exception, match="CHECK constraint failed"):
        await spool.write(lambda tx: tx.execute(f"UPDATE entry SET {update}"))


def test_only_the_guarded_move_and_the_claim_change_a_state():
    changing = {
        file.name
        for file in Path(package.__file__).parent.glob("*.py")
        if "state =" in file.read_text().partition("UPDATE entry")[2]
    }
    assert changing == {"moves.py", "lease.py"}


def reach(found, steps):
    found = set(found)
    while more := {after for (before, _), after in steps if before in found} - found:
        found |= more
    return found
