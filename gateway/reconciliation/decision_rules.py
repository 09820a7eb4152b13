"""What a person may decide about a difference, and what follows from it. Pure.

| decision | says |
|---|---|
| OURS | our book stands; e-port corrects its own |
| EPORT | e-port's registry stands |
| SETTLE | the payment is still open, and it is paid: the hold is captured |
| RELEASE | the payment is still open, and it is not paid: the hold is released |
| EXPLAINED | nobody's: a later registry has explained it |

Of what a day's registry and our book have in common, the sums are in the day's totals. Of a difference nothing is, until
a decision counts one side's sums, as an adjustment of the first day that is open then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.bills.payment_states import Event
from gateway.reconciliation.matching import Class


class Decision(StrEnum):
    OURS = "OURS"
    EPORT = "EPORT"
    SETTLE = "SETTLE"
    RELEASE = "RELEASE"
    EXPLAINED = "EXPLAINED"


class Side(StrEnum):
    """Whose sums are counted."""

    OURS = "our"
    EPORT = "eport"


@dataclass(frozen=True)
class Consequence:
    """`event` moves the payment, which must still be open. Our sums are counted of a paid payment only."""

    counts: Side | None = None
    event: Event | None = None


_nothing: Final = Consequence()
_ours: Final = Consequence(Side.OURS)
_eports: Final = Consequence(Side.EPORT)
_paid: Final = Consequence(Side.EPORT, Event.REGISTRY_MATCHED)
_free: Final = Consequence(None, Event.REGISTRY_MISSING)
_C, _D = Class, Decision

CONSEQUENCES: Final[Mapping[tuple[Class, Decision], Consequence]] = {
    (_C.AMOUNT_DIFF, _D.OURS): _ours,
    (_C.AMOUNT_DIFF, _D.EPORT): _eports,
    (_C.AMOUNT_DIFF, _D.SETTLE): _paid,
    (_C.AMOUNT_DIFF, _D.RELEASE): _free,
    (_C.STATUS_DIFF, _D.OURS): _ours,
    (_C.STATUS_DIFF, _D.EPORT): _eports,
    (_C.STATUS_DIFF, _D.SETTLE): _paid,
    (_C.STATUS_DIFF, _D.RELEASE): _free,
    (_C.ONLY_BANK, _D.OURS): _ours,
    (_C.ONLY_BANK, _D.EPORT): _nothing,
    (_C.ONLY_BANK, _D.RELEASE): _free,
    (_C.ONLY_EPORT, _D.OURS): _nothing,
    (_C.ONLY_EPORT, _D.EPORT): _eports,
    (_C.DUPLICATE, _D.OURS): _nothing,
    (_C.DUPLICATE, _D.EPORT): _eports,
}


def allowed(kind: Class, *, is_open: bool) -> list[Decision]:
    """`is_open`: e-port has not decided the payment, as far as we know."""
    every = {decision: follows for (of, decision), follows in CONSEQUENCES.items() if of is kind}
    moving = [decision for decision, follows in every.items() if follows.event is not None]
    return moving if is_open and moving else [decision for decision in every if decision not in moving]
