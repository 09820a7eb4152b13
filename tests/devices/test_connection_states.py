from itertools import product

import pytest

from devices.connection_states import (
    MEANING,
    TABLE,
    Connection,
    Event,
    NoSuchRowError,
    Step,
    advance,
    back_off_seconds,
)
from devices.interfaces import DeviceState


def test_every_event_has_a_row_in_every_state():
    assert TABLE.keys() == set(product(Connection, Event))


def test_every_state_is_reached_and_only_closed_ends():
    reached = {row.next for row in TABLE.values()}
    assert reached == set(Connection)
    ends = {state for state in Connection if all(TABLE[state, event].next is state for event in Event)}
    assert ends == {Connection.CLOSED}


def test_no_state_waits_for_nothing():
    """Whoever comes into a state that is not the end has somebody who will ask."""
    for (state, event), row in TABLE.items():
        if row.next not in {state, Connection.CLOSED}:
            assert row.steps, (state, event)


def test_a_device_that_answers_is_online_from_everywhere():
    assert {TABLE[state, Event.ANSWERED].next for state in Connection} == {
        Connection.ONLINE,
        Connection.CLOSED,
    }


def test_a_device_that_was_online_is_asked_again_at_once():
    for event in (Event.NOT_THERE, Event.NO_ANSWER, Event.COMMAND_LOST):
        assert TABLE[Connection.ONLINE, event].steps == (Step.ASK,)


def test_every_status_has_a_meaning():
    assert MEANING.keys() == set(DeviceState)


def test_jitter_only_lengthens():
    for failures in range(1, 9):
        assert (
            back_off_seconds(failures, 0)
            <= back_off_seconds(failures, 0.99)
            <= 1.25 * back_off_seconds(failures, 0)
        )


def test_a_missing_row_names_event_and_state():
    with pytest.raises(NoSuchRowError, match=r"nothing.*online"):
        advance(Connection.ONLINE, "nothing")
