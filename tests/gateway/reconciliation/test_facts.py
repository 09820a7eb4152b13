"""What the act rests on: the closed days, what was decided since, and what was still open at the end."""

from datetime import timedelta

from gateway.act.month import Month
from gateway.bills.payment_states import Event
from gateway.money import Amount
from gateway.reconciliation.calendar import DAY
from gateway.reconciliation.decision_rules import Decision
from gateway.reconciliation.facts import act_facts
from tests.gateway.reconciliation.conftest import NEXT, TODAY, line, line_of

NOVEMBER = Month.of(TODAY)


async def test_only_closed_days_are_in_it(store, paid, listed, reconciler) -> None:
    payment = await paid()
    await listed(TODAY, [line_of(payment)])
    await reconciler.reconcile(TODAY)
    facts = await store.read(lambda tx: act_facts(tx, "10001", NOVEMBER))
    assert (facts.days, facts.registries) == ((), ())
    await reconciler.close(TODAY, by="aigerim")
    facts = await store.read(lambda tx: act_facts(tx, "10001", NOVEMBER))
    (row,) = facts.days
    assert (row.provider, row.count, row.sum_minor, row.fee_minor) == ("beeline", 1, 150_000, 4_500)
    assert [one.registry_id for one in facts.registries] == ["10001-DAY-20780"]
    assert TODAY not in facts.open_days()


async def test_what_is_decided_before_the_close_is_part_of_the_day_and_later_an_adjustment(
    clock, store, paid, listed, reconciler
) -> None:
    early, late = await paid(), await paid()
    await listed(
        TODAY,
        [line_of(early, sum=Amount(140_000)), line_of(late, sum=Amount(130_000)), line(77, rrn="0" * 12)],
    )
    await reconciler.reconcile(TODAY)
    await reconciler.decide(2, Decision.EPORT, person="aigerim", reason="misread by us")
    await reconciler.close(TODAY, by="aigerim")
    clock.advance(days=1)
    await reconciler.decide(3, Decision.OURS, person="askar", reason="e-port corrects it")
    await listed(NEXT)
    await reconciler.close(NEXT, by="aigerim")
    facts = await store.read(lambda tx: act_facts(tx, "10001", NOVEMBER))
    assert [(row.day, row.sum_minor) for row in facts.days] == [(TODAY, 140_000)]
    (adjusted,) = facts.adjustments
    assert (adjusted.day, adjusted.about_day, adjusted.sum_minor) == (NEXT, TODAY, 150_000)
    assert (adjusted.txn_id, adjusted.decided_by, adjusted.count) == (late.txn_id, "askar", 1)
    assert [(item.kind, item.txn_id) for item in facts.open_items] == [("ONLY_EPORT", line(77).txn_id)]


async def test_what_is_decided_after_the_last_day_was_closed_changes_no_fact_of_the_month(
    clock, store, paid, listed, reconciler
) -> None:
    await paid(Event.HOLD_APPROVED, Event.PAYMENT_ACCEPTED)
    for day in (TODAY + n * DAY for n in range(9)):
        await listed(day)
        await reconciler.close(day, by="aigerim")
    clock.advance(seconds=timedelta(days=9).total_seconds())
    before = await store.read(lambda tx: act_facts(tx, "10001", NOVEMBER))
    assert [item.kind for item in before.open_items] == ["ONLY_BANK"]
    await reconciler.decide(1, Decision.OURS, person="aigerim", reason="by letter")
    december = TODAY + 9 * DAY
    await listed(december)
    await reconciler.close(december, by="aigerim")
    assert await store.read(lambda tx: act_facts(tx, "10001", NOVEMBER)) == before
    after = await store.read(lambda tx: act_facts(tx, "10001", NOVEMBER.next()))
    assert [one.about_day for one in after.adjustments] == [TODAY]
    assert after.open_items == ()
