"""Named faults that the sandbox's servers commit on purpose. Pure: nothing here does them.

    silence    no answer at all
    delay      the answer comes late
    cut        the connection breaks: before, or in the middle of the answer
    duplicate  before: the request is taken twice; after: it is answered twice
    garbage    an answer that is none: rubbish, half a message, another's identifiers
    refuse     before: what is new is refused (result 7, field 39 = 05); after: the door is shut, though
               the request took effect (HTTP 403, field 39 = 91)
    5xx        HTTP 500 to 504, field 39 = 96

Each stands before the request takes effect or after it did. Which request meets which fault is said
by a rule, or chosen by a seed: then it is a pure function of the seed, the operation and the request's
own identifiers, so that it can be replayed, and no identifier meets more than `at_most` of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from itertools import product
from typing import Final


class FaultName(StrEnum):
    SILENCE = "silence"
    DELAY = "delay"
    CUT = "cut"
    DUPLICATE = "duplicate"
    GARBAGE = "garbage"
    REFUSE = "refuse"
    FIVE_XX = "5xx"


class Position(StrEnum):
    BEFORE = "before"  # the request takes no effect, except under delay and duplicate
    AFTER = "after"  # it has taken effect, and the ledger says so


@dataclass(frozen=True)
class Fault:
    """`dice` (0 to 255) picks among the forms that a fault has: which rubbish, which of 500 to 504."""

    name: FaultName
    position: Position
    dice: int = 0

    def __str__(self) -> str:
        return f"{self.name} {self.position}"


@dataclass(frozen=True)
class Occasion:
    """A request that may meet a fault.

    `identifier` is the txn_id, the RRN, the registry_id, the day or the EndToEndId; `attempt` counts the requests of this operation and
    identifier from 1. `account` is the requisite; the card host has none.
    """

    wire: str  # "eport", "card-host", "central" or "platform"
    operation: str
    identifier: str
    attempt: int
    terminal: str | None = None
    account: str | None = None


@dataclass(frozen=True)
class Rule:
    """`fault` for the next `count` requests that agree with every member that is not None."""

    fault: Fault
    count: int = 1
    wire: str | None = None
    operation: str | None = None
    identifier: str | None = None
    terminal: str | None = None
    account: str | None = None

    def fits(self, occasion: Occasion) -> bool:
        return all(getattr(self, name) in {None, getattr(occasion, name)} for name in _MATCHED)


_MATCHED: Final = ("wire", "operation", "identifier", "terminal", "account")

# A seed never refuses what PROTOCOLS hands to a person once it is refused (captures, reversals, the
# fate of a payment), and leaves echoes alone, which have no identifier to bound its faults.
_ANY: Final = frozenset(FaultName)
_NO_REFUSAL: Final = _ANY - {FaultName.REFUSE}
_ADVICE: Final = _NO_REFUSAL - {FaultName.FIVE_XX}
SEEDED_OPERATIONS: Final[Mapping[str, frozenset[FaultName]]] = {
    "bank_account": _ANY,
    "bank_payment": _ANY,
    "bank_status": _NO_REFUSAL,
    "bank_cancel": _NO_REFUSAL,
    "hold": _ANY,
    "account_status": _ANY,
    "beneficiary": _ANY,
    "capture": _ADVICE,
    "credit": _ADVICE,
    "reversal": _ADVICE,
    "registry": _NO_REFUSAL,
    "daily": _NO_REFUSAL,
    **dict.fromkeys(("2", "3", "4", "9", "11", "13", "14", "16"), _ANY),
    **dict.fromkeys(("5", "17", "rjct payee", "rjct payer", "16.1 answer", "17.1 answer"), _NO_REFUSAL),
    **dict.fromkeys(("16.1", "17.1"), _NO_REFUSAL),
    **dict.fromkeys(("10", "15"), frozenset({FaultName.REFUSE})),
}
PLATFORM_STEPS: Final = (
    *("2", "3", "4", "5", "9", "10", "11", "13", "14", "15", "16", "16.1", "17", "17.1"),
    *("rjct payee", "rjct payer", "16.1 answer", "17.1 answer"),
)


@dataclass(frozen=True)
class Seeded:
    """Faults of these names for a share `rate` (0 to below 1) of all requests."""

    seed: int
    rate: float
    names: frozenset[FaultName]
    at_most: int = 2

    def __post_init__(self) -> None:
        if not 0 <= self.rate < 1:
            raise ValueError(f"rate {self.rate} is not from 0 to below 1: a repeat must have a chance")

    def choose(self, occasion: Occasion) -> Fault | None:
        met = sum(
            self._dice_say(replace(occasion, attempt=n)) is not None for n in range(1, occasion.attempt)
        )
        return None if met >= self.at_most else self._dice_say(occasion)

    def _dice_say(self, occasion: Occasion) -> Fault | None:
        names = sorted(self.names & SEEDED_OPERATIONS.get(occasion.operation, frozenset()))
        dice = _dice(self.seed, occasion)
        if not names or int.from_bytes(dice[:8]) >= self.rate * 2**64:
            return None
        forms = list(product(names, Position))
        name, position = forms[int.from_bytes(dice[8:12]) % len(forms)]
        return Fault(name, position, dice[12])


def _dice(seed: int, occasion: Occasion) -> bytes:
    told = (seed, occasion.wire, occasion.operation, occasion.identifier, occasion.attempt)
    return sha256("\n".join(map(str, told)).encode()).digest()


@dataclass
class FaultPlan:
    """What is to go wrong from now on: rules first, oldest first, then the seed."""

    rules: list[Rule] = field(default_factory=list)
    seeded: Seeded | None = None
    delay_seconds: float = 1.0  # of the fault `delay`
    silence_seconds: float = 120.0  # after which a silent HTTP connection is closed
    _turns: dict[str, dict[str, int]] = field(default_factory=dict, repr=False)  # by wire and identifier

    def choose(self, occasion: Occasion) -> Fault | None:
        """The fault of this request; a rule that gives it is used up by one."""
        for place, rule in enumerate(self.rules):
            if rule.fits(occasion):
                self.rules[place : place + 1] = _left(rule)
                return rule.fault
        return None if self.seeded is None else self.seeded.choose(self._counted(occasion))

    def _counted(self, occasion: Occasion) -> Occasion:
        """The same by its turn: identifiers begin at the clock, and a seed has to replay at any time."""
        turns = self._turns.setdefault(occasion.wire, {})
        turn = turns.setdefault(occasion.identifier, len(turns) + 1)
        return replace(occasion, identifier=str(turn))

    def clear(self) -> None:
        self.rules.clear()
        self.seeded = None


def _left(rule: Rule) -> Sequence[Rule]:
    return [replace(rule, count=rule.count - 1)] if rule.count > 1 else []


def names_of(words: Iterable[str]) -> frozenset[FaultName]:
    """Fault names as a person types them; ValueError names the one that is unknown."""
    return frozenset(FaultName(word) for word in words)
