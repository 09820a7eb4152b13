"""How a payment ended for a script, whatever happened to the one who told of it.

An interrupted payment ends as far as its last told step allows: nothing leaves before SENDING, and from
SENDING on only the gateway's word ends it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.cli.failures import IN_PROCESSING, OUT_OF_SERVICE, REFUSED
from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from agent.journeys.card_record import CardJourney
from gateway.contract import Money


@dataclass(frozen=True)
class Script:
    """An ending as a script meets it (PROTOCOLS §9)."""

    ending: str
    exit_code: int


SCRIPT: Final[Mapping[Ending, Script]] = {
    Ending.PAID: Script("paid", 0),
    Ending.NOTHING_TAKEN: Script("refused", REFUSED),
    Ending.BEING_UNBLOCKED: Script("refused", REFUSED),
    Ending.CANCELLED: Script("refused", REFUSED),
    Ending.IN_PROCESSING: Script("in_processing", IN_PROCESSING),
    Ending.OUT_OF_SERVICE: Script("out_of_service", OUT_OF_SERVICE),
}
_MAY_BE_ON_ITS_WAY: Final = frozenset({State.PIN_DONE, State.SENDING, State.ASKING})
"""Not told yet how it ends. After PIN_DONE comes SENDING, and who tells may die between the two."""


def how_it_ended(last: CardJourney | None, *, interrupted: bool) -> Ending:
    """By the last step that was told; None: not even the first was."""
    if last is None:
        return Ending.OUT_OF_SERVICE
    if last.ending is not None:
        stopped = interrupted and last.ending is Ending.CANCELLED
        return Ending.OUT_OF_SERVICE if stopped else last.ending
    return Ending.IN_PROCESSING if last.state in _MAY_BE_ON_ITS_WAY else Ending.OUT_OF_SERVICE


def script_facts(journey: Journey | None, ending: str) -> dict[str, str | None]:
    """The one object that `--json` prints."""
    view = None if journey is None else journey.view
    return {
        "payment_id": None if journey is None else journey.payment_id,
        "ending": ending,
        "state": None if view is None else view.state,
        "txn_id": None if view is None else view.txn_id,
        "eport_id": None if view is None else view.eport_id,
        "rrn": None if view is None else view.rrn,
        "sum": None if journey is None else sum_of(journey.amount),
        "fee": None if journey is None else sum_of(journey.fee),
        "total": None if journey is None else sum_of(journey.total),
        "receipt": journey.receipt_number if journey is not None and journey.receipt_printed else None,
    }


def sum_of(money: Money | None) -> str | None:
    return None if money is None else str(money.amount())
