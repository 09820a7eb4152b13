"""Days with outages, late finals and every class reconcile to the last tenge, and twice to the same bytes."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from datetime import date
from random import Random

import pytest

from gateway.act.month import Month
from gateway.bills.moves import Moves
from gateway.bills.steps import Steps
from gateway.eport.codec import XML
from gateway.migrations import ROOMS
from gateway.reconciliation import book, cases
from gateway.reconciliation.calendar import DAY
from gateway.reconciliation.decision_rules import Decision
from gateway.reconciliation.facts import act_facts
from gateway.reconciliation.intake import Intake, Taken
from gateway.reconciliation.matching import AGREED
from gateway.reconciliation.reconciler import Reconciler
from gateway.settings import TimersSection
from spool import Spool, SpoolSettings
from tests.gateway.reconciliation.conftest import ALMATY, Closed
from tests.gateway.reconciliation.simulated import PROVIDERS, Period

FIRST = date(2026, 11, 1)


@pytest.fixture
def run(tmp_path, clock, funds):
    """`await run(period, name)`: the whole stretch through a new store; the store's answers as bytes, and the sums."""

    async def through(period: Period, name: str) -> tuple[bytes, dict[date, Counter], int]:
        clock.time = clock.time.replace(year=2027)
        store = await Spool.open(
            tmp_path / name,
            rooms=ROOMS,
            now=clock,
            random=Random(1),
            settings=SpoolSettings(reserve_bytes=4096),
        )
        async with store:
            for some in period.slices():
                await store.write(lambda tx, some=some: period.insert(tx, some), durable=False)
            return await _reconciled(store, period, funds, clock)

    return through


async def _reconciled(store, period, funds, clock) -> tuple[bytes, dict[date, Counter], int]:
    steps = Steps(funds=funds, codec=XML, point="10001", time_zone=ALMATY, timers=TimersSection())
    reconciler = Reconciler(
        store,
        Moves(steps.effects(), time_zone=ALMATY),
        zone=ALMATY,
        provider_of=lambda product: PROVIDERS.get(product, ""),
        releases_missing=False,
    )
    intake, found = Intake(store, point="10001", zone=ALMATY), {}
    days = list(period.days)
    for day in days:
        outcome = await intake.take(day, Closed({day: period.registry_of(day)}, piece=65_536))
        assert isinstance(outcome, Taken), outcome
        await reconciler.reconcile(day)
        if day != period.first:
            found[day - DAY] = await _closed(store, reconciler, day - DAY)
    found[days[-1]] = await _closed(store, reconciler, days[-1])
    counted = await _decided(store, reconciler, clock)
    facts = await store.read(lambda tx: act_facts(tx, "10001", Month.of(period.first)))
    totals = await store.read(
        lambda tx: [[str(key), asdict(sums)] for day in days for key, sums in book.totals_of(tx, day).items()]
    )
    told = json.dumps([asdict(facts), totals], default=str, sort_keys=True).encode()
    return told, found, counted


async def _closed(store, reconciler, day: date) -> Counter:
    await reconciler.close(day, by="aigerim")
    classes: Counter = Counter()
    for (_, kind), sums in (await store.read(lambda tx: book.totals_of(tx, day))).items():
        classes[kind.value, "ours"] += sums.our_count
        classes[kind.value, "eport"] += sums.eport_count
    return classes


async def _decided(store, reconciler, clock) -> int:
    """Every open case, by turns for either side; what the decisions have counted, in tiyn."""
    clock.advance(hours=1)
    counted = 0
    for case in await store.read(lambda tx: cases.worklist(tx, limit=10_000)):
        decision = (Decision.OURS, Decision.EPORT)[case.case_id % 2]
        sums = cases.counts(case, decision)
        counted += 0 if sums is None else sum(sums)
        await reconciler.decide(case.case_id, decision, person="aigerim", reason="looked at")
    return counted


def assert_to_the_last_tenge(period, found, told) -> None:
    assert {day: +classes for day, classes in found.items()} == {
        day: +made.classes for day, made in period.days.items()
    }
    facts, totals = json.loads(told)
    agreed = sum(
        sums["eport_sum"] + sums["eport_fee"]
        for key, sums in totals
        if any(f"<Class.{kind.value}:" in key for kind in AGREED)
    )
    assert agreed == sum(made.agreed for made in period.days.values())
    month = Month.of(period.first)
    of_month = sum(made.agreed for day, made in period.days.items() if day in month)
    assert sum(row["sum_minor"] + row["fee_minor"] for row in facts["days"]) == of_month


async def test_a_week_reconciles_to_the_last_tenge(run) -> None:
    period = Period(FIRST, length=7, payments=400)
    told, found, counted = await run(period, "one.db")
    assert_to_the_last_tenge(period, found, told)
    assert {kind for classes in found.values() for (kind, _), n in classes.items() if n} == {
        *("MATCHED", "AMOUNT_DIFF", "STATUS_DIFF", "ONLY_BANK", "ONLY_EPORT", "DUPLICATE", "DAY_SHIFT"),
    }
    assert counted > 0


async def test_run_twice_it_is_the_same_bytes(run) -> None:
    told = [(await run(Period(FIRST, length=2, payments=60), name))[0] for name in ("one.db", "two.db")]
    assert hashlib.sha256(told[0]).digest() == hashlib.sha256(told[1]).digest()


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_a_month_of_200_000_payments_reconciles_to_the_last_tenge(run) -> None:
    period = Period(FIRST, length=30, payments=200_000)
    first, found, _ = await run(period, "one.db")
    assert_to_the_last_tenge(period, found, first)
    again, *_ = await run(Period(FIRST, length=30, payments=200_000), "two.db")
    assert again == first
