"""The payer's bank in a C2B2E transfer as a table: the only place that decides the next state (DESIGN §5).

House rules: every event has a cell in every state, so a cell that is missing is a fault of ours and
raises. What repeats an ending is `same`; what contradicts it is `alarm`: nothing changes and a person
decides. From ORDERED on the hold lives until ACSC or RJCT, and no clock of ours decides: it only asks.

Whoever plays an event of a message answers what ANSWERS says, after the commit. The 200 to a PDNG permits
the platform's commit, so it is given only where the hold is known to stand (PROTOCOLS §3.4).
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from gateway.state_table import Row


class State(StrEnum):
    ASKED = "ASKED"  # 2: the admi.009 is in the spool
    DETAILED = "DETAILED"  # 5: who is paid, and how much; the customer decides
    CHECKING = "CHECKING"  # 7: account status and arrests are asked; nothing is held
    HOLDING = "HOLDING"  # 8: identifiers are committed; the 0100 may have left
    ORDERED = "ORDERED"  # 9: funds are held; the pacs.008 is in the spool
    PENDING = "PENDING"  # 14: we have permitted the commit
    SETTLED = "SETTLED"  # 17: paid
    REJECTED = "REJECTED"  # not paid; a reversal is in the spool
    RELEASED = "RELEASED"  # not paid, and the card host has let go
    FAILED = "FAILED"  # nothing was ordered, nothing is held


class Event(StrEnum):
    REQUEST_REFUSED = "REQUEST_REFUSED"  # a final HTTP refusal of the admi.009
    DETAILS_GIVEN = "DETAILS_GIVEN"  # admi.010 with PAYMENT
    DETAILS_REFUSED = "DETAILS_REFUSED"  # admi.010 with ERROR
    DETAILS_OVERDUE = "DETAILS_OVERDUE"
    CONFIRMED = "CONFIRMED"  # by the customer
    CANCELLED = "CANCELLED"  # by the customer, or by nobody's being there
    EXPIRED = "EXPIRED"  # EXPIRES_AT of the details
    ACCOUNT_FIT = "ACCOUNT_FIT"
    ACCOUNT_UNFIT = "ACCOUNT_UNFIT"
    HOLD_APPROVED = "HOLD_APPROVED"
    HOLD_DECLINED = "HOLD_DECLINED"
    UNANSWERED = "UNANSWERED"  # by the card host
    ORDER_REFUSED = "ORDER_REFUSED"  # a final HTTP refusal of the pacs.008's first attempt
    ORDER_DOUBTFUL = "ORDER_DOUBTFUL"  # any other refusal: an earlier attempt may have arrived
    ORDER_UNKNOWN = "ORDER_UNKNOWN"  # a 404 to a pacs.028, too late for the order to arrive
    PENDING_TOLD = "PENDING_TOLD"  # PDNG of its own accord
    PENDING_ANSWERED = "PENDING_ANSWERED"  # PDNG with OrgnlBizQry: it asks for no permission
    SETTLED_TOLD = "SETTLED_TOLD"  # ACSC, told or answered
    REJECTED_TOLD = "REJECTED_TOLD"  # RJCT, told or answered
    QUESTION_DUE = "QUESTION_DUE"
    CAPTURED = "CAPTURED"
    CAPTURE_REFUSED = "CAPTURE_REFUSED"
    RELEASED = "RELEASED"
    REVERSAL_REFUSED = "REVERSAL_REFUSED"
    RESTARTED = "RESTARTED"


class Step(StrEnum):
    CLOSE_REQUEST = "CLOSE_REQUEST"  # the admi.009 and the deadline of its details
    KEEP_DETAILS = "KEEP_DETAILS"  # in this commit, with the deadline that they name
    ASK_ACCOUNT = "ASK_ACCOUNT"  # after the commit, directly: card data is never spooled
    HOLD = "HOLD"  # its identifiers in this commit, the 0100 after it
    SPOOL_ORDER = "SPOOL_ORDER"  # the signed pacs.008's exact bytes, with the hold's approval
    START_QUESTIONS = "START_QUESTIONS"  # the deadlines from AccptncDtTm
    SPOOL_QUESTION = "SPOOL_QUESTION"  # a pacs.028
    STOP_QUESTIONS = "STOP_QUESTIONS"  # close what is still to be sent to the platform
    SPOOL_CAPTURE = "SPOOL_CAPTURE"  # the 0220's exact bytes
    SPOOL_REVERSAL = "SPOOL_REVERSAL"  # the 0420's exact bytes
    CLOSE_HOLD = "CLOSE_HOLD"  # the card host has answered for the last time
    ALARM = "ALARM"


_S, _E, _D = State, Event, Step
_Row = Row[State, Step]
Cell = _Row | tuple[Step, ...]  # steps alone: the state stays

same: Final[Cell] = ()
alarm: Final[Cell] = (_D.ALARM,)
ask: Final[Cell] = (_D.SPOOL_QUESTION,)
closed: Final[Cell] = (_D.CLOSE_HOLD,)
detail: Final[_Row] = Row(_S.DETAILED, (_D.CLOSE_REQUEST, _D.KEEP_DETAILS))
no_details: Final[_Row] = Row(_S.FAILED, (_D.CLOSE_REQUEST,))
fail: Final[_Row] = Row(_S.FAILED)
check: Final[_Row] = Row(_S.CHECKING, (_D.ASK_ACCOUNT,))
hold: Final[_Row] = Row(_S.HOLDING, (_D.HOLD,))
decline: Final[_Row] = Row(_S.FAILED, (_D.CLOSE_HOLD,))
undo: Final[_Row] = Row(_S.REJECTED, (_D.SPOOL_REVERSAL,))  # a hold may exist
order: Final[_Row] = Row(_S.ORDERED, (_D.SPOOL_ORDER, _D.START_QUESTIONS))
permit: Final[_Row] = Row(_S.PENDING)
settle: Final[_Row] = Row(_S.SETTLED, (_D.STOP_QUESTIONS, _D.SPOOL_CAPTURE))
release: Final[_Row] = Row(_S.REJECTED, (_D.STOP_QUESTIONS, _D.SPOOL_REVERSAL))
freed: Final[_Row] = Row(_S.RELEASED, (_D.CLOSE_HOLD,))

# A late 404 in PENDING is an alarm, no RJCT: the platform knew the order, and had our permission to commit.
# fmt: off
_GRID: Final[dict[Event, tuple[Cell, ...]]] = {
    #                     ASKED       DETAILED  CHECKING  HOLDING  ORDERED  PENDING  SETTLED  REJECTED  RELEASED  FAILED
    _E.REQUEST_REFUSED:  (no_details, same,     same,     same,    same,    same,    same,    same,     same,     same),
    _E.DETAILS_GIVEN:    (detail,     alarm,    alarm,    alarm,   alarm,   alarm,   alarm,   alarm,    alarm,    same),
    _E.DETAILS_REFUSED:  (no_details, alarm,    alarm,    alarm,   alarm,   alarm,   alarm,   alarm,    alarm,    same),
    _E.DETAILS_OVERDUE:  (no_details, same,     same,     same,    same,    same,    same,    same,     same,     same),
    _E.CONFIRMED:        (alarm,      check,    same,     same,    same,    same,    same,    same,     same,     same),
    _E.CANCELLED:        (no_details, fail,     same,     same,    same,    same,    same,    same,     same,     same),
    _E.EXPIRED:          (same,       fail,     same,     same,    same,    same,    same,    same,     same,     same),
    _E.ACCOUNT_FIT:      (alarm,      alarm,    hold,     same,    same,    same,    same,    same,     same,     same),
    _E.ACCOUNT_UNFIT:    (alarm,      alarm,    fail,     alarm,   alarm,   alarm,   alarm,   same,     same,     same),
    _E.HOLD_APPROVED:    (alarm,      alarm,    alarm,    order,   same,    same,    same,    same,     same,     alarm),
    _E.HOLD_DECLINED:    (alarm,      alarm,    alarm,    decline, alarm,   alarm,   alarm,   same,     same,     same),
    _E.UNANSWERED:       (same,       same,     fail,     undo,    same,    same,    same,    same,     same,     same),
    _E.ORDER_REFUSED:    (alarm,      alarm,    alarm,    alarm,   release, alarm,   alarm,   same,     same,     alarm),
    _E.ORDER_DOUBTFUL:   (alarm,      alarm,    alarm,    alarm,   ask,     same,    same,    same,     same,     alarm),
    _E.ORDER_UNKNOWN:    (alarm,      alarm,    alarm,    alarm,   release, alarm,   alarm,   same,     same,     alarm),
    _E.PENDING_TOLD:     (alarm,      alarm,    alarm,    alarm,   permit,  same,    same,    alarm,    alarm,    alarm),
    _E.PENDING_ANSWERED: (alarm,      alarm,    alarm,    alarm,   same,    same,    same,    same,     same,     alarm),
    _E.SETTLED_TOLD:     (alarm,      alarm,    alarm,    alarm,   settle,  settle,  same,    alarm,    alarm,    alarm),
    _E.REJECTED_TOLD:    (alarm,      alarm,    alarm,    alarm,   release, release, alarm,   same,     same,     alarm),
    _E.QUESTION_DUE:     (same,       same,     same,     same,    ask,     ask,     same,    same,     same,     same),
    _E.CAPTURED:         (alarm,      alarm,    alarm,    alarm,   alarm,   alarm,   closed,  alarm,    alarm,    alarm),
    _E.CAPTURE_REFUSED:  (alarm,      alarm,    alarm,    alarm,   alarm,   alarm,   alarm,   alarm,    alarm,    alarm),
    _E.RELEASED:         (alarm,      alarm,    alarm,    alarm,   alarm,   alarm,   alarm,   freed,    same,     alarm),
    _E.REVERSAL_REFUSED: (alarm,      alarm,    alarm,    alarm,   alarm,   alarm,   alarm,   alarm,    alarm,    alarm),
    _E.RESTARTED:        (same,       same,     fail,     undo,    same,    same,    same,    same,     same,     same),
}

# What the message behind an event is answered. Before ORDERED there is no TxId that anyone could know.
_HTTP: Final[dict[Event, tuple[int, ...]]] = {
    #                     ASKED  DETAILED  CHECKING  HOLDING  ORDERED  PENDING  SETTLED  REJECTED  RELEASED  FAILED
    _E.DETAILS_GIVEN:    (200,   200,      200,      200,     200,     200,     200,     200,      200,      200),
    _E.DETAILS_REFUSED:  (200,   200,      200,      200,     200,     200,     200,     200,      200,      200),
    _E.PENDING_TOLD:     (409,   409,      409,      409,     200,     200,     200,     409,      409,      409),
    _E.PENDING_ANSWERED: (404,   404,      404,      404,     200,     200,     200,     200,      200,      404),
    _E.SETTLED_TOLD:     (404,   404,      404,      404,     200,     200,     200,     200,      200,      404),
    _E.REJECTED_TOLD:    (404,   404,      404,      404,     200,     200,     200,     200,      200,      404),
}
# fmt: on


START: Final = State.ASKED
FINAL: Final = frozenset({State.SETTLED, State.RELEASED, State.FAILED})
TABLE: Final[dict[tuple[State, Event], _Row]] = {
    (state, event): cell if isinstance(cell, Row) else Row(state, cell)
    for event, cells in _GRID.items()
    for state, cell in zip(State, cells, strict=True)
}
ANSWERS: Final[Mapping[tuple[State, Event], HTTPStatus]] = {
    (state, event): HTTPStatus(status)
    for event, statuses in _HTTP.items()
    for state, status in zip(State, statuses, strict=True)
}
