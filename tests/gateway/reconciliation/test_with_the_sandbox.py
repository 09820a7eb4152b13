"""One day with every class, by slips of the sandbox's real e-port; then its ledger and our totals are compared."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import SystemRandom

import aiohttp
import pytest

from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Position, Rule
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import SandboxSettings
from gateway.service import Gateway
from gateway.settings import NodeSection, TimersSection
from spool import ControlError, control_call
from tests.gateway.reconciliation.conftest import ALMATY

SOON = TimersSection(
    eport_connect_seconds=5,
    check_seconds=5,
    payment_seconds=5,
    payment_resend_seconds=600,
    status_first_seconds=600,
    card_connect_seconds=5,
    hold_seconds=5,
    advice_seconds=5,
    daily_look_seconds=600,
    shutdown_seconds=1.0,
)


@pytest.fixture
def near_noon():
    """A clock that goes, some hours ahead: midnight is far away, whenever the test runs."""
    now = datetime.now(UTC)
    ahead = (timedelta(hours=12) - timedelta(hours=now.astimezone(ALMATY).hour)) % timedelta(hours=24)
    return lambda: datetime.now(UTC) + ahead


@pytest.fixture
async def sandbox(tmp_path, near_noon):
    settings = SandboxSettings(faults=FaultPlan(delay_seconds=0.1, silence_seconds=1.0))
    async with Sandbox.open(tmp_path / "sandbox", settings, now=near_noon) as running:
        yield running


@pytest.fixture
def open_gateway(sandbox, sections, tmp_path, near_noon):
    host, port = sandbox.card_host
    line = {"client_cert": sandbox.bank.certificate, "client_key": sandbox.bank.key, "ca": sandbox.ca}
    settings = replace(
        sections,
        eport=sections.eport.model_copy(update={"url": sandbox.eport_url, **line}),
        card_host=sections.card_host.model_copy(update={"address": f"{host}:{port}"}),
        timers=SOON,
    )

    @asynccontextmanager
    async def open_one():
        node = NodeSection(id="gateway-1", data_dir=tmp_path / "data")
        async with Gateway.open(settings, node=node, now=near_noon, random=SystemRandom()) as running:
            yield running

    return open_one


async def asked(gateway, command: str, **arguments) -> list[dict]:
    return [item async for item in control_call(gateway.places.control, command, arguments)]


async def told(sandbox, path: str, **body) -> dict:
    async with aiohttp.ClientSession(sandbox.admin_url) as session, session.put(path, json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def ready(customer) -> None:
    async with asyncio.timeout(20):
        while not (await customer.terminal.readiness()).ready:  # noqa: ASYNC110 - asked over HTTP
            await asyncio.sleep(0.02)


async def slipped_day(sandbox, customer, today) -> dict[str, str]:
    """A payment for each slip, one that is well and one whose answer was lost; txn_ids by name."""
    names = ("good", "omitted", "other_sum", "other_account", "twice", "day_before")
    txn = {name: (await customer.pay()).txn_id for name in names}
    for name, fault, position in (
        ("nevertheless", FaultName.REFUSE, Position.BEFORE),
        ("uncertain", FaultName.CUT, Position.AFTER),
    ):
        sandbox.faults.rules.append(Rule(Fault(fault, position), wire="eport", operation="bank_payment"))
        txn[name] = (await customer.pay()).txn_id
    txn["invented"] = f"{today:%y%m%d}99999999999999"
    for name, txn_id in txn.items():
        if name not in {"good", "uncertain"}:
            await told(sandbox, f"/slips/{txn_id}", slip=name)
    return txn


async def test_a_day_with_every_class_is_found_decided_and_closed_and_both_books_agree(
    sandbox, open_gateway, terminal_of, customer_of, near_noon
) -> None:
    today = near_noon().astimezone(ALMATY).date()
    yesterday = today - timedelta(days=1)
    async with open_gateway() as gateway:
        customer = customer_of(terminal_of(gateway))
        await ready(customer)
        txn = await slipped_day(sandbox, customer, today)
        with pytest.raises(ControlError, match="not taken yet"):
            await asked(gateway, "reconcile.day", day=today.isoformat())
        assert (await asked(gateway, "registry.fetch", day=today.isoformat()))[0]["outcome"] == "not_closed"
        for day in (yesterday, today):
            await told(sandbox, f"/days/10001/{day}")
            (fetched,) = await asked(gateway, "registry.fetch", day=day.isoformat())
            assert fetched["outcome"] == "taken", fetched

        assert await states(gateway, txn["uncertain"]) == "PAID"
        _, *rest = await asked(gateway, "reconcile.day", day=today.isoformat())
        found = {(case["class"], case["txn_id"]) for case in rest if "case" in case}
        twin = f"{txn['twice'][:6]}9{txn['twice'][7:]}"
        assert found == {
            ("ONLY_BANK", txn["omitted"]),
            ("AMOUNT_DIFF", txn["other_sum"]),
            ("STATUS_DIFF", txn["other_account"]),
            ("STATUS_DIFF", txn["nevertheless"]),
            ("DUPLICATE", twin),
            ("ONLY_EPORT", txn["invented"]),
        }
        shifted = [row for row in rest if row.get("class") == "DAY_SHIFT"]
        assert [(row["our_count"], row["eport_count"]) for row in shifted] == [(1, 0)]

        for case in await asked(gateway, "reconcile.worklist"):
            decision = "ours" if case["class"] in {"ONLY_EPORT", "DUPLICATE"} else case["may"][-1]
            await asked(
                gateway,
                "reconcile.decide",
                case=case["case"],
                decision=decision,
                by="aigerim",
                reason="looked at",
            )
        assert await asked(gateway, "reconcile.worklist") == []
        for day in (yesterday, today):
            closed, *rest = await asked(
                gateway, "reconcile.day", day=day.isoformat(), close=True, by="aigerim"
            )
            assert (closed["state"], closed["closed_by"], closed["open_cases"]) == ("closed", "aigerim", 0)
        assert_both_books(sandbox, await asked(gateway, "books"), rest)
        (story,) = await asked(gateway, "payments.show", id=txn["other_sum"])
        assert (story["business_day"], story["listed"][0]["line"]) == (today.isoformat(), 3)
        assert story["cases"][0]["decisions"][0]["person"] == "aigerim"


async def states(gateway, txn_id: str) -> str:
    return (await asked(gateway, "payments.show", id=txn_id))[0]["state"]


def assert_both_books(sandbox, book, totals) -> None:
    """Our side of the day's totals is our book of PAID payments; what both sides agree on is in e-port's ledger."""
    paid = {row["txn_id"]: row for row in book if row["state"] == "PAID"}
    accepted = {row.txn_id: row for row in sandbox.eport_rows() if row.status == "ACCEPTED"}
    assert sum(row["our_count"] for row in totals if "our_count" in row) == len(paid)
    assert paid.keys() == accepted.keys()
    assert {txn_id: row["total"] for txn_id, row in paid.items()} == {
        txn_id: row.total for txn_id, row in accepted.items()
    }


@pytest.mark.parametrize("name", [FaultName.FIVE_XX, FaultName.CUT, FaultName.GARBAGE, FaultName.REFUSE])
@pytest.mark.parametrize("position", list(Position))
async def test_a_fault_while_a_day_is_fetched_keeps_nothing_and_the_next_attempt_takes_it(
    sandbox, open_gateway, near_noon, name, position
) -> None:
    today = near_noon().astimezone(ALMATY).date().isoformat()
    await told(sandbox, f"/days/10001/{today}")
    sandbox.faults.rules.append(Rule(Fault(name, position), wire="eport", operation="daily"))
    async with open_gateway() as gateway:
        (first,) = await asked(gateway, "registry.fetch", day=today)
        assert first["outcome"] in {"unanswered", "refused"}, first
        (again,) = await asked(gateway, "registry.fetch", day=today)
        assert again["outcome"] == "taken"
        (known,) = await asked(gateway, "registry.fetch", day=today)
        assert known["outcome"] == "known"
