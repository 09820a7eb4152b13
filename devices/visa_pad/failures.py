"""What each failure of an exchange with the pad is called in XFS4IoT's words: one table."""

import logging
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from devices.errors import PortBusyError, PortLostError, PortStalledError
from devices.interfaces import Completion, DeviceState, Result, Status
from devices.visa_pad.commands import PIN_REFUSALS, MalformedMessageError, PinRefused
from devices.visa_pad.frames import UnsendableError
from devices.visa_pad.link import GarbledError, NoAnswerError, NotAcknowledgedError, RefusedError

log = logging.getLogger(__name__)


class Words(NamedTuple):
    completion: Completion
    error: str
    state: DeviceState
    advice: str


_WORDS: Final[Mapping[type[Exception], Words]] = {
    PortBusyError: Words(
        Completion.DEVICE_NOT_READY, "portBusy", DeviceState.DEVICE_BUSY, "end the other process"
    ),
    PortLostError: Words(
        Completion.CONNECTION_LOST, "portLost", DeviceState.POWER_OFF, "check cable and power"
    ),
    PortStalledError: Words(
        Completion.HARDWARE_ERROR, "portStalled", DeviceState.HARDWARE_ERROR, "switch the pad off and on"
    ),
    NotAcknowledgedError: Words(
        Completion.CONNECTION_LOST, "noAnswer", DeviceState.OFFLINE, "check power, cable and speed"
    ),
    NoAnswerError: Words(
        Completion.HARDWARE_ERROR, "noAnswer", DeviceState.HARDWARE_ERROR, "switch the pad off and on"
    ),
    GarbledError: Words(
        Completion.HARDWARE_ERROR, "lineNoise", DeviceState.HARDWARE_ERROR, "check cable and speed"
    ),
    MalformedMessageError: Words(
        Completion.HARDWARE_ERROR, "malformedAnswer", DeviceState.HARDWARE_ERROR, "is this the right model?"
    ),
    RefusedError: Words(
        Completion.COMMAND_ERROR, "refused", DeviceState.ONLINE, "the pad does not know this command"
    ),
    UnsendableError: Words(
        Completion.INVALID_DATA, "invalidData", DeviceState.ONLINE, "the request has no form on the wire"
    ),
}

FAILURES: Final = tuple(_WORDS)

_PIN_REFUSED: Final[Mapping[str, tuple[Completion, str]]] = {
    "A": (Completion.COMMAND_ERROR, "keyNotFound"),
    "F": (Completion.COMMAND_ERROR, "dukptOverflow"),
    "B": (Completion.HARDWARE_ERROR, "padMemory"),
    "C": (Completion.HARDWARE_ERROR, "padMemory"),
    "G": (Completion.HARDWARE_ERROR, "padMemory"),
}


def _words(error: Exception) -> Words:
    return next(_WORDS[kind] for kind in type(error).__mro__ if kind in _WORDS)


def result_of(error: Exception) -> Result[Any]:
    """The result for one of `FAILURES`."""
    words = _words(error)
    log.warning("pin_pad.failed", extra={"error": words.error, "completion": words.completion.value})
    return Result(words.completion, error=words.error, detail=f"{error}: {words.advice}")


def status_of(error: Exception, measured: Mapping[str, str]) -> Status:
    """The state that one of `FAILURES` leaves the pad in."""
    words = _words(error)
    return Status(words.state, measured, f"{error}: {words.advice}")


def refusal(refused: PinRefused) -> Result[Any]:
    """The result for a `71` that carries no PIN."""
    completion, error = _PIN_REFUSED.get(refused.code, (Completion.INVALID_DATA, "refused"))
    why = PIN_REFUSALS.get(refused.code, "a reason that the manual does not list")
    return Result(completion, error=error, detail=f"pad's code {refused.code}: {why}")
