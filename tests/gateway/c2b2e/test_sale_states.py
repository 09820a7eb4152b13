from itertools import product

import pytest

from gateway.c2b2e.sale_states import FINAL, PAID, START, TABLE, Event, State, Step


def test_every_event_has_a_row_in_every_state() -> None:
    assert set(TABLE) == set(product(State, Event))


def test_every_state_is_reached_and_every_open_one_can_end() -> None:
    reached = {START} | {row.next for row in TABLE.values()}
    assert reached == set(State)
    for state in set(State) - FINAL:
        assert any(
            row.next in FINAL | {State.OPEN} - {state}
            for (before, _), row in TABLE.items()
            if before is state
        )


@pytest.mark.parametrize("state", sorted(FINAL))
def test_an_ending_is_never_overwritten(state: State) -> None:
    assert {TABLE[state, event].next for event in Event} == {state}


def test_only_an_open_link_takes_an_order_expires_or_is_cancelled() -> None:
    for event in (Event.ORDERED, Event.TIME_OVER, Event.CANCELLED):
        assert [state for state in State if TABLE[state, event].next is not state] == [State.OPEN]


def test_whoever_only_asked_for_a_link_that_is_over_will_not_order_any_more() -> None:
    ends = [row for (before, _), row in TABLE.items() if row.next in FINAL and before not in FINAL]
    assert all(row.steps == (Step.CLOSE_CHAINS,) for row in ends)


def test_paid_is_said_only_behind_an_order() -> None:
    assert all(
        before in {State.RESERVED, State.DOUBTFUL, *PAID}
        for (before, _), row in TABLE.items()
        if row.next in PAID
    )
