"""Peers on loopback that a test scripts itself, and the gateway's inside with peers in memory."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import count
from pathlib import Path
from random import Random, SystemRandom
from zoneinfo import ZoneInfo

import pytest

from gateway.checks import Check, insert_check
from gateway.client import GatewayClient
from gateway.contract import CardInput, CheckRequest, FeeRule, Money, Offer, PaymentRequest, Requisite
from gateway.eport.codec import XML
from gateway.eport.operations import Operation
from gateway.funds.interface import Card, HoldIdentifiers
from gateway.identifiers import new_payment_id
from gateway.money import Amount
from gateway.moves import Move, Moves
from gateway.numbering import new_rrn, new_stan, new_txn_id, set_floors
from gateway.outcomes import AdviceOutcome, EportOutcome, HoldOutcome, Verdict
from gateway.outside import Outside
from gateway.payment import Payment
from gateway.payment_states import State
from gateway.service import Gateway
from gateway.settings import (
    CardHostSection,
    CatalogueSection,
    EportSection,
    GatewaySection,
    LimitsSection,
    NodeSection,
    TimersSection,
)
from gateway.steps import Steps
from spool import Migrations, Spool, Transaction

ALMATY = ZoneInfo("Asia/Almaty")
APPROVED = HoldOutcome(Verdict.ACCEPTED, "00", "A1B2C3")
TAKEN = AdviceOutcome(Verdict.ACCEPTED, "00")
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def _tcp_peer(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    handlers: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(asyncio.current_task())
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await serve(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


@pytest.fixture(scope="session")
def tcp_peer() -> Callable[..., AbstractAsyncContextManager[int]]:
    """`async with tcp_peer(serve, context=None) as port`: serve(reader, writer) for each connection.

    It hangs up when `serve` returns, and leaves nothing open at its end.
    """
    return _tcp_peer


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
        return f"0420 {identifiers.rrn} {stan} {at.isoformat()} {approval_code}".encode()

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
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def send(
        self, operation, message, *, txn_id, first_attempt=True, cancel_ordered=False
    ) -> EportOutcome:
        self.sent.append((operation, message, txn_id, first_attempt, cancel_ordered))
        await self.may_answer.wait()
        return self.outcomes[operation]

    def of(self, operation: Operation) -> list[bytes]:
        return [message for sent, message, *_ in self.sent if sent is operation]


@pytest.fixture
def funds() -> ScriptedFunds:
    return ScriptedFunds()


@pytest.fixture
def eport() -> ScriptedEport:
    return ScriptedEport()


@pytest.fixture
async def store(tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[Spool]:
    """A new gateway store, with its floors set."""
    opened = await Spool.open(
        tmp_path / "gateway.db",
        rooms=[Migrations("gateway", files("gateway") / "schema")],
        now=clock,
        random=Random(1),
    )
    async with opened:
        await opened.write(lambda tx: set_floors(tx, configured=None, restored=None))
        yield opened


@pytest.fixture
def moved() -> list[Move]:
    """Every move, in the order of their commits."""
    return []


@pytest.fixture
def moves(funds: ScriptedFunds, moved: list[Move]) -> Moves:
    steps = Steps(funds=funds, codec=XML, point="10001", time_zone=ALMATY, timers=TimersSection())
    return Moves(steps.effects(), [moved.append])


@pytest.fixture
def an_offer(clock: Callable[[], datetime]) -> Callable[..., Check]:
    """A check as it is after e-port accepted it; any field may be given another value."""

    def make(**other) -> Check:
        now = clock()
        check = Check(
            check_id="26112200000000000001",
            terminal="ATM00017",
            product="beeline-kz",
            catalogue_version="0123456789abcdef",
            requisites=(("account", "7011234567"),),
            fields=(("payer_name", "Абонент", "И*** П."),),
            amount=Amount.parse("1500.00"),
            minimum=Amount.parse("100.00"),
            maximum=Amount.parse("50000.00"),
            debt=None,
            fee_rule=FeeRule(percent_hundredths=300, minimum=Money(amount_minor=0)),
            offered_at=now,
            valid_until=now + timedelta(hours=1),
        )
        return replace(check, **other)

    return make


@pytest.fixture
def begin(store: Spool, moves: Moves, an_offer, clock) -> Callable[..., Awaitable[Payment]]:
    """Enter HOLDING with a check of its own: `await begin()`, `await begin(terminal="POS2")`."""
    numbers = count(1)

    async def enter(terminal: str = "ATM00017") -> Payment:
        n = next(numbers)

        def enter_holding(tx: Transaction) -> Payment:
            check = an_offer(check_id=new_txn_id(tx, ALMATY), terminal=terminal)
            insert_check(tx, check)
            payment = Payment(
                payment_id=f"01935b2e-0000-7000-8000-{n:012x}",
                terminal=terminal,
                request_digest=b"d" * 32,
                state=State.HOLDING,
                moves=1,
                amount=Amount.parse("1500.00"),
                fee=Amount.parse("45.00"),
                total=Amount.parse("1545.00"),
                txn_id=new_txn_id(tx, ALMATY),
                rrn=new_rrn(tx, ALMATY),
                stan=new_stan(tx, terminal),
                accepted_at=clock(),
                changed_at=clock(),
                check=check,
            )
            moves.begin(tx, payment)
            return payment

        return await store.write(enter_holding)

    return enter


@dataclass(frozen=True)
class Sections:
    """`gateway.settings.GatewaySettings`, with timers that a test need not wait for."""

    gateway: GatewaySection
    eport: EportSection
    card_host: CardHostSection
    catalogue: CatalogueSection
    timers: TimersSection
    limits: LimitsSection = field(default_factory=LimitsSection)


@pytest.fixture
def sections(throwaway_ca) -> Sections:
    bank = throwaway_ca.issue("tolem-gateway", server_names=())
    return Sections(
        gateway=GatewaySection(),
        eport=EportSection(
            url="https://localhost:1",
            point="10001",
            client_cert=bank.certificate,
            client_key=bank.key,
            ca=throwaway_ca.ca_path,
        ),
        card_host=CardHostSection(address="127.0.0.1:1", acquirer="123456", merchant="TOLEM0000000001"),
        catalogue=CatalogueSection(file=Path(str(files("gateway.providers") / "demo.toml"))),
        timers=TimersSection(shutdown_seconds=2.0),
    )


@pytest.fixture
def outside(eport: ScriptedEport, funds: ScriptedFunds) -> Outside:
    return Outside(eport, XML, funds)


@pytest.fixture
def open_gateway(tmp_path, sections, system_time, outside, moved):
    """`async with open_gateway() as gateway`: on the store in `tmp_path`, between scripted peers."""

    def open_one(**changes) -> AbstractAsyncContextManager[Gateway]:
        return Gateway.open(
            replace(sections, **changes),
            node=NodeSection(id="gateway-1", data_dir=tmp_path / "data"),
            now=system_time,
            random=SystemRandom(),
            observe=moved.append,
            outside=outside,
        )

    return open_one


@pytest.fixture
async def terminal_of() -> AsyncIterator[Callable[..., GatewayClient]]:
    """`terminal_of(gateway, "ATM00017")`: a client over the gateway's socket."""
    clients = []

    def connect(gateway: Gateway, terminal: str = "ATM00017") -> GatewayClient:
        client = GatewayClient.over_socket(
            gateway.places.socket, terminal=terminal, random_bytes=Random(1).randbytes
        )
        clients.append(client)
        return client

    yield connect
    for client in clients:
        await client.close()


