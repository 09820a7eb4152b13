"""What a printer says of itself: the bits of DLE EOT 1–4 in XFS4IoT's words, worst first.

Sources: Epson, ESC/POS Command Reference, DLE EOT; XFS4IoT, printer status (`paper`, `cover`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from devices.interfaces import DeviceState, Status

PRINTER, OFFLINE_CAUSE, ERROR_CAUSE, PAPER_SENSOR = GROUPS = (1, 2, 3, 4)

Answers = Mapping[int, int]
"""The byte that each group answered with. A group that is not there gave no answer."""


@dataclass(frozen=True)
class Condition:
    group: int  # n of DLE EOT
    mask: int  # any of these bits
    error: str
    state: DeviceState
    advice: str
    measured: tuple[str, str] | None = None
    stops: bool = True  # no job can be printed


# fmt: off
CONDITIONS: Final = (
    Condition(ERROR_CAUSE,   0x20, "unrecoverable", DeviceState.HARDWARE_ERROR, "switch the printer off and on; if it stays so, replace it"),
    Condition(ERROR_CAUSE,   0x08, "cutterJammed",  DeviceState.HARDWARE_ERROR, "open the cover and free the cutter", ("paper", "jammed")),
    Condition(ERROR_CAUSE,   0x04, "paperJammed",   DeviceState.HARDWARE_ERROR, "open the cover and take the jammed paper out", ("paper", "jammed")),
    Condition(OFFLINE_CAUSE, 0x04, "coverOpen",     DeviceState.USER_ERROR,     "close the cover", ("cover", "open")),
    Condition(PAPER_SENSOR,  0x60, "paperOut",      DeviceState.ONLINE,         "load a roll of paper", ("paper", "out")),
    Condition(OFFLINE_CAUSE, 0x20, "paperOut",      DeviceState.ONLINE,         "load a roll of paper", ("paper", "out")),
    Condition(ERROR_CAUSE,   0x40, "overheated",    DeviceState.OFFLINE,        "wait until the print head has cooled down"),
    Condition(OFFLINE_CAUSE, 0x08, "feedPressed",   DeviceState.OFFLINE,        "let go of the feed button"),
    Condition(OFFLINE_CAUSE, 0x40, "error",         DeviceState.HARDWARE_ERROR, "switch the printer off and on"),
    Condition(PRINTER,       0x08, "offline",       DeviceState.OFFLINE,        "look at the printer's lamps"),
    Condition(PAPER_SENSOR,  0x0C, "paperLow",      DeviceState.ONLINE,         "have a new roll ready", ("paper", "low"), stops=False),
)
# fmt: on

_WHEN_FINE: Final = {"paper": (PAPER_SENSOR, "full"), "cover": (OFFLINE_CAUSE, "closed")}
NO_ANSWER: Final = "noAnswer"


def is_status_byte(byte: int) -> bool:
    """Bits 0 and 7 are 0, bits 1 and 4 are 1: by this it is told from every other answer (PROTOCOLS §8)."""
    return byte & 0x93 == 0x12


def found(answers: Answers) -> Iterator[Condition]:
    """Every condition that the printer reports, worst first."""
    return (condition for condition in CONDITIONS if answers.get(condition.group, 0) & condition.mask)


def obstacle(answers: Answers) -> tuple[str, str] | None:
    """Why no job can be printed now: an error and an advice; None if one can.

    No answer is an obstacle: what is not known is never taken for good.
    """
    if set(answers) != set(GROUPS):
        return NO_ANSWER, "no answer: check the printer's power, its cable and the port's speed"
    return next(((worst.error, worst.advice) for worst in found(answers) if worst.stops), None)


def status_of(answers: Answers) -> Status:
    """`measured` has `paper`: full, low, out, jammed, unknown; `cover`: closed, open, unknown.

    The worst condition gives the state. A printer that lacks nothing but paper is online, in XFS's sense:
    what it lacks is told by `paper`.
    """
    measured = {key: fine if group in answers else "unknown" for key, (group, fine) in _WHEN_FINE.items()}
    conditions = list(found(answers))
    measured |= dict(condition.measured for condition in reversed(conditions) if condition.measured)
    missing = set(GROUPS) - set(answers)
    worst = conditions[0].state if conditions else DeviceState.ONLINE
    state = DeviceState.OFFLINE if missing and worst is DeviceState.ONLINE else worst
    said = [f"{condition.error}: {condition.advice}" for condition in conditions]
    silent = [f"no answer to DLE EOT {group}" for group in sorted(missing)]
    return Status(state, measured, "; ".join(said + silent))
