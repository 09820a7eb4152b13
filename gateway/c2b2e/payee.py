"""The payee's bank in a C2B2E transfer as a table: the only place that decides the next state (DESIGN §5).

House rules: every event has a cell in every state, so a cell that is missing is a fault of ours and
raises. What repeats an ending is `same`; what contradicts it is `alarm`: nothing changes and a person
decides. Only ACSC credits, and once. After its own PDNG a bank never sends RJCT: it stops, ABANDONED,
and a late ACSC still credits, since the platform has committed (PROTOCOLS §3.1).

A dialogue begins with details that we gave to one END_TO_END_ID. Whether its link is free for a pacs.008
is known before ORDER_TAKEN is played; a link that is reserved by another order is 410 and no event.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from gateway.state_table import Row


class State(StrEnum):
    DETAILED = "DETAILED"  # 4: the admi.010 is in the spool
    CHECKING = "CHECKING"  # 12: the pacs.008 is kept; can the beneficiary be credited?
    PENDING = "PENDING"  # 13: the PDNG is in the spool; the platform may commit
    ABANDONED = "ABANDONED"  # no ending was told, none was answered; a person knows
    SETTLED = "SETTLED"  # 16: the platform has committed; the credit is in the spool
    REJECTED = "REJECTED"
    LAPSED = "LAPSED"  # nobody ordered while the link was open


class Event(StrEnum):
    ORDER_TAKEN = "ORDER_TAKEN"  # a pacs.008
    BENEFICIARY_FIT = "BENEFICIARY_FIT"
    BENEFICIARY_UNFIT = "BENEFICIARY_UNFIT"
    UNANSWERED = "UNANSWERED"  # by the card host
    PENDING_LEAVES = "PENDING_LEAVES"  # the first attempt of our PDNG, committed before it is made
    PENDING_REFUSED = "PENDING_REFUSED"  # a final HTTP refusal of that attempt
    PENDING_TOLD = "PENDING_TOLD"  # PDNG, which answers a pacs.028
    SETTLED_TOLD = "SETTLED_TOLD"  # ACSC, told or answered
    REJECTED_TOLD = "REJECTED_TOLD"  # RJCT, told or answered
    QUESTION_DUE = "QUESTION_DUE"
    QUESTIONS_OVER = "QUESTIONS_OVER"  # all were asked, and none brought an ending
    LINK_CLOSED = "LINK_CLOSED"  # expired, cancelled, or used up by another order
    CREDITED = "CREDITED"
    CREDIT_REFUSED = "CREDIT_REFUSED"
    RESTARTED = "RESTARTED"


class Step(StrEnum):
    RESERVE_LINK = "RESERVE_LINK"
    USE_LINK = "USE_LINK"
    OPEN_LINK = "OPEN_LINK"  # to other orders, until it expires
    CHECK_BENEFICIARY = "CHECK_BENEFICIARY"  # after the commit; it moves no money and may be repeated
    SPOOL_PENDING = "SPOOL_PENDING"  # the signed PDNG's exact bytes
    SPOOL_REJECTION = "SPOOL_REJECTION"  # the signed RJCT's exact bytes
    START_QUESTIONS = "START_QUESTIONS"  # the deadlines from the first attempt of the PDNG
    SPOOL_QUESTION = "SPOOL_QUESTION"  # a pacs.028
    STOP_QUESTIONS = "STOP_QUESTIONS"  # close what is still to be sent to the platform
    SPOOL_CREDIT = "SPOOL_CREDIT"  # the 0220's exact bytes
    CLOSE_CREDIT = "CLOSE_CREDIT"  # the card host has answered for the last time
    TELL_PAID = "TELL_PAID"  # the POS
    TELL_PAID_LATE = "TELL_PAID_LATE"  # after it was told that nothing is known
    TELL_NOT_PAID = "TELL_NOT_PAID"
    TELL_UNKNOWN = "TELL_UNKNOWN"
    ALARM = "ALARM"


_S, _E, _D = State, Event, Step
_Row = Row[State, Step]
Cell = _Row | tuple[Step, ...]  # steps alone: the state stays

same: Final[Cell] = ()
alarm: Final[Cell] = (_D.ALARM,)
again: Final[Cell] = (_D.CHECK_BENEFICIARY,)
timed: Final[Cell] = (_D.START_QUESTIONS,)
ask: Final[Cell] = (_D.SPOOL_QUESTION,)
closed: Final[Cell] = (_D.CLOSE_CREDIT,)
take: Final[_Row] = Row(_S.CHECKING, (_D.RESERVE_LINK, _D.CHECK_BENEFICIARY))
agree: Final[_Row] = Row(_S.PENDING, (_D.SPOOL_PENDING,))
refuse: Final[_Row] = Row(_S.REJECTED, (_D.SPOOL_REJECTION, _D.OPEN_LINK, _D.TELL_NOT_PAID))
reject: Final[_Row] = Row(_S.REJECTED, (_D.STOP_QUESTIONS, _D.OPEN_LINK, _D.TELL_NOT_PAID))
abandon: Final[_Row] = Row(_S.ABANDONED, (_D.STOP_QUESTIONS, _D.TELL_UNKNOWN, _D.ALARM))
settle: Final[_Row] = Row(_S.SETTLED, (_D.STOP_QUESTIONS, _D.SPOOL_CREDIT, _D.USE_LINK, _D.TELL_PAID))
late: Final[_Row] = Row(_S.SETTLED, (_D.SPOOL_CREDIT, _D.USE_LINK, _D.TELL_PAID_LATE, _D.ALARM))
lapse: Final[_Row] = Row(_S.LAPSED)

# A refused PDNG abandons and does not reject: if it took effect behind its refusal, ACSC still has to credit.
# fmt: off
_GRID: Final[dict[Event, tuple[Cell, ...]]] = {
    #                      DETAILED  CHECKING  PENDING  ABANDONED  SETTLED  REJECTED  LAPSED
    _E.ORDER_TAKEN:       (take,     alarm,    alarm,   alarm,     alarm,   alarm,    same),
    _E.BENEFICIARY_FIT:   (alarm,    agree,    same,    same,      same,    same,     alarm),
    _E.BENEFICIARY_UNFIT: (alarm,    refuse,   alarm,   alarm,     alarm,   same,     alarm),
    _E.UNANSWERED:        (same,     refuse,   same,    same,      same,    same,     same),
    _E.PENDING_LEAVES:    (alarm,    alarm,    timed,   same,      same,    same,     alarm),
    _E.PENDING_REFUSED:   (alarm,    alarm,    abandon, same,      alarm,   same,     alarm),
    _E.PENDING_TOLD:      (alarm,    alarm,    same,    same,      same,    same,     alarm),
    _E.SETTLED_TOLD:      (alarm,    alarm,    settle,  late,      same,    alarm,    alarm),
    _E.REJECTED_TOLD:     (same,     reject,   reject,  reject,    alarm,   same,     same),
    _E.QUESTION_DUE:      (same,     same,     ask,     same,      same,    same,     same),
    _E.QUESTIONS_OVER:    (same,     same,     abandon, same,      same,    same,     same),
    _E.LINK_CLOSED:       (lapse,    same,     same,    same,      same,    same,     same),
    _E.CREDITED:          (alarm,    alarm,    alarm,   alarm,     closed,  alarm,    alarm),
    _E.CREDIT_REFUSED:    (alarm,    alarm,    alarm,   alarm,     alarm,   alarm,    alarm),
    _E.RESTARTED:         (same,     again,    same,    same,      same,    same,     same),
}

# What the message behind an event is answered. Without a pacs.008 there is no TxId that we could know.
_HTTP: Final[dict[Event, tuple[int, ...]]] = {
    #                      DETAILED  CHECKING  PENDING  ABANDONED  SETTLED  REJECTED  LAPSED
    _E.ORDER_TAKEN:       (200,      409,      409,     409,       409,     409,      410),
    _E.PENDING_TOLD:      (404,      200,      200,     200,       200,     200,      404),
    _E.SETTLED_TOLD:      (404,      200,      200,     200,       200,     200,      404),
    _E.REJECTED_TOLD:     (404,      200,      200,     200,       200,     200,      404),
}
# fmt: on


START: Final = State.DETAILED
FINAL: Final = frozenset({State.SETTLED, State.REJECTED, State.LAPSED})
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
