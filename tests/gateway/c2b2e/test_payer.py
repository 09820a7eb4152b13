from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.c2b2e.payer import ANSWERS, FINAL, START, TABLE, Event, State, Step
from gateway.state_table import advance

UNORDERED = {State.ASKED, State.DETAILED, State.CHECKING, State.HOLDING, State.FAILED}
OPEN = {State.ORDERED, State.PENDING}
STATUSES = {Event.PENDING_TOLD, Event.PENDING_ANSWERED, Event.SETTLED_TOLD, Event.REJECTED_TOLD}

# DESIGN §5, "C2B2E payer"; what is not here stays where it is.
MOVES = {
    (State.ASKED, Event.DETAILS_GIVEN): (State.DETAILED, {Step.CLOSE_REQUEST, Step.KEEP_DETAILS}),
    **{
        (State.ASKED, event): (State.FAILED, {Step.CLOSE_REQUEST})
        for event in (
            *(Event.REQUEST_REFUSED, Event.DETAILS_REFUSED),
            *(Event.DETAILS_OVERDUE, Event.CANCELLED),
        )
    },
    (State.DETAILED, Event.CONFIRMED): (State.CHECKING, {Step.ASK_ACCOUNT}),
    (State.DETAILED, Event.CANCELLED): (State.FAILED, set()),
    (State.DETAILED, Event.EXPIRED): (State.FAILED, set()),
    (State.CHECKING, Event.ACCOUNT_FIT): (State.HOLDING, {Step.HOLD}),
    **{
        (State.CHECKING, event): (State.FAILED, set())
        for event in (Event.ACCOUNT_UNFIT, Event.UNANSWERED, Event.RESTARTED)
    },
    (State.HOLDING, Event.HOLD_APPROVED): (State.ORDERED, {Step.SPOOL_ORDER, Step.START_QUESTIONS}),
    (State.HOLDING, Event.HOLD_DECLINED): (State.FAILED, {Step.CLOSE_HOLD}),
    (State.HOLDING, Event.UNANSWERED): (State.REJECTED, {Step.SPOOL_REVERSAL}),
    (State.HOLDING, Event.RESTARTED): (State.REJECTED, {Step.SPOOL_REVERSAL}),
    (State.ORDERED, Event.PENDING_TOLD): (State.PENDING, set()),
    **{
        (state, Event.SETTLED_TOLD): (State.SETTLED, {Step.STOP_QUESTIONS, Step.SPOOL_CAPTURE})
        for state in OPEN
    },
    **{
        key: (State.REJECTED, {Step.STOP_QUESTIONS, Step.SPOOL_REVERSAL})
        for key in (
            (State.ORDERED, Event.REJECTED_TOLD),
            (State.PENDING, Event.REJECTED_TOLD),
            (State.ORDERED, Event.ORDER_REFUSED),
            (State.ORDERED, Event.ORDER_UNKNOWN),
        )
    },
    (State.REJECTED, Event.RELEASED): (State.RELEASED, {Step.CLOSE_HOLD}),
}


def test_every_event_has_a_row_in_every_state() -> None:
    assert set(TABLE) == set(product(State, Event))


@pytest.mark.parametrize("key", list(product(State, Event)), ids=lambda key: f"{key[1]} in {key[0]}")
def test_a_row_moves_only_where_the_design_says(key: tuple[State, Event]) -> None:
    row = TABLE[key]
    if key in MOVES:
        assert (row.next, set(row.steps)) == MOVES[key]
    else:
        assert row.next is key[0]
        assert set(row.steps) <= {Step.ALARM, Step.SPOOL_QUESTION, Step.CLOSE_HOLD}


def test_every_state_is_reachable_and_none_is_a_dead_end() -> None:
    reached, frontier = {START}, [START]
    while frontier:
        state = frontier.pop()
        new = {TABLE[state, event].next for event in Event} - reached
        reached |= new
        frontier += new
    assert reached == set(State)
    for state in set(State) - FINAL:
        assert {TABLE[state, event].next for event in Event} - {state}, state


def test_a_final_state_is_never_left() -> None:
    for state, event in product(FINAL, Event):
        assert advance(TABLE, state, event).next is state


def test_a_pdng_is_answered_200_only_where_the_hold_is_known_to_stand() -> None:
    stands = {State.ORDERED, State.PENDING, State.SETTLED}
    for state in State:
        permitted = ANSWERS[state, Event.PENDING_TOLD] == 200
        assert permitted == (state in stands), state
        assert permitted or ANSWERS[state, Event.PENDING_TOLD] == 409
        assert (Step.ALARM in TABLE[state, Event.PENDING_TOLD].steps) == (not permitted)


def test_a_status_of_an_order_that_never_was_is_404_and_any_other_is_200() -> None:
    for state, event in product(State, STATUSES - {Event.PENDING_TOLD}):
        assert ANSWERS[state, event] == (404 if state in UNORDERED else 200)


def test_a_message_that_is_not_taken_moves_nothing() -> None:
    for (state, event), status in ANSWERS.items():
        if status != 200:
            row = TABLE[state, event]
            assert (row.next, row.steps) == (state, (Step.ALARM,)), (state, event)


def test_what_contradicts_an_ending_is_an_alarm_and_what_repeats_it_is_nothing() -> None:
    for state, event in [
        (State.SETTLED, Event.REJECTED_TOLD),
        (State.SETTLED, Event.ORDER_REFUSED),
        (State.SETTLED, Event.ORDER_UNKNOWN),
        (State.PENDING, Event.ORDER_REFUSED),
        (State.PENDING, Event.ORDER_UNKNOWN),
        (State.REJECTED, Event.SETTLED_TOLD),
        (State.REJECTED, Event.PENDING_TOLD),
        (State.RELEASED, Event.SETTLED_TOLD),
        (State.SETTLED, Event.CAPTURE_REFUSED),
        (State.REJECTED, Event.REVERSAL_REFUSED),
    ]:
        assert TABLE[state, event].steps == (Step.ALARM,), (state, event)
    for state, event in [
        (State.SETTLED, Event.SETTLED_TOLD),
        (State.SETTLED, Event.PENDING_TOLD),
        (State.REJECTED, Event.REJECTED_TOLD),
        (State.RELEASED, Event.REJECTED_TOLD),
        (State.RELEASED, Event.RELEASED),
        (State.FAILED, Event.DETAILS_GIVEN),
    ]:
        assert TABLE[state, event].steps == (), (state, event)


def test_no_clock_and_no_silence_releases_an_order() -> None:
    for state, event in product(
        OPEN, {Event.UNANSWERED, Event.RESTARTED, Event.EXPIRED, Event.QUESTION_DUE, Event.ORDER_DOUBTFUL}
    ):
        assert TABLE[state, event].next is state
        assert set(TABLE[state, event].steps) <= {Step.SPOOL_QUESTION}


@given(st.lists(st.sampled_from(Event), max_size=60))
def test_no_order_of_events_both_captures_and_releases(events: list[Event]) -> None:
    state, done = START, list[Step]()
    for event in events:
        row = advance(TABLE, state, event)
        state = row.next
        done += row.steps
    assert done.count(Step.SPOOL_CAPTURE) + done.count(Step.SPOOL_REVERSAL) <= 1
    assert done.count(Step.HOLD) <= 1
    assert done.count(Step.SPOOL_ORDER) <= 1
    assert Step.SPOOL_CAPTURE not in done or Step.SPOOL_ORDER in done
