"""The life of a check as a table: one offer serves one payment, for one hour (DESIGN §5).

Expiry needs no clock of its own: whoever uses a check compares its `valid_until` first and plays
EXPIRED if it is over, so a restart or a sleeping process changes nothing.
"""

from enum import StrEnum
from typing import Final

from gateway.state_table import Row


class State(StrEnum):
    OFFERED = "OFFERED"
    USED = "USED"
    EXPIRED = "EXPIRED"


class Event(StrEnum):
    TAKEN = "TAKEN"  # a PUT wants to pay by it
    EXPIRED = "EXPIRED"
    RESTARTED = "RESTARTED"


class Step(StrEnum):
    SERVE = "SERVE"
    SAY_USED = "SAY_USED"
    SAY_EXPIRED = "SAY_EXPIRED"


_S, _E, _D = State, Event, Step
START: Final = State.OFFERED
FINAL: Final = frozenset({State.USED, State.EXPIRED})

# fmt: off
TABLE: Final[dict[tuple[State, Event], Row[State, Step]]] = {
    (_S.OFFERED, _E.TAKEN):     Row(_S.USED, (_D.SERVE,)),
    (_S.OFFERED, _E.EXPIRED):   Row(_S.EXPIRED),
    (_S.OFFERED, _E.RESTARTED): Row(_S.OFFERED),
    (_S.USED, _E.TAKEN):        Row(_S.USED, (_D.SAY_USED,)),
    (_S.USED, _E.EXPIRED):      Row(_S.USED),
    (_S.USED, _E.RESTARTED):    Row(_S.USED),
    (_S.EXPIRED, _E.TAKEN):     Row(_S.EXPIRED, (_D.SAY_EXPIRED,)),
    (_S.EXPIRED, _E.EXPIRED):   Row(_S.EXPIRED),
    (_S.EXPIRED, _E.RESTARTED): Row(_S.EXPIRED),
}
# fmt: on
