"""What is known of a journey that is paid by card, whatever it pays: a bill, or a shop by its link.

The record goes to `agent.db` at each step, so it has no field that could hold card data: the PAN is
masked by its type, and what the chip and the PIN pad gave stays in the runner's memory.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self, TypedDict, TypeVar

from pydantic import AwareDatetime

from agent.journeys.bill import ENDINGS, ENDS, FINAL, Ending, Event, State, Step
from agent.masked_pan import MaskedPan
from agent.texts import Language
from gateway.contract import Money, Offer, PaymentView, Shape, Told
from gateway.state_table import Row, advance
from gateway.transfer_contract import LinkOffer, OrderView

OUTCOMES_TOLD: Mapping[Told, Ending] = {
    Told.PAID: Ending.PAID,
    Told.NOTHING_TAKEN: Ending.NOTHING_TAKEN,
    Told.BEING_UNBLOCKED: Ending.BEING_UNBLOCKED,
    Told.IN_PROCESSING: Ending.IN_PROCESSING,
    Told.WAIT: Ending.IN_PROCESSING,
}


class CardJourney(Shape, ABC):
    """What every such journey has. `agent.journeys` has a record for each kind."""

    table: ClassVar[Mapping[tuple[State, Event], Row[State, Step]]]  # what leads where

    journey_id: str
    language: Language
    state: State
    started_at: AwareDatetime
    changed_at: AwareDatetime
    amount: Money | None = None  # as asked for, until the offer is there; then as shown
    fee: Money | None = None
    total: Money | None = None
    application: str | None = None
    masked_pan: MaskedPan | None = None
    payment_id: str | None = None  # from SENDING on; of a link it is the order's id
    receipt_number: str | None = None  # from SENDING on; the RRN is called the operation number
    sent_at: AwareDatetime | None = None
    ending: Ending | None = None  # as the customer was told
    reason: str | None = None  # a code: of `gateway.reasons`, of the readiness gate, or a device's word
    comment: str | None = None  # the payee's side's or the gateway's sentence, if it sent one
    view: PaymentView | OrderView | None = None  # the gateway's last word; may be newer than `ending`
    never_received: bool = False  # the gateway's durable word that no PUT arrived and none ever will
    receipt_printed: bool | None = None
    card_left: bool = False  # nobody took it back in time
    resumed: bool = False  # the terminal was restarted meanwhile: nothing prints until asked

    @property
    def over(self) -> bool:
        return self.state in FINAL

    @property
    @abstractmethod
    def subject(self) -> tuple[str, ...]:
        """Who is paid, then what for, as a person is told; a name that is both is said once."""

    @property
    def outcome(self) -> Ending | None:
        """How it stands by the gateway's last word; `ending` is what the customer was told then."""
        if self.never_received:
            return Ending.NOTHING_TAKEN
        return self.ending if self.view is None else OUTCOMES_TOLD[self.view.told]


J = TypeVar("J", bound=CardJourney)


class Changes(TypedDict, total=False):
    """What an event may bring into the record. The table alone sets `state` and the first `ending`."""

    offer: Offer | LinkOffer
    amount: Money
    fee: Money
    total: Money
    application: str
    masked_pan: MaskedPan
    payment_id: str
    receipt_number: str
    sent_at: AwareDatetime
    reason: str | None
    comment: str | None
    view: PaymentView | OrderView
    never_received: bool
    receipt_printed: bool
    resumed: bool


@dataclass(frozen=True)
class Happened:
    """An event with what it brings."""

    event: Event
    changes: Changes = field(default_factory=Changes)

    @classmethod
    def because(cls, event: Event, reason: str | None, comment: str | None = None) -> Self:
        return cls(event, {"reason": reason, "comment": comment})


def moved(journey: J, happened: Happened, *, at: AwareDatetime) -> J:
    """The record after this event, by its table. NoSuchRowError if the event cannot happen here."""
    row = advance(journey.table, journey.state, happened.event)
    changes: dict[str, object] = {**happened.changes, "state": row.next, "changed_at": at}
    if journey.ending is None and row.next in ENDS:
        changes["ending"] = ENDINGS[happened.event]
    if happened.event is Event.CARD_LEFT:
        changes["card_left"] = True
    return journey.model_copy(update=changes)
