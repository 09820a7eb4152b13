"""What is known of one sale at the POS. A screen is a function of this record alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from pydantic import AwareDatetime

from agent.journeys.merchant_sale import ENDINGS, ENDS, FINAL, TABLE, Ending, Event, State
from agent.texts import Language
from gateway.contract import Money, Shape
from gateway.state_table import advance
from gateway.transfer_contract import SaleTold, SaleView

OUTCOMES_TOLD: Mapping[SaleTold, Ending] = {
    SaleTold.PAID: Ending.PAID,
    SaleTold.PAID_LATE: Ending.PAID_LATE,
    SaleTold.CANCELLED: Ending.CANCELLED,
    SaleTold.EXPIRED: Ending.EXPIRED,
    SaleTold.REFUSED: Ending.REFUSED,
    SaleTold.DOUBTFUL: Ending.DOUBTFUL,
}
"""The gateway's words that say how it ended; the others say that it has not."""


class Sale(Shape):
    sale_id: str  # chosen here, and committed before the gateway hears of it
    language: Language
    amount: Money
    purpose: str | None = None
    merchant_order: str | None = None
    state: State
    started_at: AwareDatetime
    changed_at: AwareDatetime
    view: SaleView | None = None  # the gateway's last word; may be newer than `ending`
    ending: Ending | None = None  # as the merchant was told
    reason: str | None = None  # a code of `gateway.reasons` or of a problem
    slip_number: str | None = None  # from the same sequence as the receipts
    slip_printed: bool | None = None
    resumed: bool = False  # the terminal was restarted meanwhile: nothing prints until asked

    @property
    def over(self) -> bool:
        return self.state in FINAL

    @property
    def outcome(self) -> Ending | None:
        """How it stands by the gateway's last word; one that is late after a doubt says so."""
        told = None if self.view is None else OUTCOMES_TOLD.get(self.view.told)
        if told is Ending.PAID and self.ending is Ending.DOUBTFUL:
            return Ending.PAID_LATE
        return self.ending if told is None else told


class Changes(TypedDict, total=False):
    """What an event may bring into the record. The table alone sets `state` and the first `ending`."""

    view: SaleView
    reason: str | None
    slip_number: str
    slip_printed: bool
    resumed: bool


@dataclass(frozen=True)
class Happened:
    """An event with what it brings."""

    event: Event
    changes: Changes = field(default_factory=Changes)


def moved(sale: Sale, happened: Happened, *, at: AwareDatetime) -> Sale:
    """The record after this event, by the table. NoSuchRowError if the event cannot happen here."""
    row = advance(TABLE, sale.state, happened.event)
    changes: dict[str, object] = {**happened.changes, "state": row.next, "changed_at": at}
    if sale.ending is None and row.next in ENDS:
        changes["ending"] = ENDINGS[happened.event]
    return sale.model_copy(update=changes)
