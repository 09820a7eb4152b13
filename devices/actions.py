"""What helps against each error of a device, and who must come: one table, in XFS4IoT's words.

A word that is not here is no fault of a device: a card that declines, a customer who cancels.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from devices.interfaces import Completion, Result


class Action(StrEnum):
    """XFS4IoT `Common.ErrorEvent`, `action`."""

    CLEAR = "clear"  # what a person can put right without tools
    RESET = "reset"  # switch it off and on
    MAINTENANCE = "maintenance"
    CONFIGURATION = "configuration"
    SUSPEND = "suspend"  # it is tried again by itself


class Who(StrEnum):
    NOBODY = "nobody"
    STAFF = "staff"
    ENGINEER = "engineer"


WHO: Final[Mapping[Action, Who]] = MappingProxyType(
    {
        Action.CLEAR: Who.STAFF,
        Action.RESET: Who.STAFF,
        Action.MAINTENANCE: Who.ENGINEER,
        Action.CONFIGURATION: Who.ENGINEER,
        Action.SUSPEND: Who.STAFF,  # a cable that stays pulled does not come back by itself
    }
)

# fmt: off
ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {
        # every line
        "portLost":          Action.SUSPEND,
        "portBusy":          Action.CONFIGURATION,
        "portStalled":       Action.RESET,
        "noAnswer":          Action.RESET,
        "malformedAnswer":   Action.CONFIGURATION,  # is it the right model?
        # card reader
        "readerLost":        Action.SUSPEND,
        "readerInUse":       Action.CONFIGURATION,
        "readerForbidden":   Action.CONFIGURATION,
        "cardSilent":        Action.CLEAR,  # pull the card
        # PIN pad
        "lineNoise":         Action.MAINTENANCE,
        "keyNotFound":       Action.CONFIGURATION,
        "dukptOverflow":     Action.MAINTENANCE,
        "padMemory":         Action.MAINTENANCE,
        "ramFail":           Action.MAINTENANCE,
        "romFail":           Action.MAINTENANCE,
        "keyCrcFail":        Action.MAINTENANCE,
        # receipt printer
        "unrecoverable":     Action.RESET,
        "cutterJammed":      Action.CLEAR,
        "paperJammed":       Action.CLEAR,
        "coverOpen":         Action.CLEAR,
        "paperOut":          Action.CLEAR,
        "overheated":        Action.SUSPEND,
        "feedPressed":       Action.CLEAR,
        "offline":           Action.CLEAR,
        "error":             Action.RESET,
        "notProved":         Action.CONFIGURATION,
    }
)
# fmt: on

_BY_COMPLETION: Final[Mapping[Completion, Action]] = MappingProxyType(
    {
        Completion.HARDWARE_ERROR: Action.MAINTENANCE,
        Completion.CONNECTION_LOST: Action.SUSPEND,
        Completion.INTERNAL_ERROR: Action.MAINTENANCE,
    }
)


def action_against(result: Result[Any]) -> Action | None:
    """None: the device is not to blame."""
    if result.succeeded:
        return None
    return ACTIONS.get(result.error or "") or _BY_COMPLETION.get(result.completion)
