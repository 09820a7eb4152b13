from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bills.payment_states import FINAL, START, TABLE, Event, State, Step
from gateway.state_table import advance

# DESIGN §5, row by row; what is not here stays where it is.
MOVES = {
    (State.HOLDING, Event.HOLD_APPROVED): (State.PAYING, {Step.SPOOL_PAYMENT, Step.START_EXPIRY}),
    (State.HOLDING, Event.HOLD_DECLINED): (State.REFUSED, {Step.CLOSE_HOLD}),
    (State.HOLDING, Event.UNANSWERED): (State.RELEASING, {Step.SPOOL_REVERSAL}),
    (State.HOLDING, Event.RESTARTED): (State.RELEASING, {Step.SPOOL_REVERSAL}),
    (State.PAYING, Event.PAYMENT_PENDING): (State.PENDING, {Step.START_ASKING}),
    (State.PAYING, Event.UNANSWERED): (State.PENDING, {Step.START_ASKING}),
    (State.PAYING, Event.RESTARTED): (State.PENDING, {Step.START_ASKING}),
    (State.PENDING, Event.EXPIRED): (State.UNRESOLVED, {Step.ALARM}),
    (State.PAYING, Event.EXPIRED): (State.UNRESOLVED, {Step.START_ASKING, Step.ALARM}),
    (State.RELEASING, Event.RELEASED): (State.RELEASED, {Step.CLOSE_HOLD}),
    **{
        (state, event): (State.PAID, {Step.STOP_ASKING, Step.SPOOL_CAPTURE})
        for state in (State.PAYING, State.PENDING, State.UNRESOLVED)
        for event in (Event.PAYMENT_ACCEPTED, Event.REGISTRY_MATCHED)
    },
    **{
        (state, event): (State.RELEASING, {Step.STOP_ASKING, Step.SPOOL_REVERSAL})
        for state in (State.PENDING, State.UNRESOLVED)
        for event in (Event.PAYMENT_REFUSED, Event.REGISTRY_MISSING, Event.CANCELLED)
    },
    (State.PAYING, Event.PAYMENT_REFUSED): (State.RELEASING, {Step.STOP_ASKING, Step.SPOOL_REVERSAL}),
    **{
        (state, Event.ID_CONFLICT): (State.UNRESOLVED, {Step.STOP_ASKING, Step.ALARM})
        for state in (State.PAYING, State.PENDING, State.UNRESOLVED)
    },
}


def test_every_event_has_a_row_in_every_state() -> None:
    assert set(TABLE) == set(product(State, Event))


@pytest.mark.parametrize("key", list(product(State, Event)), ids=lambda key: f"{key[1]} in {key[0]}")
def test_a_row_moves_only_where_the_design_says(key: tuple[State, Event]) -> None:
    row = TABLE[key]
    wanted, steps = MOVES.get(key, (key[0], None))
    assert row.next is wanted
    if steps is not None:
        assert set(row.steps) == steps
    else:
        assert set(row.steps) <= {Step.ALARM, Step.SPOOL_CANCEL, Step.CLOSE_HOLD}


def test_money_moves_only_with_the_state_that_says_so() -> None:
    for (state, _), row in TABLE.items():
        assert (Step.SPOOL_CAPTURE in row.steps) == (row.next is State.PAID and state is not State.PAID)
        assert (Step.SPOOL_REVERSAL in row.steps) == (
            row.next is State.RELEASING and state is not State.RELEASING
        )


def test_every_state_is_reachable_and_none_is_a_dead_end() -> None:
    reached, frontier = {START}, [START]
    while frontier:
        state = frontier.pop()
        for event in Event:
            after = TABLE[state, event].next
            if after not in reached:
                reached.add(after)
                frontier.append(after)
    assert reached == set(State)
    for state in set(State) - FINAL:
        assert {TABLE[state, event].next for event in Event} - {state}, state


def test_a_final_state_is_never_left() -> None:
    for state, event in product(FINAL, Event):
        assert advance(TABLE, state, event).next is state


def test_what_contradicts_an_ending_is_an_alarm() -> None:
    for state, event in [
        (State.PAID, Event.PAYMENT_REFUSED),
        (State.PAID, Event.REGISTRY_MISSING),
        (State.PAID, Event.CANCELLED),
        (State.RELEASING, Event.PAYMENT_ACCEPTED),
        (State.RELEASED, Event.PAYMENT_ACCEPTED),
        (State.RELEASED, Event.REGISTRY_MATCHED),
        (State.REFUSED, Event.REGISTRY_MATCHED),
        (State.RELEASING, Event.REVERSAL_REFUSED),
        (State.PAID, Event.CAPTURE_REFUSED),
    ]:
        assert TABLE[state, event].steps == (Step.ALARM,), (state, event)


def test_a_late_answer_to_the_hold_after_its_reversal_changes_nothing() -> None:
    assert TABLE[State.RELEASING, Event.HOLD_APPROVED].steps == ()
    assert TABLE[State.RELEASED, Event.HOLD_APPROVED].steps == ()


def test_silence_never_releases_what_e_port_may_have() -> None:
    for state in (State.PAYING, State.PENDING, State.UNRESOLVED):
        for event in (Event.UNANSWERED, Event.RESTARTED, Event.EXPIRED, Event.PAYMENT_PENDING):
            assert Step.SPOOL_REVERSAL not in TABLE[state, event].steps


@given(st.lists(st.sampled_from(Event), max_size=60))
def test_no_order_of_events_both_captures_and_releases(events: list[Event]) -> None:
    state, done, endings = START, [], set()
    for event in events:
        row = advance(TABLE, state, event)
        state = row.next
        done += row.steps
        endings |= {state} & FINAL
    assert len(endings) <= 1
    assert done.count(Step.SPOOL_CAPTURE) + done.count(Step.SPOOL_REVERSAL) <= 1
    assert done.count(Step.SPOOL_PAYMENT) <= 1
    assert done.count(Step.START_ASKING) <= 1
