"""A sale at a merchant's POS: what leads where, and nothing else (DESIGN §5).

Rules of this table:

- It is the only place that decides a sale's next state and its ending.
- "Paid" is said when the gateway says so, and it says so when the money is final. Silence is never "cancelled":
  a sale of which nothing is known any more ends as doubtful, and the question is spooled with the same commit.
- No money of anybody's depends on the terminal. After a restart nobody looks at the code any more, so a link that
  was shown is cancelled; what had been paid by then is told.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product

from gateway.state_table import Row
from gateway.transfer_contract import SaleTold


class State(StrEnum):
    OPENING = "OPENING"
    SHOWING = "SHOWING"
    BEING_PAID = "BEING_PAID"
    CANCELLING = "CANCELLING"
    ENDED = "ENDED"
    SLIP_DONE = "SLIP_DONE"  # final
    CLOSED = "CLOSED"  # final: nothing was sold, there is no slip


class Event(StrEnum):
    LINK_OPEN = "LINK_OPEN"
    ORDER_CAME = "ORDER_CAME"
    PAID = "PAID"
    PAID_LATE = "PAID_LATE"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"
    DOUBTFUL = "DOUBTFUL"
    NOT_OPENED = "NOT_OPENED"  # there is no link, or nobody has ever seen it
    SILENCE = "SILENCE"  # it was there, and the gateway says nothing of it any more
    CANCEL_WANTED = "CANCEL_WANTED"
    SLIP_PRINTED = "SLIP_PRINTED"
    SLIP_NOT_PRINTED = "SLIP_NOT_PRINTED"
    RESOLVED = "RESOLVED"  # the spooled question was answered, long after
    RESTARTED = "RESTARTED"


class Effect(StrEnum):
    OPEN_LINK = "open_link"
    WATCH = "watch"
    CANCEL = "cancel"
    PRINT_SLIP = "print_slip"


class Step(StrEnum):
    """What is committed together with the move."""

    NUMBER = "number"  # the slip's
    ASK_LATER = "ask_later"  # the question about the sale's fate goes to the spool


class Ending(StrEnum):
    PAID = "paid"
    PAID_LATE = "paid_late"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    OUT_OF_SERVICE = "out_of_service"


_S, _E, _D = State, Event, Step
_ASKING = (_S.OPENING, _S.SHOWING, _S.BEING_PAID, _S.CANCELLING)

# fmt: off
_ROWS: tuple[tuple[tuple[State, ...], tuple[Event, ...], Row[State, Step]], ...] = (
    ((_S.OPENING, _S.CANCELLING), (_E.NOT_OPENED,), Row(_S.CLOSED)),
    ((_S.OPENING,), (_E.LINK_OPEN,), Row(_S.SHOWING)),
    ((_S.OPENING, _S.SHOWING, _S.CANCELLING), (_E.ORDER_CAME,), Row(_S.BEING_PAID)),
    ((_S.BEING_PAID,), (_E.LINK_OPEN,), Row(_S.SHOWING)),  # the order was rejected, another may come
    (_ASKING, (_E.PAID, _E.PAID_LATE), Row(_S.ENDED, (_D.NUMBER,))),
    (_ASKING, (_E.DOUBTFUL,), Row(_S.ENDED, (_D.NUMBER, _D.ASK_LATER))),
    ((_S.SHOWING, _S.BEING_PAID, _S.CANCELLING), (_E.SILENCE,), Row(_S.ENDED, (_D.NUMBER, _D.ASK_LATER))),
    (_ASKING, (_E.CANCELLED, _E.EXPIRED, _E.REFUSED), Row(_S.CLOSED)),
    ((_S.OPENING, _S.SHOWING), (_E.CANCEL_WANTED,), Row(_S.CANCELLING)),
    ((_S.OPENING, _S.SHOWING, _S.CANCELLING), (_E.RESTARTED,), Row(_S.CANCELLING)),
    ((_S.BEING_PAID,), (_E.RESTARTED,), Row(_S.BEING_PAID)),
    ((_S.ENDED,), (_E.SLIP_PRINTED, _E.SLIP_NOT_PRINTED), Row(_S.SLIP_DONE)),
    ((_S.ENDED,), (_E.RESTARTED, _E.RESOLVED), Row(_S.ENDED)),
    ((_S.SLIP_DONE,), (_E.RESOLVED,), Row(_S.SLIP_DONE)),
)
# fmt: on

TABLE: Mapping[tuple[State, Event], Row[State, Step]] = {
    pair: row for states, events, row in _ROWS for pair in product(states, events)
}

TOLD_EVENTS: Mapping[SaleTold, Event] = {
    SaleTold.WAITING: Event.LINK_OPEN,
    SaleTold.BEING_PAID: Event.ORDER_CAME,
    SaleTold.PAID: Event.PAID,
    SaleTold.PAID_LATE: Event.PAID_LATE,
    SaleTold.CANCELLED: Event.CANCELLED,
    SaleTold.EXPIRED: Event.EXPIRED,
    SaleTold.REFUSED: Event.REFUSED,
    SaleTold.DOUBTFUL: Event.DOUBTFUL,
}

ENDINGS: Mapping[Event, Ending] = {
    _E.PAID: Ending.PAID,
    _E.PAID_LATE: Ending.PAID_LATE,
    _E.CANCELLED: Ending.CANCELLED,
    _E.EXPIRED: Ending.EXPIRED,
    _E.REFUSED: Ending.REFUSED,
    _E.DOUBTFUL: Ending.DOUBTFUL,
    _E.SILENCE: Ending.DOUBTFUL,
    _E.NOT_OPENED: Ending.OUT_OF_SERVICE,
}
"""What the merchant is told, by the event that leads to a state of ENDS."""

ENDS = frozenset({State.ENDED, State.CLOSED})

EFFECTS: Mapping[State, Effect] = {
    _S.OPENING: Effect.OPEN_LINK,
    _S.SHOWING: Effect.WATCH,
    _S.BEING_PAID: Effect.WATCH,
    _S.CANCELLING: Effect.CANCEL,
    _S.ENDED: Effect.PRINT_SLIP,
}

_TOLD = frozenset(TOLD_EVENTS.values())
OUTCOMES: Mapping[State, frozenset[Event]] = {
    _S.OPENING: _TOLD | {_E.NOT_OPENED},
    _S.SHOWING: (_TOLD | {_E.SILENCE}) - {_E.LINK_OPEN},
    _S.BEING_PAID: (_TOLD | {_E.SILENCE}) - {_E.ORDER_CAME},
    _S.CANCELLING: (_TOLD | {_E.SILENCE, _E.NOT_OPENED}) - {_E.LINK_OPEN},
    _S.ENDED: frozenset({_E.SLIP_PRINTED, _E.SLIP_NOT_PRINTED}),
}
"""What a state's effect comes to. What tells nothing new is asked again by the effect itself."""

DEFECTS: Mapping[State, Event] = {
    _S.OPENING: _E.CANCEL_WANTED,
    _S.SHOWING: _E.SILENCE,
    _S.BEING_PAID: _E.SILENCE,
    _S.CANCELLING: _E.SILENCE,
    _S.ENDED: _E.SLIP_NOT_PRINTED,
}
"""What an effect comes to when it raises, which only a fault of our own makes it do."""

INTERRUPTIBLE = frozenset({_S.OPENING, _S.SHOWING})
"""Where CANCEL is heard. Once an order has come it is the payer's bank that decides."""

RESOLVABLE = frozenset({_S.ENDED, _S.SLIP_DONE})

FINAL = frozenset(State) - frozenset(EFFECTS)
