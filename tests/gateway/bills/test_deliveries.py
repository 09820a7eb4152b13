"""What the forwarder sends, and what an answer means. The store's clock is real; schedules are short."""

import asyncio
from random import Random

import pytest

from gateway.alarms import alarms_about
from gateway.bills import payment as payments
from gateway.bills.deliveries import ADVICE_MEANINGS, EPORT_MEANINGS, Deliveries, UnexpectedVerdictError
from gateway.bills.moves import Evidence
from gateway.bills.payment_states import Event, State
from gateway.bills.steps import CANCEL, CAPTURE, EXPIRY, PAYMENT, REVERSAL, STATUS
from gateway.eport.operations import Operation
from gateway.outcomes import AdviceOutcome, EportOutcome, Verdict
from gateway.settings import TimersSection
from spool import Again, Breakers, Delivered, Entry, Forwarder, Schedule, ToPerson

ACCEPTED = EportOutcome(Verdict.ACCEPTED, 0, eport_id="900000417")
REFUSED = EportOutcome(Verdict.REFUSED, 5)
PENDING = EportOutcome(Verdict.PENDING, 90)
SILENCE = EportOutcome(Verdict.UNANSWERED, detail="no answer in time")


@pytest.fixture
def deliveries(store, moves, eport, funds) -> Deliveries:
    return Deliveries(spool=store, moves=moves, eport=eport, funds=funds, timers=TimersSection())


@pytest.fixture
async def forwarding(store, deliveries):
    """A forwarder at work, until the end of the test."""
    forwarder = Forwarder(store, deliveries.routes(), breakers=Breakers(store))
    task = asyncio.create_task(forwarder.run())
    yield forwarder
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def paying(store, moves, begin):
    """A payment whose hold was approved."""

    async def enter():
        payment = await begin()
        return await store.write(
            lambda tx: moves.apply(tx, payment.payment_id, Event.HOLD_APPROVED, Evidence(approval_code="A1"))
        )

    return enter


@pytest.fixture
def entry_of(store):
    """The entry of a kind that belongs to a payment, as its delivery would see it."""

    async def read(kind, payment, *, attempts=0) -> Entry:
        row = await store.read(
            lambda tx: tx.one(
                "SELECT e.id, e.key, b.payload FROM entry e JOIN body b ON b.entry_id = e.id WHERE e.key LIKE :key",
                {"key": f"{kind}/%/{payment.payment_id}"},
            )
        )
        entry_id, key, payload = row
        return Entry(
            id=entry_id,
            kind=kind,
            destination="eport",
            lane=payment.terminal,
            key=key,
            payload=payload,
            attempts=attempts,
            maybe_sent=attempts > 0,
            created_at=payment.accepted_at,
            expires_at=None,
        )

    return read


async def test_the_first_attempt_follows_the_commit_and_an_acceptance_captures(
    paying, forwarding, eport, funds, moved
) -> None:
    payment = await paying()
    await moved.until("CAPTURED")
    ((operation, message, txn_id, first_attempt, _),) = eport.sent
    assert (operation, txn_id, first_attempt) == (Operation.PAYMENT, payment.txn_id, True)
    assert b"<sum>1500.00</sum><fee>45.00</fee><total>1545.00</total>" in message
    assert [(sent[:4], repeat) for sent, repeat in funds.advised] == [(b"0220", False)]


async def test_every_repeat_has_the_same_bytes_and_says_that_it_is_one(
    paying, deliveries, entry_of, eport
) -> None:
    eport.outcomes[Operation.PAYMENT] = SILENCE
    payment = await paying()
    deliver = deliveries.routes()[PAYMENT].deliver
    for attempts in range(3):
        assert isinstance(await deliver(await entry_of(PAYMENT, payment, attempts=attempts)), Again)
    assert len(set(eport.of(Operation.PAYMENT))) == 1
    assert [first for *_, first, _ in eport.sent] == [True, False, False]


@pytest.mark.parametrize(
    ("outcome", "answered"), [(SILENCE, False), (PENDING, True), (EportOutcome(Verdict.UNANSWERED, 90), True)]
)
async def test_only_silence_counts_against_the_breaker(
    paying, deliveries, entry_of, eport, outcome, answered
) -> None:
    eport.outcomes[Operation.PAYMENT] = outcome
    verdict = await deliveries.routes()[PAYMENT].deliver(await entry_of(PAYMENT, await paying()))
    assert (type(verdict), verdict.answered) == (Again, answered)


