"""Field 39 and the amount, by PROTOCOLS §5."""

import pytest

from gateway.funds.messages import Message
from gateway.funds.results import judge_advice, judge_hold
from gateway.money import Amount
from gateway.outcomes import Verdict

TOTAL = Amount(154500)


def answer(**values: str) -> Message:
    return Message(
        {"t": "0110", "4": "000000154500", **{number[1:]: value for number, value in values.items()}}
    )


def test_00_with_the_same_amount_is_approved():
    outcome = judge_hold(answer(f39="00", f38="A1B2C3"), TOTAL)
    assert (outcome.verdict, outcome.response_code, outcome.approval_code) == (
        Verdict.ACCEPTED,
        "00",
        "A1B2C3",
    )
    assert outcome.alarm is None


@pytest.mark.parametrize("other", [{"f4": "000000154499"}, {"f4": ""}, {"f49": "840"}])
def test_00_with_another_amount_is_reversed_and_alarms(other):
    outcome = judge_hold(answer(f39="00", **other), TOTAL)
    assert (outcome.verdict, outcome.alarm) == (Verdict.UNANSWERED, "card_host_other_amount")


def test_00_without_an_amount_is_reversed_and_alarms():
    outcome = judge_hold(Message({"t": "0110", "39": "00"}), TOTAL)
    assert (outcome.verdict, outcome.alarm) == (Verdict.UNANSWERED, "card_host_other_amount")


def test_a_partial_approval_is_reversed_and_alarms_even_with_the_same_amount():
    outcome = judge_hold(answer(f39="10"), TOTAL)
    assert (outcome.verdict, outcome.alarm) == (Verdict.UNANSWERED, "card_host_partial_approval")


@pytest.mark.parametrize("code", ["91", "96", "68"])
def test_a_host_that_could_not_decide_has_not_answered(code):
    assert judge_hold(answer(f39=code), TOTAL).verdict is Verdict.UNANSWERED
    assert judge_hold(answer(f39=code), TOTAL).alarm is None
    assert judge_advice(answer(f39=code)).verdict is Verdict.REFUSED  # an answer: a person decides


@pytest.mark.parametrize("code", ["01", "05", "51", "54", "55", "62", "75", "94", "N7", "  "])
def test_anything_else_declines_a_hold_with_its_code(code):
    outcome = judge_hold(answer(f39=code), TOTAL)
    assert (outcome.verdict, outcome.response_code, outcome.alarm) == (Verdict.REFUSED, code, None)


@pytest.mark.parametrize("code", ["01", "10", "12", "94", "N7"])
def test_an_advice_with_another_code_is_refused(code):
    outcome = judge_advice(answer(f39=code))
    assert (outcome.verdict, outcome.response_code) == (Verdict.REFUSED, code)


def test_an_advice_answered_00_is_accepted():
    assert judge_advice(answer(f39="00")).verdict is Verdict.ACCEPTED


def test_an_answer_without_a_response_code_decides_nothing():
    assert judge_hold(answer(), TOTAL).verdict is Verdict.UNANSWERED
    assert judge_hold(answer(), TOTAL).alarm == "card_host_no_response_code"
    assert judge_advice(answer()).verdict is Verdict.UNANSWERED


@pytest.mark.parametrize("code", ["A1B2C", "A1B2C3D", "\x00\x01\x02\x03\x04\x05"])
def test_an_approval_code_that_no_capture_could_carry_is_dropped(code):
    assert judge_hold(answer(f39="00", f38=code), TOTAL).approval_code is None
