"""The life of the line to the card host, as a table; and how long to wait before the next try.

A line that is up counts as proven only after its first echo, so that a host which accepts connections
and drops them is not met with a hail of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class LineState(StrEnum):
    IDLE = "idle"
    CONNECTING = "connecting"
    UP = "up"  # connected, no echo answered yet
    PROVEN = "proven"  # its last echo was answered in time
    WAITING = "waiting"  # for the next try
    CLOSED = "closed"


class LineEvent(StrEnum):
    STARTED = "started"
    CONNECTED = "connected"
    ECHO_ANSWERED = "echo_answered"
    LOST = "lost"  # or never connected, or an echo without an answer
    DELAY_OVER = "delay_over"
    STOPPED = "stopped"


TABLE: Final[Mapping[tuple[LineState, LineEvent], LineState]] = MappingProxyType(
    {
        (LineState.IDLE, LineEvent.STARTED): LineState.CONNECTING,
        (LineState.CONNECTING, LineEvent.CONNECTED): LineState.UP,
        (LineState.CONNECTING, LineEvent.LOST): LineState.WAITING,
        (LineState.UP, LineEvent.ECHO_ANSWERED): LineState.PROVEN,
        (LineState.UP, LineEvent.LOST): LineState.WAITING,
        (LineState.PROVEN, LineEvent.ECHO_ANSWERED): LineState.PROVEN,
        (LineState.PROVEN, LineEvent.LOST): LineState.WAITING,
        (LineState.WAITING, LineEvent.DELAY_OVER): LineState.CONNECTING,
        **{(state, LineEvent.STOPPED): LineState.CLOSED for state in LineState},
    }
)


class UnexpectedLineEventError(Exception):
    """The table has no row for the pair."""


@dataclass(frozen=True)
class Line:
    """`failures` counts the losses since an echo was last answered."""

    state: LineState = LineState.IDLE
    failures: int = 0

    def after(self, event: LineEvent) -> "Line":
        try:
            state = TABLE[self.state, event]
        except KeyError:
            raise UnexpectedLineEventError(f"{event} in {self.state}") from None
        return replace(self, state=state, failures=_FAILURES.get(event, _same)(self.failures))


def delay_seconds(failures: int, *, first: float, longest: float, chance: float) -> float:
    """Doubles from `first` up to `longest`; `chance` from 0 to 1 lengthens it by up to half."""
    return float(min(first * 2 ** min(failures - 1, 30), longest)) * (1 + chance / 2)


def _same(failures: int) -> int:
    return failures


def _one_more(failures: int) -> int:
    return failures + 1


def _none(_failures: int) -> int:
    return 0


_FAILURES: Final[Mapping[LineEvent, Callable[[int], int]]] = MappingProxyType(
    {LineEvent.LOST: _one_more, LineEvent.ECHO_ANSWERED: _none}
)
