from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.c2b2e.deadlines import PayeeQuestions, PayerQuestions, TransferTimers

START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
seconds = st.integers(0, 10**8).map(lambda tiny: tiny / 10)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def payer_instants(count: int, questions: PayerQuestions) -> list[float]:
    last, told = None, []
    for _ in range(count):
        last = questions.due_at(START, last_asked_at=last)
        told.append((last - START).total_seconds())
    return told


def test_the_payer_asks_in_gaps_that_double_to_a_quarter_of_an_hour_and_never_end() -> None:
    assert payer_instants(10, PayerQuestions()) == [30, 45, 75, 135, 255, 495, 975, 1875, 2775, 3675]


def test_a_demo_in_hundredths_keeps_every_instant_apart() -> None:
    told = payer_instants(50, PayerQuestions(0.3, 0.15, 9))
    assert told[:4] == [0.3, 0.45, 0.75, 1.35]
    assert len(set(told)) == 50


@pytest.mark.parametrize(
    ("asked", "due"), [(6, 30), (30, 45), (31, 45), (500, 975), (3_700, 4_575), (86_400, 86_475)]
)
def test_what_was_missed_is_asked_once_and_the_later_instants_stand(asked: float, due: float) -> None:
    assert PayerQuestions().due_at(START, last_asked_at=at(asked)) == at(due)


@given(seconds)
def test_after_any_question_the_payer_has_a_next_one_within_a_quarter_of_an_hour(asked: float) -> None:
    due = PayerQuestions().due_at(START, last_asked_at=at(asked))
    assert at(asked) < due <= at(asked) + timedelta(minutes=15)
    on_the_grid = (due - START).total_seconds()
    assert on_the_grid in {30, 45, 75, 135, 255, 495} or (on_the_grid - 975) % 900 == 0


def test_the_payee_asks_three_times_five_seconds_apart_and_gives_up() -> None:
    questions = PayeeQuestions()
    assert questions.due_at(START, asked=0, last_asked_at=None) == at(30)
    assert questions.due_at(START, asked=1, last_asked_at=at(30)) == at(35)
    assert questions.due_at(START, asked=2, last_asked_at=at(35)) == at(40)
    assert questions.due_at(START, asked=3, last_asked_at=at(40)) is None
    assert questions.over_at(START, last_asked_at=at(40)) == at(45)


def test_a_payee_that_was_away_for_an_hour_still_asks_before_it_gives_up() -> None:
    questions = PayeeQuestions()
    assert questions.due_at(START, asked=0, last_asked_at=None) == at(30)  # due at once
    assert questions.due_at(START, asked=1, last_asked_at=at(3600)) == at(3605)
    assert questions.over_at(START, last_asked_at=at(3610)) == at(3615)


def test_a_404_counts_only_for_a_question_that_left_after_life_and_five_minutes() -> None:
    timers = TransferTimers()
    assert not timers.order_is_over(START, asked_at=at(340))
    assert timers.order_is_over(START, asked_at=at(340.001))


def test_the_same_bytes_leave_again_three_times() -> None:
    assert [TransferTimers().resend_after_seconds(n) for n in (1, 2, 3, 4, 5)] == [1, 2, 4, None, None]


def test_details_and_links_have_their_instants() -> None:
    assert TransferTimers().details_overdue_at(START) == at(15)
    assert TransferTimers().link_expires_at(START) == at(1200)
