"""A day compared, decided and closed: every difference a case, a closed day frozen, corrections in a later one."""

import apsw
import pytest

from gateway.bills.payment_states import Event
from gateway.money import Amount
from gateway.reconciliation import book, cases
from gateway.reconciliation.book import NotClosableError
from gateway.reconciliation.calendar import DAY
from gateway.reconciliation.decision_rules import Decision
from gateway.reconciliation.matching import Class
from gateway.reconciliation.reconciler import NoRegistryError, NotDecidableError
from tests.gateway.reconciliation.conftest import NEXT, TODAY, line, line_of, noon

BEFORE = TODAY - DAY


@pytest.fixture
def one_of_each(paid, listed):
    """A day with every class; txn_id by class."""

    async def make() -> dict[str, str]:
        both, sum_, status, ours, shifted = [await paid() for _ in range(5)]
        refused = await paid(Event.HOLD_APPROVED, Event.PAYMENT_REFUSED)
        later = await paid(day=NEXT)
        lines = [
            line_of(both),
            line_of(sum_, sum=Amount(160_000)),
            line_of(status, account="7019999999"),
            line_of(refused),
            line_of(later),
            line(901, rrn="000000000901"),
            line(902, rrn=both.rrn),
        ]
        await listed(BEFORE, [line_of(shifted, BEFORE)])
        await listed(TODAY, sorted(lines, key=lambda one: one.rrn))
        return {
            "MATCHED": both.txn_id,
            "AMOUNT_DIFF": sum_.txn_id,
            "STATUS_DIFF": status.txn_id,
            "STATUS_DIFF of ours": refused.txn_id,
            "ONLY_BANK": ours.txn_id,
            "ONLY_EPORT": line(901).txn_id,
            "DUPLICATE": line(902).txn_id,
        }

    return make


async def close_before(reconciler) -> None:
    await reconciler.close(BEFORE, by="test")


def totals(result) -> dict[str, tuple[int, int]]:
    """Our count and e-port's, by class."""
    counts: dict[str, tuple[int, int]] = {}
    for (_, kind), sums in result.totals.items():
        ours, theirs = counts.get(kind.value, (0, 0))
        counts[kind.value] = (ours + sums.our_count, theirs + sums.eport_count)
    return counts


async def test_a_day_without_its_registry_is_not_compared(reconciler) -> None:
    with pytest.raises(NoRegistryError):
        await reconciler.reconcile(TODAY)


async def test_every_class_is_found_once_and_both_books_are_covered(
    store, one_of_each, reconciler, open_cases
) -> None:
    names = await one_of_each()
    result = await reconciler.reconcile(TODAY)
    assert totals(result) == {
        "MATCHED": (1, 1),
        "AMOUNT_DIFF": (1, 1),
        "STATUS_DIFF": (1, 2),
        "ONLY_BANK": (1, 0),
        "ONLY_EPORT": (0, 1),
        "DUPLICATE": (0, 1),
        "DAY_SHIFT": (1, 1),
    }
    expected = {(name.partition(" ")[0], txn_id) for name, txn_id in names.items() if name != "MATCHED"}
    assert set(await open_cases()) == expected
    assert await store.read(lambda tx: book.is_current(tx, TODAY))


async def test_comparing_again_finds_the_same_and_opens_nothing(
    store, one_of_each, reconciler, open_cases
) -> None:
    await one_of_each()
    first = await reconciler.reconcile(TODAY)
    before = await open_cases()
    again = await reconciler.reconcile(TODAY)
    assert (again.totals, again.opened) == (first.totals, 0)
    assert await open_cases() == before


async def test_a_case_that_a_later_registry_explains_is_closed_by_it(
    store, paid, listed, reconciler, open_cases
) -> None:
    payment = await paid()
    await listed(TODAY)
    await reconciler.reconcile(TODAY)
    assert await open_cases() == [("ONLY_BANK", payment.txn_id)]
    await listed(NEXT, [line_of(payment, NEXT)])
    result = await reconciler.reconcile(NEXT)
    assert totals(result) == {"DAY_SHIFT": (0, 1)}
    assert await open_cases() == []
    (decided,) = await store.read(lambda tx: cases.decisions(tx, 1))
    assert (decided.decision, decided.person) == (Decision.EXPLAINED, cases.NOBODY)


async def test_what_was_explained_and_is_found_again_is_open_again(
    paid, listed, reconciler, store, open_cases
) -> None:
    payment = await paid()
    await listed(TODAY)
    await reconciler.reconcile(TODAY)
    await store.write(lambda tx: cases.explain(tx, 1, "by mistake"))
    await reconciler.reconcile(TODAY)
    assert await open_cases() == [("ONLY_BANK", payment.txn_id)]


async def decided(store) -> dict[str, tuple[str, int, int]]:
    rows = await store.read(
        lambda tx: list(
            tx.execute(
                "SELECT class || ' ' || k.txn_id, a.day, a.sum_minor, a.fee_minor FROM adjustment a"
                " JOIN reconciliation_case k ON k.case_id = a.case_id"
            )
        )
    )
    return {name.split()[0]: tuple(rest) for name, *rest in rows}


