import pytest

from agent.journeys.bill import (
    DEFECTS,
    EFFECTS,
    ENDINGS,
    ENDS,
    FINAL,
    INTERRUPTIBLE,
    OUTCOMES,
    RESOLVABLE,
    TABLE,
    Effect,
    Ending,
    Event,
    State,
    Step,
)
from gateway.state_table import NoSuchRowError, advance, diagram

BEFORE_SENDING = (
    State.STARTED,
    State.OFFERED,
    State.CONSENTED,
    State.CARD_IN,
    State.APPLICATION_CHOSEN,
    State.PIN_DONE,
    State.RETURNING,
    State.ABANDONED,
)
UNSETTLED = {Ending.IN_PROCESSING, Ending.BEING_UNBLOCKED}


def can_happen(state: State) -> set[Event]:
    events = set(OUTCOMES[EFFECTS[state]]) | {Event.RESTARTED} if state in EFFECTS else set()
    if state in INTERRUPTIBLE:
        events |= {Event.CANCELLED, Event.WALKED_AWAY}
    if state in RESOLVABLE:
        events |= {Event.RESOLVED}
    return events


@pytest.mark.parametrize("state", State)
def test_what_can_happen_has_a_row_and_everything_else_raises(state):
    for event in Event:
        if event in can_happen(state):
            advance(TABLE, state, event)
        else:
            with pytest.raises(NoSuchRowError, match=f"{event} in state {state}"):
                advance(TABLE, state, event)


def reachable(start: State) -> set[State]:
    found, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        after = {row.next for (before, _), row in TABLE.items() if before is state} - found
        found |= after
        waiting += after
    return found


def test_every_state_is_reachable():
    assert reachable(State.STARTED) == set(State)


@pytest.mark.parametrize("state", State)
def test_no_state_is_a_dead_end(state):
    assert reachable(state) & FINAL


def test_final_states_are_the_ones_without_an_effect():
    assert sorted(FINAL) == [State.ABANDONED, State.CARD_LEFT, State.CARD_TAKEN]


@pytest.mark.parametrize("state", sorted(set(State) - set(BEFORE_SENDING)))
def test_from_sending_on_nothing_abandons(state):
    assert not reachable(state) & set(BEFORE_SENDING)


def test_only_the_cryptogram_leads_to_sending_and_commits_the_identifiers():
    ways = {pair: row.steps for pair, row in TABLE.items() if row.next is State.SENDING}
    assert ways == {(State.PIN_DONE, Event.CRYPTOGRAM_MADE): (Step.IDENTIFY,)}


def test_a_payment_is_sent_by_one_effect_of_one_state():
    assert [state for state, effect in EFFECTS.items() if effect is Effect.PUT_PAYMENT] == [State.SENDING]
    assert not any(row.next is State.SENDING for (before, _), row in TABLE.items() if before is State.SENDING)


def test_every_event_that_ends_a_journey_has_an_ending():
    ending = {event for (state, event), row in TABLE.items() if row.next in ENDS and state not in ENDS}
    assert ending == set(ENDINGS)


def test_an_unsettled_ending_leaves_its_question_in_the_spool():
    for (state, event), row in TABLE.items():
        if row.next is State.ENDED and state is not State.ENDED:
            assert (Step.ASK_LATER in row.steps) == (ENDINGS[event] in UNSETTLED), event


def test_a_card_that_may_be_inside_goes_back():
    for (state, event), row in TABLE.items():
        if state in {State.CARD_IN, State.APPLICATION_CHOSEN, State.PIN_DONE}:
            assert row.next is not State.ABANDONED, event
    assert EFFECTS[State.RETURNING] is EFFECTS[State.RECEIPT_DONE] is Effect.RETURN_CARD


@pytest.mark.parametrize("effect", Effect)
def test_a_defect_of_ours_is_an_outcome_of_its_effect(effect):
    assert DEFECTS[effect] in OUTCOMES[effect]


def test_cancel_is_not_heard_while_money_moves():
    assert not INTERRUPTIBLE & {State.PIN_DONE, State.SENDING, State.ASKING}


def test_the_diagram_shows_the_way_to_a_paid_bill():
    picture = diagram(TABLE)
    for arrow in ("[*] --> STARTED", "PIN_DONE --> SENDING : CRYPTOGRAM_MADE", "CARD_TAKEN --> [*]"):
        assert arrow in picture
