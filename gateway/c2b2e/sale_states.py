"""A merchant's sale and its link as a table (PROTOCOLS §3.5, links): one link serves one payment.

An order reserves it, ACSC uses it up, RJCT opens it again until its time is over. A bank that knows no
ending keeps it reserved, and tells the merchant that it does not know.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from gateway.state_table import Row


class State(StrEnum):
    OPEN = "OPEN"  # anybody may order
    RESERVED = "RESERVED"  # somebody has ordered
    DOUBTFUL = "DOUBTFUL"  # and nobody knows how it ended
    PAID = "PAID"
    PAID_LATE = "PAID_LATE"  # after it was doubtful
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class Event(StrEnum):
    ORDERED = "ORDERED"
    REJECTED = "REJECTED"
    SETTLED = "SETTLED"
    SETTLED_LATE = "SETTLED_LATE"
    UNKNOWN = "UNKNOWN"
    TIME_OVER = "TIME_OVER"
    CANCELLED = "CANCELLED"  # by the merchant


class Step(StrEnum):
    CLOSE_CHAINS = "CLOSE_CHAINS"  # of everybody who has asked for this link and has not ordered


_S, _E = State, Event
_Row = Row[State, Step]

same: Final = None
reserve: Final[_Row] = Row(_S.RESERVED)
doubt: Final[_Row] = Row(_S.DOUBTFUL)
again: Final[_Row] = Row(_S.OPEN)
paid: Final[_Row] = Row(_S.PAID, (Step.CLOSE_CHAINS,))
late: Final[_Row] = Row(_S.PAID_LATE, (Step.CLOSE_CHAINS,))
expire: Final[_Row] = Row(_S.EXPIRED, (Step.CLOSE_CHAINS,))
cancel: Final[_Row] = Row(_S.CANCELLED, (Step.CLOSE_CHAINS,))

# fmt: off
_GRID: Final[dict[Event, tuple[_Row | None, ...]]] = {
    #                 OPEN     RESERVED  DOUBTFUL  PAID  PAID_LATE  EXPIRED  CANCELLED
    _E.ORDERED:      (reserve, same,     same,     same, same,      same,    same),
    _E.REJECTED:     (same,    again,    again,    same, same,      same,    same),
    _E.SETTLED:      (same,    paid,     late,     same, same,      same,    same),
    _E.SETTLED_LATE: (same,    late,     late,     same, same,      same,    same),
    _E.UNKNOWN:      (same,    doubt,    same,     same, same,      same,    same),
    _E.TIME_OVER:    (expire,  same,     same,     same, same,      same,    same),
    _E.CANCELLED:    (cancel,  same,     same,     same, same,      same,    same),
}
# fmt: on


START: Final = State.OPEN
FINAL: Final = frozenset({State.PAID, State.PAID_LATE, State.EXPIRED, State.CANCELLED})
PAID: Final = frozenset({State.PAID, State.PAID_LATE})
TABLE: Final[Mapping[tuple[State, Event], _Row]] = {
    (state, event): row or Row(state)
    for event, rows in _GRID.items()
    for state, row in zip(State, rows, strict=True)
}
