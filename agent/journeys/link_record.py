"""What is known of one payment by link at the terminal. A screen is a function of this record alone."""

from typing import ClassVar

from agent.journeys import payment_link
from agent.journeys.card_record import CardJourney
from gateway.transfer_contract import LinkOffer, OrderView


class LinkJourney(CardJourney):
    """Who is paid and how much is known from the offer alone; of `link` nothing but its id is trusted."""

    table: ClassVar = payment_link.TABLE

    link: str  # as it was scanned or typed
    offer: LinkOffer | None = None
    view: OrderView | None = None

    @property
    def subject(self) -> tuple[str, ...]:
        if self.offer is None:
            return ()
        return tuple(filter(None, (self.offer.creditor_name, self.offer.purpose)))
