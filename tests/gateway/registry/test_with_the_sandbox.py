"""Our registries, read by somebody else's reading of the text: e-port's and the central system's, over their wires."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from random import SystemRandom
from zoneinfo import ZoneInfo

import pytest

from gateway.registry.body import body
from gateway.registry.book import load
from gateway.registry.exchange import Unanswered
from gateway.registry.parts import alarm, series_of
from gateway.registry.rounds import Rounds
from gateway.registry.upload import MalformedAcknowledgementError, RegistryUpload, acknowledgement
from gateway.sandbox.books import GatewayRow
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Position, Rule, Seeded
from gateway.sandbox.registry_comparison import compare_registry
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import SandboxSettings
from gateway.service import Gateway
from gateway.settings import CentralSection, NodeSection, TimersSection
from spool import control_call
from tests.gateway.registry.conftest import SERIES

SOON = TimersSection(
    eport_connect_seconds=1,
    check_seconds=0.4,
    payment_seconds=0.4,
    payment_resend_seconds=0.05,
    payment_resend_then_seconds=0.1,
    status_first_seconds=0.1,
    status_seconds=0.1,
    card_connect_seconds=1,
    hold_seconds=0.4,
    echo_seconds=0.2,
    advice_seconds=0.4,
    advice_resend_seconds=0.05,
    advice_resend_then_seconds=0.1,
    registry_seconds=0.5,
    registry_resend_seconds=0.05,
    registry_resend_then_seconds=0.1,
    breaker_probe_seconds=0.05,
    breaker_longest_probe_seconds=0.2,
    shutdown_seconds=0.2,
)


@pytest.fixture
async def sandbox(tmp_path):
    plan = FaultPlan(delay_seconds=0.1, silence_seconds=1.0)
    async with Sandbox.open(tmp_path / "sandbox", SandboxSettings(faults=plan)) as running:
        yield running


@pytest.fixture
def open_gateway(sandbox, sections, tmp_path, system_time):
    """A gateway between the sandbox's e-port, card host and central system."""
    host, port = sandbox.card_host
    line = {"client_cert": sandbox.bank.certificate, "client_key": sandbox.bank.key, "ca": sandbox.ca}
    settings = replace(
        sections,
        eport=sections.eport.model_copy(update={"url": sandbox.eport_url, **line}),
        central=CentralSection(url=sandbox.central_url, **line),
        card_host=sections.card_host.model_copy(update={"address": f"{host}:{port}"}),
        timers=SOON,
    )

    @asynccontextmanager
    async def open_one():
        node = NodeSection(id="gateway-1", data_dir=tmp_path / "data")
        async with Gateway.open(settings, node=node, now=system_time, random=SystemRandom()) as running:
            yield running

    return open_one


async def asked(gateway, command: str, **arguments) -> list[dict]:
    return [item async for item in control_call(gateway.places.control, command, arguments)]


async def at_rest(gateway) -> None:
    async with asyncio.timeout(60):
        while True:
            (health,) = await asked(gateway, "health")
            if not sum(one["ready"] + one["claimed"] for one in health["destinations"]):
                return
            await asyncio.sleep(0.05)


async def ready(customer) -> None:
    async with asyncio.timeout(20):
        while not (await customer.terminal.readiness()).ready:  # noqa: ASYNC110 - asked over HTTP
            await asyncio.sleep(0.02)


def assert_receivers_agree(sandbox, book: list[GatewayRow], payments: int) -> None:
    eport = sandbox.eport_rows()
    for receiver, told in (("e-port", sandbox.eport_registry_rows()), ("central", sandbox.central_rows())):
        comparison = compare_registry(receiver, told, gateway=book, eport=eport)
        assert comparison.findings == []
        assert comparison.operations == payments


async def test_every_operation_reaches_both_receivers_once(
    sandbox, open_gateway, terminal_of, customer_of
) -> None:
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        await ready(customer)
        for _ in range(3):
            await customer.pay()
        await at_rest(gateway)
        built = await asked(gateway, "registry.build", ahead=True)
        assert {item["kind"] for item in built} == {"TECH", "BANK"}
        await at_rest(gateway)
        listed = await asked(gateway, "registry.list")
        assert {item["state"] for item in listed} == {"acknowledged"}
        assert listed[0]["count"] == 3
        book = [GatewayRow(**row) for row in await asked(gateway, "books")]
    assert_receivers_agree(sandbox, book, 3)


async def test_whatever_the_receivers_do_each_operation_is_imported_once(
    sandbox, open_gateway, terminal_of, customer_of
) -> None:
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        await ready(customer)
        for _ in range(4):
            await customer.pay()
        await at_rest(gateway)
        sandbox.faults.seeded = Seeded(3, 0.7, frozenset(FaultName) - {FaultName.REFUSE})
        await asked(gateway, "registry.build", ahead=True)
        await at_rest(gateway)
        sandbox.faults.seeded = None
        book = [GatewayRow(**row) for row in await asked(gateway, "books")]
    assert_receivers_agree(sandbox, book, 4)


