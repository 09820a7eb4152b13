"""How a device comes, goes and comes back, as a table. It is the only place that decides a next state.

ABSENT is a device that is not plugged in, BACK_OFF one that is there and does not serve us. Both are
asked again after a while; a device that was ONLINE a moment ago is LOST, and asked again at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from devices.interfaces import DeviceState


class Connection(StrEnum):
    ABSENT = "absent"
    OPENING = "opening"
    ONLINE = "online"
    LOST = "lost"
    BACK_OFF = "backOff"
    CLOSED = "closed"


class Event(StrEnum):
    DUE = "due"  # the time of the last step has passed
    ANSWERED = "answered"
    NOT_THERE = "notThere"  # nothing is plugged in
    NO_ANSWER = "noAnswer"  # something is, and it does not serve us
    COMMAND_LOST = "commandLost"  # a command ended because the line did
    CLOSED = "closed"  # by us


class Step(StrEnum):
    ASK = "ask"  # its status, now
    BACK_OFF = "backOff"  # wait for the next time of `BACK_OFF_SECONDS`
    LOOK_LATER = "lookLater"  # it is well: ask again after the ordinary time


@dataclass(frozen=True)
class Row:
    next: Connection
    steps: tuple[Step, ...] = ()


class NoSuchRowError(LookupError):
    """The table has no row for this event in this state."""


_C, _E, _S = Connection, Event, Step

# fmt: off
TABLE: Final[Mapping[tuple[Connection, Event], Row]] = MappingProxyType(
    {
        (_C.ABSENT,   _E.DUE):          Row(_C.OPENING,  (_S.ASK,)),
        (_C.ABSENT,   _E.ANSWERED):     Row(_C.ONLINE,   (_S.LOOK_LATER,)),  # somebody else asked
        (_C.ABSENT,   _E.NOT_THERE):    Row(_C.ABSENT),
        (_C.ABSENT,   _E.NO_ANSWER):    Row(_C.BACK_OFF, (_S.BACK_OFF,)),
        (_C.ABSENT,   _E.COMMAND_LOST): Row(_C.ABSENT),
        (_C.ABSENT,   _E.CLOSED):       Row(_C.CLOSED),

        (_C.OPENING,  _E.DUE):          Row(_C.OPENING,  (_S.ASK,)),
        (_C.OPENING,  _E.ANSWERED):     Row(_C.ONLINE,   (_S.LOOK_LATER,)),
        (_C.OPENING,  _E.NOT_THERE):    Row(_C.ABSENT,   (_S.BACK_OFF,)),
        (_C.OPENING,  _E.NO_ANSWER):    Row(_C.BACK_OFF, (_S.BACK_OFF,)),
        (_C.OPENING,  _E.COMMAND_LOST): Row(_C.OPENING),
        (_C.OPENING,  _E.CLOSED):       Row(_C.CLOSED),

        (_C.ONLINE,   _E.DUE):          Row(_C.ONLINE,   (_S.ASK,)),
        (_C.ONLINE,   _E.ANSWERED):     Row(_C.ONLINE,   (_S.LOOK_LATER,)),
        (_C.ONLINE,   _E.NOT_THERE):    Row(_C.LOST,     (_S.ASK,)),
        (_C.ONLINE,   _E.NO_ANSWER):    Row(_C.LOST,     (_S.ASK,)),
        (_C.ONLINE,   _E.COMMAND_LOST): Row(_C.LOST,     (_S.ASK,)),
        (_C.ONLINE,   _E.CLOSED):       Row(_C.CLOSED),

        (_C.LOST,     _E.DUE):          Row(_C.LOST,     (_S.ASK,)),
        (_C.LOST,     _E.ANSWERED):     Row(_C.ONLINE,   (_S.LOOK_LATER,)),
        (_C.LOST,     _E.NOT_THERE):    Row(_C.ABSENT,   (_S.BACK_OFF,)),
        (_C.LOST,     _E.NO_ANSWER):    Row(_C.BACK_OFF, (_S.BACK_OFF,)),
        (_C.LOST,     _E.COMMAND_LOST): Row(_C.LOST),
        (_C.LOST,     _E.CLOSED):       Row(_C.CLOSED),

        (_C.BACK_OFF, _E.DUE):          Row(_C.OPENING,  (_S.ASK,)),
        (_C.BACK_OFF, _E.ANSWERED):     Row(_C.ONLINE,   (_S.LOOK_LATER,)),
        (_C.BACK_OFF, _E.NOT_THERE):    Row(_C.ABSENT,   (_S.BACK_OFF,)),
        (_C.BACK_OFF, _E.NO_ANSWER):    Row(_C.BACK_OFF),
        (_C.BACK_OFF, _E.COMMAND_LOST): Row(_C.BACK_OFF),
        (_C.BACK_OFF, _E.CLOSED):       Row(_C.CLOSED),

        # what was on its way when we closed it changes nothing
        **{(_C.CLOSED, event): Row(_C.CLOSED) for event in _E},
    }
)

MEANING: Final[Mapping[DeviceState, Event]] = MappingProxyType(
    {
        DeviceState.ONLINE:          _E.ANSWERED,
        DeviceState.USER_ERROR:      _E.ANSWERED,
        DeviceState.HARDWARE_ERROR:  _E.ANSWERED,
        DeviceState.FRAUD_ATTEMPT:   _E.ANSWERED,
        DeviceState.POTENTIAL_FRAUD: _E.ANSWERED,
        DeviceState.STARTING:        _E.NO_ANSWER,
        DeviceState.OFFLINE:         _E.NO_ANSWER,
        DeviceState.DEVICE_BUSY:     _E.NO_ANSWER,  # with somebody else
        DeviceState.POWER_OFF:       _E.NOT_THERE,
        DeviceState.NO_DEVICE:       _E.NOT_THERE,
    }
)
"""What a status means to the connection."""
# fmt: on

BACK_OFF_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""By how often it was asked in vain; the last one stays."""
JITTER: Final = 0.25  # of the time, and it only lengthens


def advance(state: Connection, event: Event) -> Row:
    """What `event` means in `state`. Raises NoSuchRowError, which names both."""
    row = TABLE.get((state, event))
    if row is None:
        raise NoSuchRowError(f"no row for event {event} in state {state}")
    return row


def back_off_seconds(failures: int, chance: float) -> float:
    """How long to wait after so many failures, at least one. `chance`: from 0 up to 1.

    >>> [back_off_seconds(failures, 0.0) for failures in (1, 2, 9)]
    [0.2, 0.5, 5.0]
    """
    return BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS)) - 1] * (1 + JITTER * chance)
