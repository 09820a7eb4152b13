"""Peers on loopback that a test scripts itself, and the gateway's inside with peers in memory."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import count
from pathlib import Path
from random import Random, SystemRandom
from zoneinfo import ZoneInfo

import pytest

from certs.identity import Identity
from certs.tls import client_context, server_context
from gateway.bills.checks import Check, insert_check
from gateway.bills.moves import Moves
from gateway.bills.numbering import new_rrn, new_stan, new_txn_id, set_floors
from gateway.bills.payment import Payment
from gateway.bills.payment_states import State
from gateway.bills.steps import Steps
from gateway.client import GatewayClient
from gateway.contract import (
    CheckRequest,
    FeeRule,
    Money,
    Requisite,
)
from gateway.eport.codec import XML
from gateway.migrations import ROOMS
from gateway.money import Amount
from gateway.outside import Outside
from gateway.service import Gateway
from gateway.settings import (
    CardHostSection,
    CatalogueSection,
    EportSection,
    GatewaySection,
    NodeSection,
    TimersSection,
)
from spool import Spool, Transaction
from tests.gateway.scripted import Customer, Moved, ScriptedEport, ScriptedFunds, Sections

ALMATY = ZoneInfo("Asia/Almaty")
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


@pytest.fixture(scope="session")
def contexts(throwaway_ca, system_time) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(e-port's server, the bank's client): both show a certificate of the same CA."""
    server = Identity.load(*throwaway_ca.issue("e-port"), now=system_time)
    bank = Identity.load(*throwaway_ca.issue("10001", server_names=()), now=system_time)
    return server_context(server, throwaway_ca.ca_path), client_context(throwaway_ca.ca_path, bank)


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
        rooms=ROOMS,
        now=clock,
        random=Random(1),
    )
    async with opened:
        await opened.write(lambda tx: set_floors(tx, configured=None, restored=None))
        yield opened


@pytest.fixture
def moved() -> Moved:
    return Moved()


@pytest.fixture
def moves(funds: ScriptedFunds, moved: Moved) -> Moves:
    steps = Steps(funds=funds, codec=XML, point="10001", time_zone=ALMATY, timers=TimersSection())
    return Moves(steps.effects(), [moved])


@pytest.fixture
def an_offer(clock: Callable[[], datetime]) -> Callable[..., Check]:
    """A check as it is after e-port accepted it; any field may be given another value."""

    def make(**other) -> Check:
        now = clock()
        check = Check(
            check_id="26112200000000000001",
            terminal="ATM00017",
            product="beeline-kz",
            provider="beeline",
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
                acquirer="123456",
                merchant="TOLEM0000000001",
                accepted_at=clock(),
                changed_at=clock(),
                check=check,
            )
            moves.begin(tx, payment)
            return payment

        return await store.write(enter_holding)

    return enter


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
            observe=moved,
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


@pytest.fixture
def check_request() -> CheckRequest:
    return CheckRequest(
        product="kokjiek-mobile",
        requisites=[Requisite(code="account", value="+7 (707) 123-45-67")],
        amount=Money(amount_minor=150_000),
    )


@pytest.fixture
def customer_of(check_request: CheckRequest, system_time) -> Callable[[GatewayClient], Customer]:
    return lambda terminal: Customer(terminal, check_request, system_time)


@pytest.fixture
def customer(terminal: GatewayClient, customer_of) -> Customer:
    return customer_of(terminal)
