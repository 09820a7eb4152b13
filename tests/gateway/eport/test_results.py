"""PROTOCOLS §2.3, cell by cell: the table here is typed from the text, not from the code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.eport.messages import Answer
from gateway.eport.operations import Operation
from gateway.eport.results import RESULTS, judge
from gateway.money import Amount
from gateway.outcomes import Verdict

TXN_ID = "26112200000001234567"
ACCEPTED, REFUSED, PENDING, UNANSWERED = (
    Verdict.ACCEPTED,
    Verdict.REFUSED,
    Verdict.PENDING,
    Verdict.UNANSWERED,
)

#       code: check, payment, status
FINAL = {
    0: (ACCEPTED, ACCEPTED, ACCEPTED),
    1: (UNANSWERED, PENDING, PENDING),
    4: (REFUSED, REFUSED, REFUSED),
    5: (REFUSED, REFUSED, PENDING),
    7: (REFUSED, REFUSED, REFUSED),
    8: (REFUSED, PENDING, PENDING),
    17: (REFUSED, REFUSED, PENDING),
    18: (REFUSED, REFUSED, PENDING),
    19: (REFUSED, REFUSED, PENDING),
    38: (REFUSED, REFUSED, PENDING),
    79: (REFUSED, REFUSED, REFUSED),
    90: (UNANSWERED, PENDING, PENDING),
    215: (Verdict.CONFLICT, Verdict.CONFLICT, PENDING),
    241: (REFUSED, REFUSED, REFUSED),
    242: (REFUSED, REFUSED, REFUSED),
    243: (REFUSED, PENDING, PENDING),
    251: (REFUSED, PENDING, PENDING),
    300: (REFUSED, PENDING, PENDING),
}
COLUMNS = (Operation.ACCOUNT, Operation.PAYMENT, Operation.STATUS)
CELLS = [
    (code, operation, verdict)
    for code, row in FINAL.items()
    for operation, verdict in zip(COLUMNS, row, strict=True)
]
UNKNOWN_CODES = st.integers(-(10**8), 10**9 - 1).filter(lambda code: code not in FINAL)
ANY_CODE = st.sampled_from(sorted(FINAL)) | UNKNOWN_CODES


def answer(result: int, *, final: bool = True) -> Answer:
    return Answer(txn_id=TXN_ID, result=result, final=final)


@pytest.mark.parametrize(("code", "operation", "verdict"), CELLS)
def test_a_final_answer_comes_to_what_its_cell_says(code, operation, verdict):
    assert judge(operation, answer(code)).verdict is verdict


def test_the_table_has_the_codes_of_the_text_and_no_others():
    assert set(RESULTS) == set(FINAL)


@given(code=UNKNOWN_CODES)
def test_an_unknown_code_refuses_a_check_only_and_alarms_where_money_moves(code):
    assert judge(Operation.ACCOUNT, answer(code)).verdict is REFUSED
    for operation in (Operation.PAYMENT, Operation.STATUS, Operation.CANCEL):
        outcome = judge(operation, answer(code))
        assert (outcome.verdict, outcome.alarm) == (PENDING, "eport_unknown_result")


@given(code=ANY_CODE, first=st.booleans(), ordered=st.booleans())
def test_what_is_not_final_is_pending_whatever_its_code(code, first, ordered):
    for operation in (Operation.PAYMENT, Operation.STATUS, Operation.CANCEL):
        outcome = judge(operation, answer(code, final=False), first_attempt=first, cancel_ordered=ordered)
        assert outcome.verdict is PENDING


@given(code=ANY_CODE)
def test_a_check_that_is_not_final_has_no_answer_yet(code):
    assert judge(Operation.ACCOUNT, answer(code, final=False)).verdict is UNANSWERED


@pytest.mark.parametrize("code", [17, 18, 19, 38])
def test_a_difference_from_the_check_refuses_our_only_attempt_and_never_a_repeat(code):
    assert judge(Operation.PAYMENT, answer(code), first_attempt=True).verdict is REFUSED
    later = judge(Operation.PAYMENT, answer(code), first_attempt=False)
    assert (later.verdict, later.alarm) == (PENDING, "eport_check_mismatch")


@pytest.mark.parametrize("code", [4, 5, 7, 79, 241, 242])
def test_a_repeat_too_may_be_refused_for_its_account_or_sum(code):
    assert judge(Operation.PAYMENT, answer(code), first_attempt=False).verdict is REFUSED


def test_forbidden_after_our_own_cancel_says_cancelled():
    assert judge(Operation.STATUS, answer(7), cancel_ordered=True).verdict is Verdict.CANCELLED
    assert judge(Operation.STATUS, answer(7, final=False), cancel_ordered=True).verdict is PENDING
    assert judge(Operation.STATUS, answer(0), cancel_ordered=True).verdict is ACCEPTED


def test_a_status_that_says_not_received_lets_the_payment_go_on():
    assert judge(Operation.STATUS, answer(5)).verdict is PENDING


def test_a_cancel_is_done_stands_or_is_asked_again():
    assert judge(Operation.CANCEL, answer(0)).verdict is Verdict.CANCELLED
    assert judge(Operation.CANCEL, answer(251)).verdict is Verdict.CANCEL_REFUSED
    assert {judge(Operation.CANCEL, answer(code)).verdict for code in FINAL if code not in (0, 251)} == {
        PENDING
    }


@pytest.mark.parametrize("operation", [Operation.ACCOUNT, Operation.PAYMENT])
def test_an_id_conflict_alarms_even_before_it_is_final(operation):
    assert judge(operation, answer(215)).alarm == "eport_id_conflict"
    assert judge(operation, answer(215, final=False)).alarm == "eport_id_conflict"


@pytest.mark.parametrize("code", sorted(set(FINAL) - {215, 251}))
def test_a_known_code_in_its_place_alarms_nobody(code):
    assert all(judge(operation, answer(code)).alarm is None for operation in Operation)


@given(code=ANY_CODE, final=st.booleans(), first=st.booleans(), ordered=st.booleans())
def test_nothing_but_the_listed_codes_ever_refuses_a_payment(code, final, first, ordered):
    refusing = {4, 5, 7, 79, 241, 242} | ({17, 18, 19, 38} if first else set())
    for operation in (Operation.PAYMENT, Operation.STATUS):
        outcome = judge(operation, answer(code, final=final), first_attempt=first, cancel_ordered=ordered)
        assert outcome.verdict is not REFUSED or (final and code in refusing)


def test_what_the_answer_tells_travels_with_the_verdict():
    told = Answer(
        txn_id=TXN_ID,
        result=0,
        final=True,
        eport_id="900000417",
        comment="Қабылданды",
        finished_at="2026-11-22T14:05:11+05:00",
        debt=Amount(1),
        min_sum=Amount(2),
        max_sum=Amount(3),
        fields=(("payer_name", "Төлеуші", "Ә***"),),
    )
    outcome = judge(Operation.ACCOUNT, told)
    for name in ("result", "eport_id", "comment", "finished_at", "debt", "min_sum", "max_sum", "fields"):
        assert getattr(outcome, name) == getattr(told, name)
