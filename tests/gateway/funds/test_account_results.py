"""What an answer about an account comes to."""

import pytest

from gateway.funds.account_results import UNREADABLE, judge_account
from gateway.funds.messages import Message
from gateway.outcomes import Verdict

IBAN = "KZ86125KZT5004100100"
TOLD = f"ACTIVE;{IBAN};990240000010;SHOP; AND CO"


def answer(code: str | None, said: str = TOLD) -> Message:
    return Message({"t": "0110", "48": said} | ({} if code is None else {"39": code}))


def test_an_active_account_is_told_with_its_holder():
    outcome = judge_account(answer("00"), iban=IBAN)
    assert outcome.verdict is Verdict.ACCEPTED
    assert (outcome.account.iban, outcome.account.name) == (IBAN, "SHOP; AND CO")


@pytest.mark.parametrize("standing", ["BLOCKED", "ARRESTED"])
def test_what_stands_against_an_account_refuses_it(standing):
    outcome = judge_account(answer("00", TOLD.replace("ACTIVE", standing)))
    assert (outcome.verdict, outcome.account.standing) == (Verdict.REFUSED, standing)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "ACTIVE;;;",
        TOLD.replace("ACTIVE", "active"),
        TOLD.replace("KZ86", "KZ87"),
        TOLD.replace("990240000010", "990240000017"),
        f"ACTIVE;{IBAN};990240000010; ",
    ],
)
def test_an_account_that_cannot_be_read_is_unknown_and_alarmed(said):
    outcome = judge_account(answer("00", said))
    assert (outcome.verdict, outcome.alarm) == (Verdict.UNANSWERED, UNREADABLE)


def test_another_account_than_was_asked_about_is_unknown():
    outcome = judge_account(answer("00"), iban="KZ75125KZT2069100100")
    assert (outcome.verdict, outcome.alarm) == (Verdict.UNANSWERED, UNREADABLE)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("62", Verdict.REFUSED),
        ("14", Verdict.REFUSED),
        ("91", Verdict.UNANSWERED),
        ("96", Verdict.UNANSWERED),
        ("10", Verdict.UNANSWERED),
        (None, Verdict.UNANSWERED),
    ],
)
def test_another_code_refuses_or_says_nothing(code, verdict):
    outcome = judge_account(answer(code))
    assert (outcome.verdict, outcome.account) == (verdict, None)