def test_the_schedules_are_those_of_the_text(deliveries) -> None:
    routes = deliveries.routes()
    assert routes[PAYMENT].schedule == Schedule((300,) * 4, then=1800, jitter=0.1)
    assert routes[CAPTURE].schedule == routes[REVERSAL].schedule == Schedule((30,) * 4, then=300, jitter=0.1)
    assert routes[STATUS].schedule.delay_seconds(1, Random(1)) >= 600
    assert set(routes) == {PAYMENT, STATUS, CANCEL, EXPIRY, CAPTURE, REVERSAL}


async def test_status_is_asked_ten_minutes_after_the_first_doubt(store, paying, moves, clock) -> None:
    payment = await paying()
    await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.UNANSWERED))
    due = await store.read(
        lambda tx: {kind: due - tx.clock_ms for kind, due in tx.execute("SELECT kind, due_ms FROM entry")}
    )
    assert due[PAYMENT] <= 0
    assert 590_000 < due[STATUS] <= 600_000
    assert 3 * 86_400_000 - 10_000 < due[EXPIRY] <= 3 * 86_400_000


@pytest.mark.parametrize(
    ("kind", "outcome", "verdict", "event"),
    [
        (PAYMENT, ACCEPTED, Delivered, "PAYMENT_ACCEPTED"),
        (PAYMENT, REFUSED, Delivered, "PAYMENT_REFUSED"),
        (PAYMENT, PENDING, Again, "PAYMENT_PENDING"),
        (PAYMENT, SILENCE, Again, "UNANSWERED"),
        (PAYMENT, EportOutcome(Verdict.CONFLICT, 215), Delivered, "ID_CONFLICT"),
        (STATUS, ACCEPTED, Delivered, "PAYMENT_ACCEPTED"),
        (STATUS, REFUSED, Delivered, "PAYMENT_REFUSED"),
        (STATUS, PENDING, Again, "PAYMENT_PENDING"),
        (STATUS, SILENCE, Again, None),
        (STATUS, EportOutcome(Verdict.CANCELLED, 7), Delivered, "CANCELLED"),
        (CANCEL, EportOutcome(Verdict.CANCELLED, 0), Delivered, "CANCELLED"),
        (CANCEL, EportOutcome(Verdict.CANCEL_REFUSED, 251), Delivered, "CANCEL_REFUSED"),
        (CANCEL, PENDING, Again, None),
        (CANCEL, SILENCE, Again, None),
    ],
)
async def test_an_answer_of_e_port_means_an_event(
    store, moves, paying, deliveries, entry_of, eport, moved, kind, outcome, verdict, event
) -> None:
    payment = await paying()
    for before in (Event.UNANSWERED, Event.CANCEL_ORDERED)[: 0 if kind == PAYMENT else 2]:
        await store.write(lambda tx, before=before: moves.apply(tx, payment.payment_id, before))
    seen = len(moved)
    eport.outcomes = dict.fromkeys(Operation, outcome)
    found = await deliveries.routes()[kind].deliver(await entry_of(kind, payment))
    assert isinstance(found, verdict)
    await store.write(found.apply)
    assert [move.event for move in moved[seen:]] == ([] if event is None else [event])
    assert getattr(found, "answered", True) == (outcome is not SILENCE)


@pytest.mark.parametrize(
    ("before", "kind", "code", "verdict", "event"),
    [
        (Event.PAYMENT_ACCEPTED, CAPTURE, "00", Delivered, "CAPTURED"),
        (Event.PAYMENT_ACCEPTED, CAPTURE, "12", ToPerson, "CAPTURE_REFUSED"),
        (Event.PAYMENT_ACCEPTED, CAPTURE, None, Again, None),
        (Event.PAYMENT_REFUSED, REVERSAL, "00", Delivered, "RELEASED"),
        (Event.PAYMENT_REFUSED, REVERSAL, "12", ToPerson, "REVERSAL_REFUSED"),
        (Event.PAYMENT_REFUSED, REVERSAL, None, Again, None),
    ],
)
async def test_an_answer_of_the_card_host_means_an_event(
    store, moves, paying, deliveries, entry_of, funds, moved, before, kind, code, verdict, event
) -> None:
    payment = await paying()
    await store.write(lambda tx: moves.apply(tx, payment.payment_id, before))
    seen = len(moved)
    verdicts = {"00": Verdict.ACCEPTED, "12": Verdict.REFUSED, None: Verdict.UNANSWERED}
    funds.advice_outcome = AdviceOutcome(verdicts[code], code)
    found = await deliveries.routes()[kind].deliver(await entry_of(kind, payment, attempts=1))
    assert isinstance(found, verdict)
    await store.write(found.apply)
    assert [move.event for move in moved[seen:]] == ([] if event is None else [event])
    assert funds.advised[0][1], "it may have left before"


