"""A day costs what it holds, however many payments the store has, and memory holds one page of it."""

import gc
from pathlib import Path

import pytest

from gateway.reconciliation import comparison, settlement
from gateway.reconciliation.calendar import DAY, midnight
from gateway.reconciliation.comparison import PAGE, page
from gateway.times import to_ms
from tests.gateway.reconciliation.conftest import ALMATY, NEXT, TODAY, line

MANY = """
WITH RECURSIVE numbers (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :first + :number)
"""
CHECKS = """
INSERT INTO account_check (check_id, terminal, state, product, provider, catalogue_version, requisites, fields,
    minimum_minor, maximum_minor, fee_rule, offered_ms, valid_until_ms)
SELECT 'c' || n, 'ATM00017', 'USED', 'beeline-kz', 'beeline', 'v', '[["account", "7011234567"]]', '[]', 1, 2, '{}', 1, 2
FROM numbers
"""
PAYMENTS = """
INSERT INTO payment (payment_id, terminal, check_id, request_digest, state, moves, amount_minor, fee_minor,
    total_minor, txn_id, rrn, stan, acquirer, merchant, accepted_ms, changed_ms, business_day)
SELECT 'p' || n, 'ATM00017', 'c' || n, x'00', 'PAID', 1, 150000, 4500, 154500, :prefix || printf('%014d', n),
    printf('%012d', n), '000001', '123456', 'M', :at, :at, :day FROM numbers
"""
LINES = """
INSERT INTO daily_line (daily_id, txn_id, number, eport_id, terminal, product, account, sum_minor, fee_minor,
    finished_at, rrn)
SELECT :daily_id, :prefix || printf('%014d', n), n, '', 'ATM00017', 'beeline-kz', '7011234567', 150000, 4500, '',
    printf('%012d', n) FROM numbers
"""
REGISTRY = """
INSERT INTO daily_registry (day, registry_id, sha256, length, count, sum_minor, fee_minor, begun_ms, taken_ms)
VALUES (:day, :day, :sha256, 1, 1, 1, 1, 1, 1) RETURNING daily_id
"""


def many(tx, day, first: int, number: int, *, lines: bool = False) -> int:
    """Paid payments of a day with numbers from `first`; with `lines`, its registry too, whose daily_id it is."""
    bindings = {"first": first, "number": number}
    tx.execute(f"{CHECKS[: CHECKS.index('SELECT')]} {MANY} {CHECKS[CHECKS.index('SELECT') :]}", bindings)
    of_day = {**bindings, "prefix": f"{day:%y%m%d}"}
    at = {"at": to_ms(midnight(day, ALMATY)), "day": day.isoformat()}
    tx.execute(
        f"{PAYMENTS[: PAYMENTS.index('SELECT')]} {MANY} {PAYMENTS[PAYMENTS.index('SELECT') :]}",
        {**of_day, **at},
    )
    if not lines:
        return 0
    (daily_id,) = tx.one(REGISTRY, {"day": day.isoformat(), "sha256": "0" * 64})
    split = LINES.index("SELECT")
    tx.execute(f"{LINES[:split]} {MANY} {LINES[split:]}", {**of_day, "daily_id": daily_id})
    return daily_id


PLANS = {
    "keys": (comparison._KEYS, {"day": "", "after": "", "daily_id": 1, "limit": 1}),
    "lines": (comparison._LINES, {"day": "", "after": "", "daily_id": 1, "last": ""}),
    "ours": (comparison._OURS, {"day": "", "after": "", "daily_id": 1, "limit": 1}),
    "to settle": (settlement._LISTED, {"daily_id": 1}),
    "open ones": (settlement._OPEN, {"after": "", "last_yymmdd": "", "limit": 1}),
}


@pytest.mark.parametrize(("sql", "bindings"), PLANS.values(), ids=PLANS)
async def test_every_table_is_searched_by_an_index(store, sql, bindings) -> None:
    plan = await store.read(lambda tx: [row[3] for row in tx.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)])
    allowed = {"SCAN page", "SCAN p USING INDEX payment_undecided"}  # one page; the open payments alone
    assert [step for step in plan if step.startswith("SCAN") and step not in allowed] == []
    assert [step for step in plan if "TEMP B-TREE" in step] == []


async def test_a_page_reads_its_own_day_only(store) -> None:
    def fill(tx) -> int:
        many(tx, TODAY, 1, 25_000)
        many(tx, NEXT + DAY, 30_001, 24_900)
        return many(tx, NEXT, 60_001, 100, lines=True)

    daily_id = await store.write(fill, durable=False)
    found = await store.read(lambda tx: page(tx, NEXT, daily_id, str, after=""))
    assert (len(found.findings), found.last) == (100, None)
    assert {one.kind.value for one in found.findings} == {"MATCHED"}


async def test_pages_follow_each_other_without_gap_or_overlap(store) -> None:
    daily_id = await store.write(lambda tx: many(tx, TODAY, 1, PAGE + 10, lines=True), durable=False)
    first = await store.read(lambda tx: page(tx, TODAY, daily_id, str, after=""))
    second = await store.read(lambda tx: page(tx, TODAY, daily_id, str, after=first.last))
    names = [one.txn_id for one in (*first.findings, *second.findings)]
    assert names == [line(n).txn_id for n in range(1, PAGE + 11)]
    assert second.last is None


def resident(peak: str) -> int:
    """Bytes of this process, VmRSS or VmHWM of proc(5)."""
    (found,) = [row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(peak)]
    return int(found.split()[1]) * 1024


def begin_counting() -> int:
    """Forget the peak so far; what is resident now."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return resident("VmRSS")


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_day_among_a_million_payments_is_compared_in_little_memory(store, reconciler) -> None:
    def fill(tx) -> int:
        for n in range(8):
            many(tx, TODAY - (n + 1) * DAY, n * 100_000, 100_000)
        return many(tx, TODAY, 800_000, 200_000, lines=True)

    await store.write(fill, durable=False)
    idle = begin_counting()
    result = await reconciler.reconcile(TODAY)
    assert result.totals["beeline", "MATCHED"].our_count == 200_000
    assert resident("VmHWM") - idle < 50 * 1024 * 1024