@pytest.fixture
async def gateway(open_gateway) -> AsyncIterator[Gateway]:
    async with open_gateway() as running:
        yield running


@pytest.fixture
async def terminal(gateway, terminal_of) -> GatewayClient:
    return terminal_of(gateway)


PHONE_CHECK = CheckRequest(
    product="kokjiek-mobile",
    requisites=[Requisite(code="account", value="+7 (707) 123-45-67")],
    amount=Money(amount_minor=150_000),
)
CARD = CardInput(pan="4012345678909", expiry_yymm="2912", pin_block="1B9C1845EB993A7A")


@pytest.fixture
def check_request() -> CheckRequest:
    return PHONE_CHECK


@pytest.fixture
def new_id(system_time) -> Callable[[], str]:
    return lambda: new_payment_id(system_time(), SystemRandom().randbytes)


@pytest.fixture
def put_of() -> Callable[..., PaymentRequest]:
    """The PUT that pays what was offered."""

    def request(offer: Offer, **other) -> PaymentRequest:
        sums = {"amount": offer.amount, "fee": offer.fee, "total": offer.total}
        return PaymentRequest(**{"check_id": offer.check_id, "card": CARD, **sums, **other})

    return request


@pytest.fixture
def offered(check_request) -> Callable[..., Awaitable[Offer]]:
    """`await offered(terminal)`: an offer of its own."""
    numbers = count(1)

    async def check(terminal: GatewayClient) -> Offer:
        offer = await terminal.check(check_request, key=f"check-{next(numbers)}")
        assert isinstance(offer, Offer)
        return offer

    return check
