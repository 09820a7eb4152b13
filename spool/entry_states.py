"""The life of an entry, as a table. It is the only place that decides a next state.

READY waits for its due time, CLAIMED is being sent, TO_PERSON waits for a person; DELIVERED and CLOSED are
final. A pair that is not here is refused.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    READY = "ready"
    CLAIMED = "claimed"
    TO_PERSON = "to_person"
    DELIVERED = "delivered"
    CLOSED = "closed"


class Event(StrEnum):
    CLAIM = "claim"  # an attempt begins
    DELIVERED = "delivered"  # it did what it should
    AGAIN = "again"  # it did not; the schedule says when next
    HANDED_OVER = "handed_over"  # only a person can go on
    RETURNED = "returned"  # the process ended in mid-attempt
    EXPIRED = "expired"
    REQUEUED = "requeued"  # its owner wants it sent at another time
    CLOSED = "closed"  # its owner has nothing left to send
    ANSWERED_LATE = "answered_late"  # an answer to the attempt that was in flight when it was closed
    RETRIED_BY_PERSON = "retried_by_person"
    CLOSED_BY_PERSON = "closed_by_person"


FINAL: Final = frozenset({State.DELIVERED, State.CLOSED})
ENDS_ATTEMPT: Final = frozenset(
    {Event.DELIVERED, Event.AGAIN, Event.HANDED_OVER, Event.RETURNED, Event.ANSWERED_LATE}
)

_S, _E = State, Event
NEXT: Final[Mapping[tuple[State, Event], State]] = MappingProxyType(
    {
        (_S.READY, _E.CLAIM): _S.CLAIMED,
        (_S.READY, _E.EXPIRED): _S.TO_PERSON,
        (_S.READY, _E.REQUEUED): _S.READY,
        (_S.READY, _E.RETRIED_BY_PERSON): _S.READY,
        (_S.READY, _E.CLOSED): _S.CLOSED,
        (_S.CLAIMED, _E.DELIVERED): _S.DELIVERED,
        (_S.CLAIMED, _E.AGAIN): _S.READY,
        (_S.CLAIMED, _E.HANDED_OVER): _S.TO_PERSON,
        (_S.CLAIMED, _E.RETURNED): _S.READY,
        (_S.CLAIMED, _E.CLOSED): _S.CLOSED,
        (_S.TO_PERSON, _E.REQUEUED): _S.READY,
        (_S.TO_PERSON, _E.RETRIED_BY_PERSON): _S.READY,
        (_S.TO_PERSON, _E.CLOSED_BY_PERSON): _S.CLOSED,
        (_S.TO_PERSON, _E.CLOSED): _S.CLOSED,
        (_S.CLOSED, _E.ANSWERED_LATE): _S.CLOSED,
    }
)