async def test_three_days_without_a_decision_make_it_a_persons_case_and_asking_goes_on(
    store, paying, moves, deliveries, entry_of
) -> None:
    payment = await paying()
    await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.UNANSWERED))
    verdict = await deliveries.routes()[EXPIRY].deliver(await entry_of(EXPIRY, payment))
    await store.write(verdict.apply)
    stored = await store.read(lambda tx: payments.load(tx, payment.payment_id))
    assert stored.state is State.UNRESOLVED
    (alarm,) = await store.read(lambda tx: alarms_about(tx, payment.payment_id))
    assert alarm.name == "payment_expired"
    open_kinds = await store.read(
        lambda tx: {kind for (kind,) in tx.execute("SELECT kind FROM entry WHERE state = 'ready'")}
    )
    assert {PAYMENT, STATUS} <= open_kinds


async def test_after_a_conflict_neither_a_resend_nor_a_status_decides(
    store, paying, moves, deliveries, entry_of, eport
) -> None:
    payment = await paying()
    await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.UNANSWERED))
    in_flight = await entry_of(STATUS, payment)
    await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.ID_CONFLICT))
    for outcome in (ACCEPTED, REFUSED):
        eport.outcomes[Operation.STATUS] = outcome
        verdict = await deliveries.routes()[STATUS].deliver(in_flight)
        await store.write(verdict.apply)
        stored = await store.read(lambda tx: payments.load(tx, payment.payment_id))
        assert stored.state is State.UNRESOLVED
    settled = await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.REGISTRY_MATCHED))
    assert settled.state is State.PAID


async def test_a_late_answer_to_an_attempt_in_flight_that_contradicts_the_ending_is_alarmed(
    store, paying, moves, forwarding, eport, moved
) -> None:
    eport.may_answer.clear()
    payment = await paying()
    await eport.asked.wait()
    await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.REGISTRY_MATCHED))
    eport.outcomes[Operation.PAYMENT] = REFUSED
    eport.may_answer.set()
    await moved.until("PAYMENT_REFUSED")
    stored = await store.read(lambda tx: payments.load(tx, payment.payment_id))
    assert stored.state is State.PAID
    assert [alarm.name for alarm in await store.read(lambda tx: alarms_about(tx, payment.payment_id))] == [
        "payment_payment_refused"
    ]


async def test_an_alarm_that_comes_with_silence_is_kept(
    store, paying, deliveries, entry_of, eport, moves
) -> None:
    payment = await paying()
    await store.write(lambda tx: moves.apply(tx, payment.payment_id, Event.UNANSWERED))
    eport.outcomes[Operation.STATUS] = EportOutcome(
        Verdict.UNANSWERED, alarm="eport_http_403", detail="HTTP 403"
    )
    verdict = await deliveries.routes()[STATUS].deliver(await entry_of(STATUS, payment))
    await store.write(verdict.apply)
    (alarm,) = await store.read(lambda tx: alarms_about(tx, payment.payment_id))
    assert (alarm.name, alarm.detail) == ("eport_http_403", "HTTP 403")


async def test_a_verdict_that_cannot_be_is_a_fault_of_ours(paying, deliveries, entry_of, eport) -> None:
    payment = await paying()
    eport.outcomes[Operation.PAYMENT] = EportOutcome(Verdict.CANCEL_REFUSED)
    with pytest.raises(UnexpectedVerdictError):
        await deliveries.routes()[PAYMENT].deliver(await entry_of(PAYMENT, payment))


def test_every_meaning_is_for_a_kind_that_is_delivered(deliveries) -> None:
    assert {*EPORT_MEANINGS, *ADVICE_MEANINGS, EXPIRY} == set(deliveries.routes())
