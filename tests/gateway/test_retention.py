"""What has ended is forgotten when its time is over, a slice at a time, with an audit line; nothing that is open goes."""

import pytest

from gateway import retention as retention_module
from gateway.alarms import raise_alarm
from gateway.api.terminal_events import take_events
from gateway.bills.moves import Evidence
from gateway.bills.payment_states import Event
from gateway.contract import JournalEvent
from gateway.registry.changes import record
from gateway.registry.layout import Kind
from gateway.retention import Retention, kept_by_gateway
from gateway.settings import RetentionSection
from tests.gateway.registry.conftest import operation

SHORT = RetentionSection(payments_days=10, journal_days=5, registries_days=100)


@pytest.fixture
def retention(store) -> Retention:
    return Retention(store, kept_by_gateway(SHORT))


@pytest.fixture
def count(store):
    async def rows(table: str) -> int:
        return (await store.read(lambda tx: tx.one(f"SELECT count(*) FROM {table}")))[0]

    return rows


@pytest.fixture
def ended(store, moves, begin):
    """A payment that was released, and of which nobody will hear any more."""

    async def one(*events: Event):
        payment = await begin()
        for event in events or (Event.HOLD_APPROVED, Event.PAYMENT_REFUSED, Event.RELEASED):
            payment = await store.write(
                lambda tx, p=payment, e=event: moves.apply(tx, p.payment_id, e, Evidence())
            )
        return payment

    return one


async def test_a_payment_goes_with_all_that_hangs_on_it_and_leaves_an_audit_line(
    clock, ended, retention, count
) -> None:
    await ended()
    clock.advance(days=9)
    assert await retention.once() == 0
    clock.advance(days=2)
    young = await ended()
    assert await retention.once() == 1
    for table in ("payment", "account_check", "payment_requisite"):
        assert await count(table) == 1
    assert young.moves == 4
    assert await count("payment_move") == 4
    (line,) = [item async for item in retention.commands()["retention"]({})]
    assert (line["day"], line["kind"], line["rows"]) == ("2026-12-03", "payments", 1)


@pytest.mark.parametrize(
    "events",
    [
        (Event.HOLD_APPROVED, Event.UNANSWERED),
        (Event.HOLD_APPROVED, Event.PAYMENT_REFUSED),  # the card host has not answered the reversal
        (Event.HOLD_APPROVED, Event.PAYMENT_ACCEPTED, Event.CAPTURED),  # no closed day covers it
    ],
)
async def test_what_is_not_finished_on_every_side_stays(clock, ended, retention, count, events) -> None:
    await ended(*events)
    clock.advance(days=99)
    assert await retention.once() == 0
    assert await count("payment") == 1


async def test_a_paid_one_goes_once_its_day_is_closed(clock, store, ended, retention, count) -> None:
    await ended(Event.HOLD_APPROVED, Event.PAYMENT_ACCEPTED, Event.CAPTURED)
    await store.write(
        lambda tx: tx.execute(
            "INSERT INTO reconciled_day (day, registry_id, sha256, compared_ms, runs, closed_ms, closed_by)"
            " VALUES ('2026-11-22', 'r', 's', 1, 1, 1, 'aigerim')"
        )
    )
    clock.advance(days=11)
    await retention.once()
    assert await count("payment") == 0


async def test_what_an_open_alarm_is_about_stays(clock, store, ended, retention, count) -> None:
    payment = await ended()
    await store.write(lambda tx: raise_alarm(tx, "some", subject=payment.payment_id))
    clock.advance(days=99)
    await retention.once()
    assert await count("payment") == 1


async def test_the_last_line_of_a_journal_stays_since_the_next_one_follows_it(
    clock, store, retention, count
) -> None:
    events = [JournalEvent(number=n, at=clock(), name="card.inserted", data={}) for n in (1, 2, 3)]
    await store.write(lambda tx: take_events(tx, "ATM00017", events))
    clock.advance(days=6)
    assert await retention.once() == 2
    assert await count("terminal_event") == 1
    assert await store.read(lambda tx: tx.one("SELECT number FROM terminal_event")) == (3,)


async def test_the_lines_of_a_window_that_was_not_taken_stay(clock, store, retention, count) -> None:
    await store.write(lambda tx: record(tx, "p1", operation(1), Kind.TECH))
    await store.write(
        lambda tx: (
            tx.execute("INSERT INTO registry_series VALUES ('TECH', 1, 0)"),
            tx.execute(
                "INSERT INTO registry (kind, n, registry_id, holder, time_zone, opens_ms, closes_ms, created_ms)"
                " VALUES ('TECH', 1, 'r', '10001', 'UTC', 1, 2, 2)"
            ),
        )
    )
    clock.advance(days=199)
    assert await retention.once() == 0
    await store.write(lambda tx: tx.execute("UPDATE registry SET acknowledged_ms = 3"))
    assert await retention.once() == 2
    assert (await count("registry"), await count("registry_change")) == (0, 0)


async def test_no_transaction_forgets_more_than_a_slice_and_payments_go_between(
    clock, store, retention, count
) -> None:
    many = 2 * retention_module.SLICE + 10
    events = [JournalEvent(number=n, at=clock(), name="card.inserted", data={}) for n in range(1, many + 2)]
    await store.write(lambda tx: take_events(tx, "ATM00017", events))
    clock.advance(days=6)
    rule = next(kept for kept in kept_by_gateway(SHORT) if kept.rule.kind == "journal")
    taken = []
    while found := await store.write(lambda tx: retention_module.forget_slice(tx, rule)):
        taken.append(found)
    assert taken == [100, 100, 10]
    (line,) = [item async for item in retention.commands()["retention"]({})]
    assert line["rows"] == many
    assert await count("terminal_event") == 1


async def test_what_is_ripe_is_found_by_an_index(store) -> None:
    for kept in kept_by_gateway(SHORT):
        bound = {"before_ms": 1, "before_day": "", "before_yymmdd": "", "slice": 1}
        named = {name: value for name, value in bound.items() if f":{name}" in kept.rule.ripe}
        plan = await store.read(
            lambda tx, k=kept, n=named: [row[3] for row in tx.execute(f"EXPLAIN QUERY PLAN {k.rule.ripe}", n)]
        )
        assert not [
            step for step in plan if step.startswith("SCAN") and "registry" not in step and " d" not in step
        ], plan
        assert not [step for step in plan if "TEMP B-TREE" in step], (kept.rule.kind, plan)
