"""What can go wrong outside, in words for a person, and as rules of the sandbox's `PUT /faults`. Pure."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gateway.sandbox.faults import FaultName, Position

ALWAYS: Final = 1_000_000  # requests
SLOW_SECONDS: Final = 10.0
WORKS: Final = "works"


class Place(NamedTuple):
    """Requests that can meet a trouble."""

    says: str
    wire: str
    operation: str


class Trouble(NamedTuple):
    says: str
    name: FaultName | None = None
    position: Position = Position.BEFORE


PLACES: Final[Mapping[str, Place]] = {
    "check": Place("Account check", "eport", "bank_account"),
    "payment": Place("Payment", "eport", "bank_payment"),
    "status": Place("Its status", "eport", "bank_status"),
    "hold": Place("Hold", "card-host", "hold"),
    "echo": Place("Line test", "card-host", "echo"),
}

TROUBLES: Final[Mapping[str, Trouble]] = {
    WORKS: Trouble("works"),
    "silent": Trouble("is silent", FaultName.SILENCE),
    "silent_done": Trouble("does it, then is silent", FaultName.SILENCE, Position.AFTER),
    "slow": Trouble(f"is slow ({SLOW_SECONDS:g} s)", FaultName.DELAY),
    "refuses": Trouble("refuses", FaultName.REFUSE),
    "cut": Trouble("does it, then cuts the line", FaultName.CUT, Position.AFTER),
    "garbage": Trouble("answers rubbish", FaultName.GARBAGE),
    "fails": Trouble("fails (5xx, 96)", FaultName.FIVE_XX),
}


def plan(chosen: Mapping[str, str]) -> Mapping[str, Any]:
    """The body of `PUT /faults` for a trouble at each place; KeyError for one that does not exist."""
    rules = [_rule(PLACES[place], TROUBLES[name]) for place, name in chosen.items() if name != WORKS]
    return {"rules": rules, "delay_seconds": SLOW_SECONDS}


def _rule(place: Place, trouble: Trouble) -> Mapping[str, Any]:
    return {
        "name": trouble.name,
        "position": trouble.position,
        "count": ALWAYS,
        "wire": place.wire,
        "operation": place.operation,
    }
