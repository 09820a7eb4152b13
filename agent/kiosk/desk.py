"""What the screen needs of the terminal."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from agent.journeys.card_record import CardJourney
from agent.journeys.customer import Customer
from agent.orders import Order
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
class Desk:
    """`pay` raises OrderError, Unreachable, Refusal or TerminalStopsError when nothing was begun."""

    pay: Callable[[Order, Customer], Awaitable[CardJourney]]
    obstacles: Callable[[], Awaitable[Sequence[str]]]
    catalogue: Callable[[], Awaitable[Catalogue]]
    shortcuts: Callable[[], Awaitable[Sequence[str]]]
    earlier: Earlier
