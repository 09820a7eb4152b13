"""Field 39 and the amount: what an answer of the card host comes to (PROTOCOLS §5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.funds.messages import Message, amount_field
from gateway.money import CURRENCY_NUMERIC, Amount
from gateway.outcomes import AdviceOutcome, HoldOutcome, Verdict

OTHER_AMOUNT: Final = "card_host_other_amount"
PARTIAL_APPROVAL: Final = "card_host_partial_approval"
NO_RESPONSE_CODE: Final = "card_host_no_response_code"
UNSENDABLE: Final = "card_host_unsendable"

APPROVED: Final = "00"
_APPROVAL_CODE: Final = re.compile(r"[\x20-\x7e]{6}")  # what field 38 of a capture may hold


@dataclass(frozen=True)
class Cell:
    verdict: Verdict
    alarm: str | None = None


_ACCEPTED = Cell(Verdict.ACCEPTED)
_REFUSED = Cell(Verdict.REFUSED)
_UNANSWERED = Cell(Verdict.UNANSWERED)

#                       hold        advice
RESPONSE_CODES: Final[Mapping[str | None, tuple[Cell, Cell]]] = MappingProxyType(
    {
        "00": (_ACCEPTED, _ACCEPTED),
        "10": (Cell(Verdict.UNANSWERED, PARTIAL_APPROVAL), _REFUSED),  # a hold of another amount exists
        "68": (_UNANSWERED, _REFUSED),  # response received too late; of an advice: a person looks
        "91": (_UNANSWERED, _REFUSED),  # issuer inoperative
        "96": (_UNANSWERED, _REFUSED),  # system malfunction
        None: (Cell(Verdict.UNANSWERED, NO_RESPONSE_CODE), _UNANSWERED),
    }
)
ANYTHING_ELSE: Final = (_REFUSED, _REFUSED)


def judge_hold(answer: Message, total: Amount) -> HoldOutcome:
    """UNANSWERED means that a hold may exist: whoever asked must reverse it."""
    code = answer.values.get("39")
    cell, _ = RESPONSE_CODES.get(code, ANYTHING_ELSE)
    if cell is _ACCEPTED and not _is_of(answer, total):
        cell = Cell(Verdict.UNANSWERED, OTHER_AMOUNT)
    approval_code = answer.values.get("38", "")
    return HoldOutcome(
        cell.verdict,
        response_code=code,
        approval_code=approval_code if _APPROVAL_CODE.fullmatch(approval_code) else None,
        alarm=cell.alarm,
        detail=f"response code {code}",
    )


def judge_advice(answer: Message) -> AdviceOutcome:
    code = answer.values.get("39")
    _, cell = RESPONSE_CODES.get(code, ANYTHING_ELSE)
    return AdviceOutcome(cell.verdict, response_code=code, detail=f"response code {code}")


def _is_of(answer: Message, total: Amount) -> bool:
    same_amount = answer.values.get("4") == amount_field(total.minor)
    return same_amount and answer.values.get("49", CURRENCY_NUMERIC) == CURRENCY_NUMERIC
