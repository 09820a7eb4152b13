from collections.abc import Iterator
from random import Random

import pytest

from gateway.office.sessions import MOST, Sessions


@pytest.fixture
def clock() -> Iterator[list[float]]:
    return [0.0]


@pytest.fixture
def sessions(clock) -> Sessions:
    return Sessions(Random(1).randbytes, idle_seconds=900, clock=lambda: clock[0])


def test_a_session_ends_when_nobody_has_done_anything_for_too_long(sessions, clock) -> None:
    session = sessions.begin("asel", "kk")
    clock[0] = 899
    assert sessions.find(session.token) is session
    clock[0] += 899
    assert sessions.find(session.token) is session
    clock[0] += 900
    assert sessions.find(session.token) is None


def test_nobody_else_is_out_when_somebody_comes_or_goes(sessions) -> None:
    one, other = sessions.begin("asel", "kk"), sessions.begin("bolat", "ru")
    sessions.end(one)
    assert sessions.find(one.token) is None
    assert sessions.find(other.token) is other


def test_a_form_shows_the_sessions_own_token(sessions) -> None:
    one, other = sessions.begin("asel", "kk"), sessions.begin("asel", "kk")
    assert one.sent(one.form_token)
    assert not one.sent(other.form_token)
    assert not one.sent("")


def test_there_are_never_more_than_a_limit_and_the_longest_idle_gives_way(sessions, clock) -> None:
    first = sessions.begin("asel", "kk")
    for second in range(1, MOST + 1):
        clock[0] = second / 1000
        last = sessions.begin("asel", "kk")
    assert sessions.find(first.token) is None
    assert sessions.find(last.token) is last


def test_tokens_are_in_no_representation(sessions) -> None:
    session = sessions.begin("asel", "kk")
    assert session.token not in repr(session)
    assert session.form_token not in repr(session)
