"""What is known of one bill payment at the terminal. A screen is a function of this record alone."""

from typing import ClassVar

from agent.journeys import bill
from agent.journeys.card_record import CardJourney
from gateway.contract import Offer, PaymentView, Requisite


class Journey(CardJourney):
    table: ClassVar = bill.TABLE

    product: str
    product_name: str  # in `language`, as the catalogue had it when the journey began
    provider_name: str = ""  # likewise; records of before it was kept have none
    requisites: list[Requisite]
    requisite_names: dict[str, str]  # by code, in `language`
    offer: Offer | None = None
    view: PaymentView | None = None

    @property
    def subject(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (self.provider_name, self.product_name))))
