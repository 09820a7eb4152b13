"""The table of a transfer's life: closed, without a dead end, and money only where it may move."""

from itertools import product

import pytest

from gateway.sandbox.platform.transfer_states import (
    FINAL,
    MORTAL,
    MOVES,
    OUTCOMES,
    TOLD_FOR_EVER,
    Event,
    State,
    Step,
)


@pytest.mark.parametrize(("state", "event"), list(product(sorted(FINAL), Event)))
def test_a_final_state_is_never_left(state: State, event: Event) -> None:
    assert (state, event) not in MOVES


def test_every_state_is_reached_and_every_open_one_is_left() -> None:
    assert {move.next for move in MOVES.values()} | {State.BLOCKED} == set(State)
    assert {state for state, _ in MOVES} == set(State) - FINAL


def test_every_event_moves_something() -> None:
    assert {event for _, event in MOVES} == set(Event)


def test_only_the_payers_200_to_pdng_commits() -> None:
    committing = {key for key, move in MOVES.items() if move.next is State.COMMITTED}
    assert committing == {(State.ACCEPTED, Event.PAYER_TOOK)}


def test_only_a_commit_that_the_payee_knows_is_final() -> None:
    settling = {key for key, move in MOVES.items() if move.next is State.SETTLED}
    assert settling == {(State.COMMITTED, Event.PAYEE_KNOWS)}


def test_the_life_of_an_order_ends_no_commit() -> None:
    assert {state for state, event in MOVES if event is Event.LIFE_OVER} == MORTAL
    assert State.COMMITTED not in MORTAL


def test_a_rejection_has_a_reason_and_is_told_to_the_payer() -> None:
    rejections = {key: move for key, move in MOVES.items() if move.next is State.REJECTED}
    assert all(Step.REJECTED_PAYER in move.steps for move in rejections.values())
    without = {event for (_, event), move in rejections.items() if move.reason is None}
    assert without == {Event.PAYEE_REJECTED}  # which has the payee's own


def test_an_undone_commit_is_told_to_both() -> None:
    undone = MOVES[State.COMMITTED, Event.PAYEE_DENIES]
    assert set(undone.steps) == {Step.REJECTED_PAYER, Step.REJECTED_PAYEE}


def test_what_is_told_for_ever_never_comes_to_silence() -> None:
    assert all(OUTCOMES[step][2] is None for step in TOLD_FOR_EVER & OUTCOMES.keys())
