"""The registry pays what it lists, releases what both days lack where the contract says so, and leaves the rest to a person."""

import pytest

from gateway.bills.payment_states import Event, State
from gateway.money import Amount
from gateway.reconciliation.decision_rules import Decision
from gateway.reconciliation.reconciler import NotDecidableError
from tests.gateway.reconciliation.conftest import NEXT, TODAY, line_of

HELD = (Event.HOLD_APPROVED, Event.UNANSWERED)
CONFLICT = (Event.HOLD_APPROVED, Event.ID_CONFLICT)


@pytest.fixture
def sent(store):
    """Its bank_payment was tried once, now, and nobody answered: as the forwarder writes it down."""

    async def try_once(payment) -> None:
        def attempt(tx) -> None:
            (entry_id,) = tx.one(
                "SELECT id FROM entry WHERE key LIKE :key", {"key": f"eport.payment/%/{payment.payment_id}"}
            )
            n = tx.one("SELECT moves FROM entry WHERE id = ?", (entry_id,))[0] + 1
            tx.execute("UPDATE entry SET attempts = 1, moves = ? WHERE id = ?", (n, entry_id))
            tx.execute(
                "INSERT INTO history (entry_id, n, at_ms, epoch, event, state, claimed_ms, person, note)"
                " VALUES (?, ?, ?, ?, 'again', 'ready', ?, NULL, '')",
                (entry_id, n, tx.now_ms, tx.epoch, tx.now_ms),
            )

        await store.write(attempt)

    return try_once


@pytest.fixture
def claimed(store):
    async def claim(payment) -> None:
        await store.write(
            lambda tx: tx.execute(
                "UPDATE entry SET state = 'claimed', lease = 1, claimed_ms = 1 WHERE key LIKE :key",
                {"key": f"eport.payment/%/{payment.payment_id}"},
            )
        )

    return claim


@pytest.mark.parametrize("events", [(Event.HOLD_APPROVED,), HELD, (*HELD, Event.EXPIRED)])
async def test_what_is_open_and_listed_is_paid(
    paid, listed, reconciler, state_of, open_cases, events
) -> None:
    payment = await paid(*events)
    await listed(TODAY, [line_of(payment)])
    result = await reconciler.reconcile(TODAY)
    assert (result.settled, await state_of(payment)) == (1, State.PAID)
    assert await open_cases() == []
    assert result.totals["beeline", "MATCHED"].our_count == 1


async def test_after_an_id_conflict_the_line_must_be_about_this_very_payment(
    paid, listed, reconciler, state_of, open_cases
) -> None:
    same, other = await paid(*CONFLICT), await paid(*CONFLICT)
    await listed(TODAY, [line_of(same), line_of(other, account="7011234568")])
    await reconciler.reconcile(TODAY)
    assert [await state_of(one) for one in (same, other)] == [State.PAID, State.UNRESOLVED]
    assert await open_cases() == [("STATUS_DIFF", other.txn_id)]


@pytest.mark.parametrize(
    "other", [{"sum": Amount(150_100)}, {"rrn": "632600009999"}, {"product": "kcell-kz"}]
)
async def test_a_line_with_other_content_pays_nothing(paid, listed, reconciler, state_of, other) -> None:
    payment = await paid(*HELD)
    await listed(TODAY, [line_of(payment, **other)])
    assert (await reconciler.reconcile(TODAY)).settled == 0
    assert await state_of(payment) == State.PENDING


async def test_what_both_days_lack_is_a_persons_case(
    paid, sent, listed, reconciler, state_of, open_cases
) -> None:
    payment = await paid(*HELD)
    await sent(payment)
    await listed(TODAY)
    await reconciler.reconcile(TODAY)
    assert await open_cases() == []  # the next day may still list it
    await listed(NEXT)
    await reconciler.reconcile(NEXT)
    await reconciler.reconcile(NEXT)
    assert await open_cases() == [("ONLY_BANK", payment.txn_id)]
    assert await state_of(payment) == State.PENDING


