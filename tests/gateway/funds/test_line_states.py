import pytest

from gateway.funds.line_states import (
    TABLE,
    Line,
    LineEvent,
    LineState,
    UnexpectedLineEventError,
    delay_seconds,
)


def walked(*events: LineEvent) -> Line:
    line = Line()
    for event in events:
        line = line.after(event)
    return line


def test_every_state_is_reached_and_only_closed_has_no_way_out():
    reached, frontier = {LineState.IDLE}, [LineState.IDLE]
    while frontier:
        state = frontier.pop()
        new = {after for (before, _), after in TABLE.items() if before is state} - reached
        reached |= new
        frontier.extend(new)
    assert reached == set(LineState)
    for state in LineState:
        leaves = any(before is state and after is not state for (before, _), after in TABLE.items())
        assert leaves == (state is not LineState.CLOSED)


@pytest.mark.parametrize("state", list(LineState))
def test_every_state_can_be_stopped(state):
    assert Line(state).after(LineEvent.STOPPED).state is LineState.CLOSED


def test_what_is_not_in_the_table_is_an_error_that_names_both():
    with pytest.raises(UnexpectedLineEventError, match="echo_answered in idle"):
        Line().after(LineEvent.ECHO_ANSWERED)


def test_only_an_answered_echo_forgives_earlier_failures():
    lost_twice = walked(
        LineEvent.STARTED, LineEvent.LOST, LineEvent.DELAY_OVER, LineEvent.CONNECTED, LineEvent.LOST
    )
    assert lost_twice.failures == 2
    up = lost_twice.after(LineEvent.DELAY_OVER).after(LineEvent.CONNECTED)
    assert up.failures == 2
    assert up.after(LineEvent.ECHO_ANSWERED) == Line(LineState.PROVEN, 0)


def test_the_delay_doubles_up_to_its_longest_and_jitter_only_lengthens():
    steady = [delay_seconds(failures, first=1, longest=30, chance=0) for failures in range(1, 8)]
    assert steady == [1, 2, 4, 8, 16, 30, 30]
    assert delay_seconds(3, first=1, longest=30, chance=1) == 6
    assert delay_seconds(10_000, first=1, longest=30, chance=0) == 30
