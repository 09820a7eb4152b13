from itertools import product

from gateway.bills.check_states import FINAL, START, TABLE, Event, State, Step


def test_every_event_has_a_row_in_every_state() -> None:
    assert set(TABLE) == set(product(State, Event))


def test_one_check_serves_one_payment() -> None:
    served = [key for key, row in TABLE.items() if Step.SERVE in row.steps]
    assert served == [(State.OFFERED, Event.TAKEN)]
    assert TABLE[START, Event.TAKEN].next is State.USED


def test_an_ended_check_stays_as_it_is() -> None:
    for state, event in product(FINAL, Event):
        assert TABLE[state, event].next is state


def test_a_restart_changes_nothing() -> None:
    for state in State:
        assert TABLE[state, Event.RESTARTED].next is state
        assert TABLE[state, Event.RESTARTED].steps == ()