async def test_where_the_contract_says_so_it_is_released_and_nothing_more_is_sent(
    store, paid, sent, listed, reconciler_of, state_of, open_cases
) -> None:
    payment = await paid(*HELD)
    await sent(payment)
    await listed(TODAY)
    await listed(NEXT)
    result = await reconciler_of(releases_missing=True).reconcile(NEXT)
    assert (result.released, await state_of(payment)) == (1, State.RELEASING)
    assert await open_cases() == []
    left = "SELECT kind FROM entry WHERE state IN ('ready', 'claimed')"
    assert await store.read(lambda tx: list(tx.execute(left))) == [("card.reversal",)]


@pytest.mark.parametrize("events", [(Event.HOLD_APPROVED, Event.PAYMENT_PENDING), CONFLICT])
async def test_what_eport_once_called_pending_is_never_released_by_itself(
    paid, sent, listed, reconciler_of, state_of, open_cases, events
) -> None:
    payment = await paid(*events)
    await sent(payment)
    await listed(TODAY)
    await listed(NEXT)
    result = await reconciler_of(releases_missing=True).reconcile(NEXT)
    assert result.released == 0
    assert await open_cases() == [("ONLY_BANK", payment.txn_id)]


async def test_what_was_never_sent_is_not_missing(paid, listed, reconciler_of, state_of, open_cases) -> None:
    payment = await paid(*HELD)
    await listed(TODAY)
    await listed(NEXT)
    assert (await reconciler_of(releases_missing=True).reconcile(NEXT)).released == 0
    assert (await state_of(payment), await open_cases()) == (State.PENDING, [])


async def test_what_is_on_its_way_at_this_moment_is_not_missing(
    paid, sent, claimed, listed, reconciler_of, state_of, open_cases
) -> None:
    payment = await paid(*HELD)
    await sent(payment)
    await claimed(payment)
    await listed(TODAY)
    await listed(NEXT)
    assert (await reconciler_of(releases_missing=True).reconcile(NEXT)).released == 0
    assert (await state_of(payment), await open_cases()) == (State.PENDING, [])


async def test_the_day_of_the_first_sending_counts_and_not_that_of_the_payment(
    clock, paid, sent, listed, reconciler_of, state_of
) -> None:
    payment = await paid(*HELD)
    clock.advance(days=1)  # e-port was away all night
    await sent(payment)
    await listed(TODAY)
    await listed(NEXT)
    assert (await reconciler_of(releases_missing=True).reconcile(NEXT)).released == 0
    assert await state_of(payment) == State.PENDING


async def test_a_person_releases_what_is_missing_but_not_while_eport_is_asked(
    paid, sent, claimed, listed, reconciler, state_of, open_cases
) -> None:
    payment = await paid(*HELD)
    await sent(payment)
    await listed(TODAY)
    await listed(NEXT)
    await reconciler.reconcile(NEXT)
    await claimed(payment)
    with pytest.raises(NotDecidableError, match="at this moment"):
        await reconciler.decide(1, Decision.RELEASE, person="aigerim", reason="e-port confirmed by letter")
    assert await open_cases() == [("ONLY_BANK", payment.txn_id)]


async def test_a_case_about_a_payment_that_ended_by_itself_is_explained(
    store, moves, paid, sent, listed, reconciler, open_cases
) -> None:
    payment = await paid(*HELD)
    await sent(payment)
    await listed(TODAY)
    await listed(NEXT)
    await reconciler.reconcile(NEXT)
    await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.PAYMENT_REFUSED))
    await reconciler.reconcile(NEXT)
    assert await open_cases() == []


async def test_a_contradiction_moves_nothing_and_alarms(
    paid, listed, reconciler, state_of, open_cases, alarms
) -> None:
    payment = await paid(Event.HOLD_APPROVED, Event.PAYMENT_REFUSED)
    await listed(TODAY, [line_of(payment)])
    await reconciler.reconcile(TODAY)
    await reconciler.reconcile(TODAY)
    assert await state_of(payment) == State.RELEASING
    assert await open_cases() == [("STATUS_DIFF", payment.txn_id)]
    assert [name for name, *_ in await alarms()] == ["payment_registry_matched", "reconciliation_differences"]
