"""What an answer of e-port comes to (PROTOCOLS §2.3): a table of result codes, one column an operation.

Only a final refusal releases held funds, so a cell says REFUSED only where the table of §2.3 and its
rule "a status refuses only with final=true and a code that refuses a payment" both allow it:

- an answer that is not final is PENDING, whatever its code; a check, which has nothing to wait for, is
  UNANSWERED then;
- 5 to a status says "not received" and stays PENDING: the resent payment brings its own answer;
- 17, 18, 19 and 38 refuse the only attempt so far; later, an earlier attempt may have been accepted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from gateway.eport.messages import Answer
from gateway.eport.operations import Operation
from gateway.outcomes import EportOutcome, Verdict

UNKNOWN_RESULT: Final = "eport_unknown_result"
ID_CONFLICT: Final = "eport_id_conflict"
CHECK_MISMATCH: Final = "eport_check_mismatch"


@dataclass(frozen=True)
class Cell:
    """A final answer's verdict. `alarm` is a stable word for why a person must know."""

    verdict: Verdict
    alarm: str | None = None


@dataclass(frozen=True)
class Row:
    """One result code; `later` replaces `payment` when it was not the only attempt so far."""

    check: Cell
    payment: Cell
    status: Cell
    cancel: Cell
    later: Cell | None = None
    after_our_cancel: Cell | None = None  # replaces `status` once an operator ordered the cancel


_ACCEPTED = Cell(Verdict.ACCEPTED)
_REFUSED = Cell(Verdict.REFUSED)
_PENDING = Cell(Verdict.PENDING)
_UNANSWERED = Cell(Verdict.UNANSWERED)
_CANCELLED = Cell(Verdict.CANCELLED)
_CANCEL_REFUSED = Cell(Verdict.CANCEL_REFUSED)
_CONFLICT = Cell(Verdict.CONFLICT, ID_CONFLICT)
_UNKNOWN = Cell(Verdict.PENDING, UNKNOWN_RESULT)
_MISMATCH = Cell(Verdict.PENDING, CHECK_MISMATCH)

_NOT_NOW = Row(_UNANSWERED, _PENDING, _PENDING, _PENDING)
_REFUSES = Row(_REFUSED, _REFUSED, _REFUSED, _PENDING)
_PROVIDER_TROUBLE = Row(_REFUSED, _PENDING, _PENDING, _PENDING)
_NOT_AS_CHECKED = Row(_REFUSED, _REFUSED, _PENDING, _PENDING, later=_MISMATCH)

#                  check      payment    status     cancel
RESULTS: Final[Mapping[int, Row]] = MappingProxyType(
    {
        0: Row(_ACCEPTED, _ACCEPTED, _ACCEPTED, _CANCELLED),  # done
        1: _NOT_NOW,  # temporary, repeat
        4: _REFUSES,  # bad account format
        5: Row(_REFUSED, _REFUSED, _PENDING, _PENDING),  # not found; a status: not received
        7: Row(_REFUSED, _REFUSED, _REFUSED, _PENDING, after_our_cancel=_CANCELLED),  # forbidden
        8: _PROVIDER_TROUBLE,  # technical ban
        17: _NOT_AS_CHECKED,  # account differs
        18: _NOT_AS_CHECKED,  # sum differs
        19: _NOT_AS_CHECKED,
        38: _NOT_AS_CHECKED,  # more than one hour since the check
        79: _REFUSES,  # inactive
        90: _NOT_NOW,  # not finished yet
        215: Row(_CONFLICT, _CONFLICT, _UNKNOWN, _UNKNOWN),  # same txn_id, other content
        241: _REFUSES,  # sum too small
        242: _REFUSES,  # sum too large
        243: _PROVIDER_TROUBLE,  # state unknown
        251: Row(_REFUSED, _UNKNOWN, _UNKNOWN, _CANCEL_REFUSED),  # cannot be cancelled
        300: _PROVIDER_TROUBLE,  # other provider error
    }
)
ANY_OTHER: Final = Row(_REFUSED, _UNKNOWN, _UNKNOWN, _UNKNOWN)

_COLUMNS: Final[Mapping[Operation, Callable[[Row], Cell]]] = MappingProxyType(
    {
        Operation.ACCOUNT: attrgetter("check"),
        Operation.PAYMENT: attrgetter("payment"),
        Operation.STATUS: attrgetter("status"),
        Operation.CANCEL: attrgetter("cancel"),
    }
)
_NOT_FINAL: Final = MappingProxyType(
    {
        Operation.ACCOUNT: Verdict.UNANSWERED,
        Operation.PAYMENT: Verdict.PENDING,
        Operation.STATUS: Verdict.PENDING,
        Operation.CANCEL: Verdict.PENDING,
    }
)


def judge(
    operation: Operation, answer: Answer, *, first_attempt: bool = True, cancel_ordered: bool = False
) -> EportOutcome:
    """The outcome of a well-formed answer.

    `first_attempt`: it answers the only attempt that can have left so far. `cancel_ordered`: an
    operator ordered the payment's cancel.
    """
    cell = _cell(operation, answer.result, first_attempt=first_attempt, cancel_ordered=cancel_ordered)
    return EportOutcome(
        verdict=cell.verdict if answer.final else _NOT_FINAL[operation],
        result=answer.result,
        eport_id=answer.eport_id,
        comment=answer.comment,
        finished_at=answer.finished_at,
        debt=answer.debt,
        min_sum=answer.min_sum,
        max_sum=answer.max_sum,
        fields=answer.fields,
        alarm=cell.alarm,
    )


def _cell(operation: Operation, result: int, *, first_attempt: bool, cancel_ordered: bool) -> Cell:
    row = RESULTS.get(result, ANY_OTHER)
    if operation is Operation.PAYMENT and not first_attempt and row.later is not None:
        return row.later
    if operation is Operation.STATUS and cancel_ordered and row.after_our_cancel is not None:
        return row.after_our_cancel
    return _COLUMNS[operation](row)
