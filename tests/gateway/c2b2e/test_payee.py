from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.c2b2e.payee import ANSWERS, FINAL, START, TABLE, Event, State, Step
from gateway.state_table import advance

REJECT = {Step.STOP_QUESTIONS, Step.OPEN_LINK, Step.TELL_NOT_PAID}
REFUSE = {Step.SPOOL_REJECTION, Step.OPEN_LINK, Step.TELL_NOT_PAID}
ABANDON = {Step.STOP_QUESTIONS, Step.TELL_UNKNOWN, Step.ALARM}

# DESIGN §5, "Payee"; what is not here stays where it is.
MOVES = {
    (State.DETAILED, Event.ORDER_TAKEN): (State.CHECKING, {Step.RESERVE_LINK, Step.CHECK_BENEFICIARY}),
    (State.DETAILED, Event.LINK_CLOSED): (State.LAPSED, set()),
    (State.CHECKING, Event.BENEFICIARY_FIT): (State.PENDING, {Step.SPOOL_PENDING}),
    (State.CHECKING, Event.BENEFICIARY_UNFIT): (State.REJECTED, REFUSE),
    (State.CHECKING, Event.UNANSWERED): (State.REJECTED, REFUSE),
    **{
        (state, Event.REJECTED_TOLD): (State.REJECTED, REJECT)
        for state in (State.CHECKING, State.PENDING, State.ABANDONED)
    },
    (State.PENDING, Event.PENDING_REFUSED): (State.ABANDONED, ABANDON),
    (State.PENDING, Event.QUESTIONS_OVER): (State.ABANDONED, ABANDON),
    (State.PENDING, Event.SETTLED_TOLD): (
        State.SETTLED,
        {Step.STOP_QUESTIONS, Step.SPOOL_CREDIT, Step.USE_LINK, Step.TELL_PAID},
    ),
    (State.ABANDONED, Event.SETTLED_TOLD): (
        State.SETTLED,
        {Step.SPOOL_CREDIT, Step.USE_LINK, Step.TELL_PAID_LATE, Step.ALARM},
    ),
}
STAYING = {
    *(Step.ALARM, Step.SPOOL_QUESTION, Step.CLOSE_CREDIT),
    *(Step.START_QUESTIONS, Step.CHECK_BENEFICIARY),
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
        assert set(row.steps) <= STAYING


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


def test_only_acsc_credits_and_only_then_the_pos_says_paid() -> None:
    for (state, event), row in TABLE.items():
        credited = Step.SPOOL_CREDIT in row.steps
        assert credited == (event is Event.SETTLED_TOLD and state in {State.PENDING, State.ABANDONED})
        assert credited == bool({Step.TELL_PAID, Step.TELL_PAID_LATE} & set(row.steps))


def test_after_its_pdng_a_bank_sends_no_rjct() -> None:
    for (state, _), row in TABLE.items():
        assert Step.SPOOL_REJECTION not in row.steps or state is State.CHECKING


def test_giving_up_is_no_ending_and_keeps_the_link() -> None:
    assert State.ABANDONED not in FINAL
    assert Step.OPEN_LINK not in TABLE[State.PENDING, Event.QUESTIONS_OVER].steps


def test_an_order_is_taken_once_and_not_after_its_link_is_over() -> None:
    told = {state: int(ANSWERS[state, Event.ORDER_TAKEN]) for state in State}
    assert told == dict.fromkeys(State, 409) | {State.DETAILED: 200, State.LAPSED: 410}


def test_a_status_of_an_order_that_never_came_is_404_and_any_other_is_200() -> None:
    for state, event in product(State, {Event.PENDING_TOLD, Event.SETTLED_TOLD, Event.REJECTED_TOLD}):
        assert ANSWERS[state, event] == (404 if state in {State.DETAILED, State.LAPSED} else 200)


def test_a_message_that_is_not_taken_moves_nothing() -> None:
    for (state, event), status in ANSWERS.items():
        if status != 200:
            row = TABLE[state, event]
            assert row.next is state
            assert set(row.steps) <= {Step.ALARM}


def test_what_contradicts_an_ending_is_an_alarm_and_what_repeats_it_is_nothing() -> None:
    for state, event in [
        (State.SETTLED, Event.REJECTED_TOLD),
        (State.REJECTED, Event.SETTLED_TOLD),
        (State.CHECKING, Event.SETTLED_TOLD),
        (State.SETTLED, Event.CREDIT_REFUSED),
    ]:
        assert TABLE[state, event].steps == (Step.ALARM,), (state, event)
    for state, event in [
        (State.SETTLED, Event.SETTLED_TOLD),
        (State.REJECTED, Event.REJECTED_TOLD),
        (State.ABANDONED, Event.QUESTIONS_OVER),
        (State.SETTLED, Event.LINK_CLOSED),
    ]:
        assert TABLE[state, event].steps == (), (state, event)


def test_a_restart_asks_the_card_host_again_and_moves_nothing() -> None:
    for state in State:
        row = TABLE[state, Event.RESTARTED]
        wanted = (Step.CHECK_BENEFICIARY,) if state is State.CHECKING else ()
        assert (row.next, row.steps) == (state, wanted)


@given(st.lists(st.sampled_from(Event), max_size=60))
def test_no_order_of_events_credits_twice(events: list[Event]) -> None:
    state, done = START, list[Step]()
    for event in events:
        row = advance(TABLE, state, event)
        state = row.next
        done += row.steps
    assert done.count(Step.SPOOL_CREDIT) == done.count(Step.USE_LINK) <= 1
    assert done.count(Step.SPOOL_PENDING) + done.count(Step.SPOOL_REJECTION) <= 1
    assert Step.SPOOL_CREDIT not in done or Step.SPOOL_PENDING in done