async def test_an_answer_that_was_lost_is_got_by_the_same_bytes(
    sandbox, open_gateway, terminal_of, customer_of
) -> None:
    async with open_gateway() as gateway:
        await ready(customer_of(terminal_of(gateway)))
        sandbox.faults.rules.append(Rule(Fault(FaultName.CUT, Position.AFTER), operation="registry"))
        await asked(gateway, "registry.build", ahead=True)
        await at_rest(gateway)
        listed = await asked(gateway, "registry.list")
        assert {item["state"] for item in listed} == {"acknowledged"}


async def test_a_person_sees_a_registry_as_it_was_sent_and_sends_it_again(
    sandbox, open_gateway, terminal_of, customer_of
) -> None:
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        await ready(customer)
        await customer.pay()
        await at_rest(gateway)
        built = await asked(gateway, "registry.build", ahead=True)
        (tech,) = [item for item in built if item["kind"] == "TECH"]
        fact, *lines = await asked(gateway, "registry.show", id=tech["registry_id"])
        assert fact["registry_id"] == tech["registry_id"]
        assert [item["line"][:2] for item in lines] == ["H;", "D;", "T;"]
        await at_rest(gateway)
        (sent,) = await asked(gateway, "registry.send", id=tech["registry_id"])
        assert sent["sendings"] == 2
        await at_rest(gateway)
        assert await asked(gateway, "registry.send") == []


async def test_who_trusts_another_ca_gets_no_answer_and_is_told_why(sandbox, contexts, store) -> None:
    rounds = Rounds(store, SERIES, now=store.now, raise_alarm=alarm)
    await rounds.build()
    (registry_id,) = await rounds.build(ahead=True)
    registry = await store.read(lambda tx: load(tx, registry_id))
    upload = RegistryUpload(sandbox.eport_url, lambda: contexts[1], connect_seconds=1, seconds=1)
    answer = await upload.send(registry, body(store, registry))
    await upload.close()
    assert isinstance(answer, Unanswered)
    assert "TLS" in answer.detail


GOOD = (
    b"<response><registry><registry_id>10001-TECH-1</registry_id><count>2</count><sum>1.00</sum><fee>0.10</fee>"
    b"<total>1.10</total><sha256>ab</sha256></registry></response>"
)


def test_an_acknowledgement_is_read_and_what_is_unknown_in_it_ignored() -> None:
    read = acknowledgement(GOOD.replace(b"<count>", b"<note>x</note><count>"))
    assert read == acknowledgement(GOOD)
    assert (read.registry_id, read.totals.count, read.totals.total, read.sha256) == (
        "10001-TECH-1",
        2,
        110,
        "ab",
    )


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<response/>",
        b"taken",
        GOOD.replace(b"<count>2</count>", b""),
        GOOD.replace(b"<count>2</count>", b"<count>2</count><count>2</count>"),
        GOOD.replace(b"<count>2<", b"<count>two<"),
        GOOD.replace(b"1.10", b"1.1"),
        GOOD.replace(b"response", b"answer"),
        GOOD.replace(b"<response>", b"<response><registry/>"),
    ],
)
def test_what_is_no_acknowledgement_is_none(said) -> None:
    with pytest.raises(MalformedAcknowledgementError):
        acknowledgement(said)


async def test_a_conflict_is_a_persons(sandbox, open_gateway, terminal_of, customer_of, tmp_path) -> None:
    async with open_gateway() as gateway:
        await ready(customer_of(terminal_of(gateway)))
        await asked(gateway, "registry.build", ahead=True)
        await at_rest(gateway)
    for left in (tmp_path / "data").glob("gateway.db*"):
        left.unlink()
    async with open_gateway() as gateway:  # another store, which numbers from 1 again
        customer = customer_of(terminal_of(gateway))
        await ready(customer)
        await customer.pay()  # so what it holds is another
        await asked(gateway, "registry.build", ahead=True)
        await at_rest(gateway)
        listed = await asked(gateway, "registry.list")
        assert {item["state"] for item in listed} == {"at_person"}
        alarms = await asked(gateway, "alarms.list")
        assert {alarm["name"] for alarm in alarms} == {"registry_refused"}
        assert {item["note"] for item in listed} == {"HTTP 409"}


def test_each_receiver_has_a_destination_of_its_own(sections, throwaway_ca) -> None:
    central = CentralSection(
        url="https://localhost:1", client_cert="a", client_key="b", ca="c", registry_floor=7
    )
    eport, bank = series_of(sections.eport, central, ZoneInfo("Asia/Almaty"))
    assert (eport.name, bank.name, bank.floor) == ("10001-TECH-", "10001-BANK-", 7)
    assert {eport.destination, bank.destination} == {"eport_registry", "central"}
    assert len(series_of(sections.eport, None, ZoneInfo("Asia/Almaty"))) == 1
