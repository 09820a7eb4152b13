"""The gateway between the sandbox's real e-port and card host, and three independent books at the end."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random, SystemRandom

import pytest

from gateway.client import Refusal, Unreachable
from gateway.contract import NeverReceived, Offer
from gateway.sandbox.books import GatewayRow, compare
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Position, Rule, Seeded
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import SandboxSettings
from gateway.service import Gateway
from gateway.settings import (
    CardHostSection,
    CatalogueSection,
    EportSection,
    GatewaySection,
    NodeSection,
    TimersSection,
)
from spool import control_call
from tests.gateway.scripted import Sections

SOON = TimersSection(
    eport_connect_seconds=1,
    check_seconds=0.4,
    payment_seconds=0.4,
    payment_resend_seconds=0.05,
    payment_resend_then_seconds=0.2,
    status_first_seconds=0.1,
    status_seconds=0.1,
    card_connect_seconds=1,
    hold_seconds=0.4,
    echo_seconds=0.2,
    advice_seconds=0.4,
    advice_resend_seconds=0.05,
    advice_resend_then_seconds=0.1,
    breaker_probe_seconds=0.05,
    breaker_longest_probe_seconds=0.2,
    shutdown_seconds=0.2,
)


@pytest.fixture
async def sandbox(tmp_path):
    plan = FaultPlan(delay_seconds=0.6, silence_seconds=2.0)
    async with Sandbox.open(tmp_path / "sandbox", SandboxSettings(faults=plan)) as running:
        yield running


@pytest.fixture
def open_gateway(sandbox, sections, tmp_path, system_time, moved) -> Callable[[], object]:
    host, port = sandbox.card_host
    settings = Sections(
        gateway=GatewaySection(),
        eport=EportSection(
            url=sandbox.eport_url,
            point="10001",
            client_cert=sandbox.bank.certificate,
            client_key=sandbox.bank.key,
            ca=sandbox.ca,
        ),
        card_host=CardHostSection(address=f"{host}:{port}", acquirer="123456", merchant="TOLEM0000000001"),
        catalogue=CatalogueSection(file=sections.catalogue.file),
        timers=SOON,
    )

    @asynccontextmanager
    async def open_one():
        gateway = Gateway.open(
            settings,
            node=NodeSection(id="gateway-1", data_dir=tmp_path / "data"),
            now=system_time,
            random=SystemRandom(),
            observe=moved,
        )
        async with gateway as running:
            yield running

    return open_one


async def ready(customer) -> None:
    async with asyncio.timeout(20):
        while not (await customer.terminal.readiness()).ready:  # noqa: ASYNC110 - asked over HTTP
            await asyncio.sleep(0.02)


async def offer_at_last(customer) -> Offer:
    """As a patient customer: check until somebody answers."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await customer.offer()
            except (Refusal, Unreachable, AssertionError):
                await asyncio.sleep(0.05)


async def pay_somehow(customer) -> str:
    """One payment as a terminal makes it: PUT once, then ask until the fate is known."""
    offer = await offer_at_last(customer)
    payment_id = customer.new_id()
    try:
        await customer.terminal.put(payment_id, customer.request(offer), wait_seconds=1)
    except (Refusal, Unreachable):
        async with asyncio.timeout(30):
            while True:
                try:
                    fate = await customer.terminal.resolve(payment_id)
                    break
                except (Refusal, Unreachable):
                    await asyncio.sleep(0.05)
        if isinstance(fate, NeverReceived):
            return await pay_somehow(customer)
    return payment_id


async def book_of(gateway) -> list[GatewayRow]:
    return [GatewayRow(**row) async for row in control_call(gateway.places.control, "books")]


async def left_to_send(gateway) -> int:
    """Counted in one snapshot."""
    (health,) = [item async for item in control_call(gateway.places.control, "health")]
    return sum(one["ready"] + one["claimed"] + one["to_person"] for one in health["destinations"])


async def at_rest(gateway) -> None:
    """Every payment has ended and nothing is left to send."""
    async with asyncio.timeout(60):
        while await left_to_send(gateway):  # noqa: ASYNC110 - asked over the control socket
            await asyncio.sleep(0.05)


def assert_books_agree(book, sandbox, payments: int) -> None:
    comparison = compare(book, sandbox.eport_rows(), sandbox.card_rows())
    assert comparison.agree, [line.findings for line in comparison.lines if line.findings]
    assert comparison.open == 0
    assert len(book) >= payments
    assert {row.state for row in book} <= {"PAID", "RELEASED", "REFUSED"}


async def test_one_payment_is_in_all_three_books(sandbox, open_gateway, terminal_of, customer_of) -> None:
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        await ready(customer)
        view = await customer.pay()
        assert view.state == "PAID"
        await at_rest(gateway)
        book = await book_of(gateway)
    assert_books_agree(book, sandbox, 1)
    (card,) = sandbox.card_rows()
    assert (card.captured, card.held) == (152_250, 0)


@pytest.mark.parametrize("position", Position)
@pytest.mark.parametrize("name", FaultName)
@pytest.mark.parametrize("operation", ["bank_payment", "hold"])
async def test_whatever_goes_wrong_once_the_books_agree(
    sandbox, open_gateway, terminal_of, customer_of, operation, name, position
) -> None:
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        await ready(customer)
        sandbox.faults.rules.append(Rule(Fault(name, position), operation=operation))
        await customer.pay(wait_seconds=1)
        await at_rest(gateway)
        book = await book_of(gateway)
    assert_books_agree(book, sandbox, 1)


@pytest.mark.parametrize("seed", [7, 11])
async def test_many_payments_under_faults_leave_books_that_agree(
    sandbox, open_gateway, terminal_of, customer_of, seed
) -> None:
    async with open_gateway() as gateway:
        customers = [customer_of(terminal_of(gateway, f"ATM0000{n}")) for n in range(4)]
        await ready(customers[0])
        sandbox.faults.seeded = Seeded(seed, 0.3, frozenset(FaultName))
        for _ in range(5):
            await asyncio.gather(*(pay_somehow(customer) for customer in customers))
        await at_rest(gateway)
        book = await book_of(gateway)
    assert_books_agree(book, sandbox, 20)


async def test_restarts_in_the_middle_of_payments_leave_books_that_agree(
    sandbox, open_gateway, terminal_of, customer_of
) -> None:
    chance, payments = Random(5), 0
    for life in range(6):
        async with AsyncExitStack() as stack:
            gateway = await stack.enter_async_context(open_gateway())
            customers = [customer_of(terminal_of(gateway, f"ATM{life}000{n}")) for n in range(3)]
            await ready(customers[0])
            sandbox.faults.seeded = Seeded(life, 0.2, frozenset(FaultName) - {FaultName.REFUSE})
            paying = [asyncio.create_task(pay_somehow(customer)) for customer in customers]
            await asyncio.wait(paying, timeout=chance.random() * 0.3)
            for task in paying:
                task.cancel()
            await asyncio.gather(*paying, return_exceptions=True)
    sandbox.faults.clear()
    async with open_gateway() as gateway:
        await at_rest(gateway)
        book = await book_of(gateway)
        payments = len(book)
    assert payments
    assert_books_agree(book, sandbox, payments)
