"""What the screen needs of the terminal."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from agent.journeys.card_record import CardJourney
from agent.journeys.customer import Customer
from agent.journeys.merchant import Merchant
from agent.journeys.sale_record import Sale
from agent.orders import LinkOrder, Order, SaleWish, Serves
from gateway.providers.product import Catalogue

NOT_RECOVERED: Final = "agent.not_recovered"
NO_CATALOGUE: Final = "catalogue.unreachable"


class Earlier(Protocol):
    """`agent.earlier_payments.EarlierPayments`: it limits guesses itself."""

    @property
    def locked_seconds(self) -> float: ...

    async def find(self, operation_number: str, last_four: str) -> CardJourney | None: ...

    async def reprint(self, journey: CardJourney) -> bool: ...


@dataclass(frozen=True)
class TransferDesk:
    """What a terminal needs that serves more than bills. `pay_link` and `sell` raise as `Desk.pay` does."""

    services: frozenset[Serves]
    pay_link: Callable[[LinkOrder, Customer], Awaitable[CardJourney]]
    sell: Callable[[SaleWish, Merchant], Awaitable[Sale]]
    sales: Callable[[], Awaitable[Sequence[Sale]]]  # the newest first
    reprint: Callable[[Sale], Awaitable[bool]]


@dataclass(frozen=True)
class Desk:
    """`pay` raises OrderError, Unreachable, Refusal or TerminalStopsError when nothing was begun."""

    pay: Callable[[Order, Customer], Awaitable[CardJourney]]
    obstacles: Callable[[], Awaitable[Sequence[str]]]
    catalogue: Callable[[], Awaitable[Catalogue]]
    shortcuts: Callable[[], Awaitable[Sequence[str]]]
    earlier: Earlier
    transfers: TransferDesk | None = None  # None: bills alone are served
