"""The life of a bill payment as a table: the only place that decides the next state (DESIGN §5).

House rules: every event has a cell in every state, so a cell that is missing is a fault of ours and
raises. What repeats an ending is `same`; what contradicts it is `alarm`: nothing changes and a person
decides. A cell says only where to go and what to do; who does it is none of its business.
"""

from enum import StrEnum
from typing import Final

from gateway.state_table import Row


class State(StrEnum):
    HOLDING = "HOLDING"  # identifiers are committed; the 0100 may have left
    PAYING = "PAYING"  # funds are held; the bank_payment is in the spool
    PENDING = "PENDING"  # e-port has not decided; we resend and ask
    UNRESOLVED = "UNRESOLVED"  # the same, and a person knows
    PAID = "PAID"
    RELEASING = "RELEASING"  # not paid; a reversal is in the spool
    RELEASED = "RELEASED"
    REFUSED = "REFUSED"  # the card host declined; nothing was ever held


class Event(StrEnum):
    HOLD_APPROVED = "HOLD_APPROVED"
    HOLD_DECLINED = "HOLD_DECLINED"
    UNANSWERED = "UNANSWERED"  # by the card host in HOLDING, by e-port afterwards
    RESTARTED = "RESTARTED"
    PAYMENT_ACCEPTED = "PAYMENT_ACCEPTED"
    PAYMENT_REFUSED = "PAYMENT_REFUSED"
    PAYMENT_PENDING = "PAYMENT_PENDING"
    ID_CONFLICT = "ID_CONFLICT"  # e-port's 215
    EXPIRED = "EXPIRED"  # three days without a decision
    CANCEL_ORDERED = "CANCEL_ORDERED"  # by an operator
    CANCELLED = "CANCELLED"  # bank_cancel accepted, or status 7 after our own cancel
    CANCEL_REFUSED = "CANCEL_REFUSED"  # e-port's 251: the payment stands
    REGISTRY_MATCHED = "REGISTRY_MATCHED"
    REGISTRY_MISSING = "REGISTRY_MISSING"
    CAPTURED = "CAPTURED"
    CAPTURE_REFUSED = "CAPTURE_REFUSED"
    RELEASED = "RELEASED"
    REVERSAL_REFUSED = "REVERSAL_REFUSED"


class Step(StrEnum):
    SPOOL_PAYMENT = "SPOOL_PAYMENT"  # the bank_payment's exact bytes
    START_EXPIRY = "START_EXPIRY"  # the three days
    START_ASKING = "START_ASKING"  # status questions
    STOP_ASKING = "STOP_ASKING"  # close what is still to be sent to e-port
    SPOOL_CANCEL = "SPOOL_CANCEL"
    SPOOL_CAPTURE = "SPOOL_CAPTURE"  # the 0220's exact bytes
    SPOOL_REVERSAL = "SPOOL_REVERSAL"  # the 0420's exact bytes
    CLOSE_HOLD = "CLOSE_HOLD"  # the card host has answered for the last time
    ALARM = "ALARM"


_S, _E, _D = State, Event, Step
_Row = Row[State, Step]
Cell = _Row | tuple[Step, ...]  # steps alone: the state stays

same: Final[Cell] = ()
alarm: Final[Cell] = (_D.ALARM,)
cancel: Final[Cell] = (_D.SPOOL_CANCEL,)
closed: Final[Cell] = (_D.CLOSE_HOLD,)
pay: Final[_Row] = Row(_S.PAYING, (_D.SPOOL_PAYMENT, _D.START_EXPIRY))
refuse: Final[_Row] = Row(_S.REFUSED, (_D.CLOSE_HOLD,))
undo: Final[_Row] = Row(_S.RELEASING, (_D.SPOOL_REVERSAL,))
ask: Final[_Row] = Row(_S.PENDING, (_D.START_ASKING,))
settle: Final[_Row] = Row(_S.PAID, (_D.STOP_ASKING, _D.SPOOL_CAPTURE))
release: Final[_Row] = Row(_S.RELEASING, (_D.STOP_ASKING, _D.SPOOL_REVERSAL))
freed: Final[_Row] = Row(_S.RELEASED, (_D.CLOSE_HOLD,))
give_up: Final[_Row] = Row(_S.UNRESOLVED, (_D.ALARM,))
never_sent: Final[_Row] = Row(_S.UNRESOLVED, (_D.START_ASKING, _D.ALARM))  # e-port was away all the time
conflict: Final[_Row] = Row(_S.UNRESOLVED, (_D.STOP_ASKING, _D.ALARM))

# fmt: off
_GRID: Final[dict[Event, tuple[Cell, ...]]] = {
    #                     HOLDING  PAYING      PENDING   UNRESOLVED  PAID    RELEASING  RELEASED  REFUSED
    _E.HOLD_APPROVED:    (pay,     same,       same,     same,       same,   same,      same,     alarm),
    _E.HOLD_DECLINED:    (refuse,  alarm,      alarm,    alarm,      alarm,  same,      same,     same),
    _E.UNANSWERED:       (undo,    ask,        same,     same,       same,   same,      same,     same),
    _E.RESTARTED:        (undo,    ask,        same,     same,       same,   same,      same,     same),
    _E.PAYMENT_ACCEPTED: (alarm,   settle,     settle,   settle,     same,   alarm,     alarm,    alarm),
    _E.PAYMENT_REFUSED:  (alarm,   release,    release,  release,    alarm,  same,      same,     same),
    _E.PAYMENT_PENDING:  (alarm,   ask,        same,     same,       same,   same,      same,     alarm),
    _E.ID_CONFLICT:      (alarm,   conflict,   conflict, conflict,   alarm,  alarm,     alarm,    alarm),
    _E.EXPIRED:          (alarm,   never_sent, give_up,  same,       same,   same,      same,     same),
    _E.CANCEL_ORDERED:   (same,    same,       cancel,   cancel,     same,   same,      same,     same),
    _E.CANCELLED:        (alarm,   alarm,      release,  release,    alarm,  same,      same,     alarm),
    _E.CANCEL_REFUSED:   (alarm,   alarm,      alarm,    alarm,      same,   alarm,     alarm,    alarm),
    _E.REGISTRY_MATCHED: (alarm,   settle,     settle,   settle,     same,   alarm,     alarm,    alarm),
    _E.REGISTRY_MISSING: (alarm,   alarm,      release,  release,    alarm,  same,      same,     same),
    _E.CAPTURED:         (alarm,   alarm,      alarm,    alarm,      closed, alarm,     alarm,    alarm),
    _E.CAPTURE_REFUSED:  (alarm,   alarm,      alarm,    alarm,      alarm,  alarm,     alarm,    alarm),
    _E.RELEASED:         (alarm,   alarm,      alarm,    alarm,      alarm,  freed,     same,     alarm),
    _E.REVERSAL_REFUSED: (alarm,   alarm,      alarm,    alarm,      alarm,  alarm,     alarm,    alarm),
}
# fmt: on


START: Final = State.HOLDING
FINAL: Final = frozenset({State.PAID, State.RELEASED, State.REFUSED})
TABLE: Final[dict[tuple[State, Event], _Row]] = {
    (state, event): cell if isinstance(cell, Row) else Row(state, cell)
    for event, cells in _GRID.items()
    for state, cell in zip(State, cells, strict=True)
}
