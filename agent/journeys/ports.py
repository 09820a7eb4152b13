"""What a journey needs of the rest of the terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.journeys.card_record import CardJourney, Happened, J
from devices.interfaces import CardReader, PinPad, ReceiptPrinter
from gateway.contract import CheckRefused, CheckRequest, NeverReceived, Offer, PaymentRequest, PaymentView
from gateway.transfer_contract import (
    LinkOffer,
    LinkRefused,
    LinkRequest,
    OrderNeverReceived,
    OrderRequest,
    OrderView,
)

PAPER_OUT = "printer.paper_out"  # the one obstacle that a person may overrule
CARD_LEFT = "reader.cardLeft"  # by an earlier customer, and it is still in


class BillGateway(Protocol):
    """The gateway, as `gateway.client.GatewayClient` speaks to it.

    Any call may raise `Unreachable` (its fate is unknown) or `Refusal` (a problem document came back).
    """

    async def check(self, request: CheckRequest, *, key: str) -> Offer | CheckRefused: ...

    async def put(self, payment_id: str, request: PaymentRequest, *, wait_seconds: float) -> PaymentView: ...

    async def get(self, payment_id: str, *, wait_seconds: float) -> PaymentView: ...

    async def resolve(self, payment_id: str) -> PaymentView | NeverReceived: ...


class LinkGateway(Protocol):
    """The gateway as the payer's bank. The same errors."""

    async def resolve_link(self, request: LinkRequest, *, key: str) -> LinkOffer | LinkRefused: ...

    async def put_order(self, order_id: str, request: OrderRequest, *, wait_seconds: float) -> OrderView: ...

    async def get_order(self, order_id: str, *, wait_seconds: float) -> OrderView: ...

    async def resolve_order(self, order_id: str) -> OrderView | OrderNeverReceived: ...


class CardGateway(BillGateway, Protocol):
    """The gateway for whatever is paid by card."""

    @property
    def transfers(self) -> LinkGateway: ...


class Gate(Protocol):
    """May money be taken now? (DESIGN §3.7)"""

    async def obstacles(self) -> Sequence[str]:
        """Codes such as `reader.noDevice` or `gateway.unreachable`; empty: ready. Asks everything anew."""


class Book(Protocol):
    """Where the journey is kept."""

    async def move(self, journey: J, happened: Happened) -> J:
        """The record after the event, durable together with all that the table's row causes."""


@dataclass(frozen=True)
class Devices:
    reader: CardReader
    pad: PinPad
    printer: ReceiptPrinter


@dataclass(frozen=True)
class JourneyTimers:
    """Seconds. `told_seconds` is PROTOCOLS §2.4; the others are the bank's choice for its customers."""

    told_seconds: float
    card_seconds: float
    pin_seconds: float
    receipt_seconds: float
    take_card_seconds: float
    ask_again_seconds: float
    unblocking_seconds: float  # most releases are answered at once: worth waiting for a better word


@dataclass(frozen=True)
class Parts:
    gateway: CardGateway
    gate: Gate
    devices: Devices
    book: Book
    receipt: Callable[[CardJourney], bytes]  # one ESC/POS job
    local_time: Callable[[datetime], datetime]
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    timers: JourneyTimers