async def test_a_decision_counts_one_sides_sums_in_the_first_open_day(store, one_of_each, reconciler) -> None:
    await one_of_each()
    await close_before(reconciler)
    await reconciler.close(TODAY, by="test")
    for case in await store.read(lambda tx: cases.worklist(tx, limit=10)):
        choice = Decision.OURS if case.kind is Class.ONLY_BANK else Decision.EPORT
        await reconciler.decide(case.case_id, choice, person="aigerim", reason="by letter")
    assert await decided(store) == {
        "AMOUNT_DIFF": (NEXT.isoformat(), 160_000, 4_500),
        "STATUS_DIFF": (NEXT.isoformat(), 150_000, 4_500),
        "ONLY_BANK": (NEXT.isoformat(), 150_000, 4_500),
        "ONLY_EPORT": (NEXT.isoformat(), 150_000, 4_500),
        "DUPLICATE": (NEXT.isoformat(), 150_000, 4_500),
    }


async def test_ours_that_is_not_paid_counts_nothing(store, paid, listed, reconciler) -> None:
    payment = await paid(Event.HOLD_APPROVED, Event.PAYMENT_REFUSED)
    await listed(TODAY, [line_of(payment)])
    await reconciler.reconcile(TODAY)
    await reconciler.decide(1, Decision.OURS, person="aigerim", reason="e-port takes it back")
    assert await decided(store) == {}


async def test_what_a_decision_has_counted_is_not_counted_by_a_later_registry(
    paid, listed, reconciler, open_cases
) -> None:
    payment = await paid()
    await listed(TODAY)
    await reconciler.reconcile(TODAY)
    await reconciler.decide(1, Decision.OURS, person="aigerim", reason="by letter")
    await listed(NEXT, [line_of(payment, NEXT)])
    assert totals(await reconciler.reconcile(NEXT)) == {"DUPLICATE": (0, 1)}
    assert await open_cases() == [("DUPLICATE", payment.txn_id)]


async def test_a_case_is_decided_once_and_only_by_what_its_class_allows(paid, listed, reconciler) -> None:
    await paid()
    await listed(TODAY)
    await reconciler.reconcile(TODAY)
    with pytest.raises(NotDecidableError, match="OURS, EPORT"):
        await reconciler.decide(1, Decision.RELEASE, person="aigerim", reason="it is paid, though")
    await reconciler.decide(1, Decision.OURS, person="aigerim", reason="by letter")
    with pytest.raises(NotDecidableError, match="no open case 1"):
        await reconciler.decide(1, Decision.EPORT, person="aigerim", reason="second thoughts")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE reconciliation_decision SET reason = 'another'",
        "DELETE FROM reconciliation_decision",
        "UPDATE adjustment SET sum_minor = 1",
        "DELETE FROM adjustment",
        "UPDATE reconciled_day SET closed_by = 'another'",
        "UPDATE reconciled_total SET our_sum = 1",
        "DELETE FROM reconciled_total",
        "INSERT INTO reconciled_total VALUES ('2026-11-22', 'x', 'MATCHED', 1, 1, 1, 1, 1, 1)",
    ],
)
async def test_the_store_itself_keeps_decisions_adjustments_and_closed_days(
    store, paid, listed, reconciler, change
) -> None:
    await paid()
    await listed(TODAY)
    await reconciler.close(TODAY, by="test")
    await reconciler.decide(1, Decision.OURS, person="aigerim", reason="by letter")
    with pytest.raises(apsw.ConstraintError, match="never"):
        await store.write(lambda tx: tx.execute(change))


async def test_days_are_closed_in_their_order_and_once(listed, reconciler) -> None:
    await listed(TODAY)
    await listed(NEXT)
    with pytest.raises(NotClosableError, match=f"the turn of {TODAY}"):
        await reconciler.close(NEXT, by="aigerim")
    await reconciler.close(TODAY, by="aigerim")
    for again in (reconciler.reconcile(TODAY), reconciler.close(TODAY, by="askar")):
        with pytest.raises(NotClosableError, match="closed by aigerim"):
            await again
    await reconciler.close(NEXT, by="aigerim")


async def test_what_ends_after_the_close_of_its_day_belongs_to_the_first_open_one(
    clock, paid, listed, reconciler, open_cases
) -> None:
    await listed(TODAY)
    await reconciler.close(TODAY, by="aigerim")
    clock.advance(days=1)
    payment = await paid()  # e-port: it finished on the day that is closed
    await listed(NEXT)
    assert totals(await reconciler.reconcile(NEXT)) == {"ONLY_BANK": (1, 0)}
    assert await open_cases() == [("ONLY_BANK", payment.txn_id)]


async def test_a_time_that_eport_cannot_know_yet_is_not_believed(clock, store, paid) -> None:
    payment = await paid(day=TODAY + 30 * DAY)
    stored = "SELECT business_day FROM payment WHERE payment_id = ?"
    assert await store.read(lambda tx: tx.one(stored, (payment.payment_id,))) == (TODAY.isoformat(),)
    assert noon().date() == TODAY
