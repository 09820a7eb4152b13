"""Peers in memory that a test scripts, and a customer without a terminal."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import SystemRandom

from gateway.bills.moves import Move
from gateway.bills.payment_states import State
from gateway.client import GatewayClient
from gateway.contract import CardInput, CheckRequest, Offer, PaymentRequest, PaymentView
from gateway.eport.operations import Operation
from gateway.funds.interface import Card, HoldIdentifiers
from gateway.identifiers import new_payment_id
from gateway.office_settings import ActSection, OfficeSection
from gateway.outcomes import AdviceOutcome, EportOutcome, HoldOutcome, Verdict
from gateway.settings import (
    CardHostSection,
    CatalogueSection,
    CentralSection,
    EportSection,
    GatewaySection,
    LimitsSection,
    RetentionSection,
    TimersSection,
)
from gateway.transfer_settings import TransfersSection

APPROVED = HoldOutcome(Verdict.ACCEPTED, "00", "A1B2C3")
TAKEN = AdviceOutcome(Verdict.ACCEPTED, "00")
CARD = CardInput(
    pan="4012345678909",
    expiry_yymm="2912",
    track2="4012345678909D29121010000",
    emv="9F260811223344556677889F2701809F360200019F3704AABBCCDD",
    pin_block="1B9C1845EB993A7A",
    ksn="FFFF9876543210E00001",
)


@dataclass
class ScriptedFunds:
    """A card host in memory: answers holds and advices as it is told, and remembers what it was asked."""

    held: list[HoldIdentifiers] = field(default_factory=list)
    advised: list[tuple[bytes, bool]] = field(default_factory=list)
    hold_outcome: HoldOutcome = APPROVED
    advice_outcome: AdviceOutcome = TAKEN
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    is_reachable: bool = True

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def hold(self, identifiers: HoldIdentifiers, card: Card) -> HoldOutcome:
        self.held.append(identifiers)
        await self.may_answer.wait()
        return self.hold_outcome

    def capture_message(self, identifiers, *, stan, at, approval_code) -> bytes:
        return f"0220 {identifiers.rrn} {stan} {at.isoformat()} {approval_code}".encode()

    def reversal_message(self, identifiers, *, stan, at, approval_code) -> bytes:
        return (
            f"0420 {identifiers.rrn} {stan} {at.isoformat()} {approval_code} {identifiers.acquirer}".encode()
        )

    async def advise(self, message: bytes, *, repeat: bool) -> AdviceOutcome:
        self.advised.append((message, repeat))
        return self.advice_outcome

    def reachable(self) -> bool:
        return self.is_reachable


@dataclass
class ScriptedEport:
    """e-port in memory: one outcome for each operation, until a test gives another."""

    outcomes: dict[Operation, EportOutcome] = field(
        default_factory=lambda: {
            Operation.ACCOUNT: EportOutcome(
                Verdict.ACCEPTED, 0, fields=(("payer_name", "Абонент", "И*** П."),)
            ),
            Operation.PAYMENT: EportOutcome(Verdict.ACCEPTED, 0, eport_id="900000417"),
            Operation.STATUS: EportOutcome(Verdict.PENDING, 90),
            Operation.CANCEL: EportOutcome(Verdict.CANCELLED, 0),
        }
    )
    sent: list[tuple[Operation, bytes, str, bool, bool]] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def send(
        self, operation, message, *, txn_id, first_attempt=True, cancel_ordered=False
    ) -> EportOutcome:
        self.sent.append((operation, message, txn_id, first_attempt, cancel_ordered))
        self.asked.set()
        await self.may_answer.wait()
        return self.outcomes[operation]

    def of(self, operation: Operation) -> list[bytes]:
        return [message for sent, message, *_ in self.sent if sent is operation]


class Moved(list[Move]):
    """An observer: every move, in the order of their commits."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def __call__(self, move: Move) -> None:
        self.append(move)
        self._more.set()

    async def until(self, what: State | str) -> None:
        """Wait for a move into a state, or for an event."""
        async with asyncio.timeout(10):
            while not any(what in (move.after, move.event) for move in self):
                self._more.clear()
                await self._more.wait()


@dataclass(frozen=True)
class Sections:
    """`gateway.settings.GatewaySettings`, with timers that a test need not wait for."""

    gateway: GatewaySection
    eport: EportSection
    card_host: CardHostSection
    catalogue: CatalogueSection
    timers: TimersSection
    limits: LimitsSection = field(default_factory=LimitsSection)
    retention: RetentionSection = field(default_factory=RetentionSection)
    central: CentralSection | None = None
    transfers: TransfersSection | None = None
    act: ActSection | None = None
    office: OfficeSection | None = None


@dataclass
class Customer:
    """Pays at `terminal`: what a terminal does, without the terminal."""

    terminal: GatewayClient
    check_request: CheckRequest
    now: Callable[[], datetime]
    keys: Iterator[int] = field(default_factory=count)
    last_id: str = ""

    def new_id(self) -> str:
        self.last_id = new_payment_id(self.now(), SystemRandom().randbytes)
        return self.last_id

    async def offer(self) -> Offer:
        offer = await self.terminal.check(self.check_request, key=f"check-{next(self.keys)}")
        assert isinstance(offer, Offer)
        return offer

    def request(self, offer: Offer, **other) -> PaymentRequest:
        """The PUT that pays what was offered, or something else."""
        sums = {"amount": offer.amount, "fee": offer.fee, "total": offer.total}
        return PaymentRequest(**{"check_id": offer.check_id, "card": CARD, **sums, **other})

    async def pay(self, *, wait_seconds: float = 10) -> PaymentView:
        """An offer and its payment, under an id that is `last_id` then."""
        request = self.request(await self.offer())
        return await self.terminal.put(self.new_id(), request, wait_seconds=wait_seconds)

    async def look(self) -> PaymentView:
        return await self.terminal.get(self.last_id)
