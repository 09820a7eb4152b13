"""What a terminal tells is taken in order, and compared with our book: a lost or invented payment is seen."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.alarms import open_alarms
from gateway.bills.moves import Evidence
from gateway.bills.payment_states import Event
from gateway.money import Amount
from gateway.problems import ProblemError
from gateway.registry.differences import watch_silence
from gateway.registry.layout import (
    Header,
    Kind,
    Operation,
    Status,
    Totals,
    header_line,
    operation_line,
    trailer_line,
)
from gateway.registry.terminals import TerminalRegistries
from gateway.registry.window import EVERY, LENGTH, last_end

TERMINAL, INSTALLED = "ATM00017", "0123abcd"


def registry(
    clock, n: int, *operations: Operation, terminal: str = TERMINAL, installed: str = INSTALLED
) -> bytes:
    """The terminal's nth, whose window has just been closed."""
    closes_at = last_end(clock())
    registry_id = f"{terminal}-TERM-{installed}-{n}"
    head = header_line(Header(Kind.TERM, terminal, registry_id, closes_at - LENGTH, closes_at, clock()))
    content = head + b"".join(operation_line(operation, Kind.TERM) for operation in operations)
    totals = Totals()
    for operation in operations:
        totals = totals.plus(sum_minor=operation.sum.minor, fee_minor=operation.fee.minor)
    return content + trailer_line(totals, hashlib.sha256(content).hexdigest())


def told(payment, ending: str, status: Status = Status.PENDING, **other) -> Operation:
    facts = {
        "txn_id": payment.txn_id,
        "terminal": payment.terminal,
        "product": payment.check.product,
        "account": "7011234567",
        "sum": payment.amount,
        "fee": payment.fee,
        "total": payment.total,
        "accepted_at": payment.accepted_at,
        "status": status,
        "rrn": payment.rrn,
        "payment_id": payment.payment_id,
        "ending": ending,
        "receipt_number": "000017",
    }
    return Operation(**{**facts, **other})


@pytest.fixture
def desk(store) -> TerminalRegistries:
    return TerminalRegistries(store)


@pytest.fixture
def raised(store):
    async def names() -> set[tuple[str, str]]:
        return {(alarm.name, alarm.subject) for alarm in await store.read(open_alarms)}

    return names


@pytest.fixture
def paid(store, moves, begin):
    async def one(*events: Event):
        payment = await begin()
        for event in events or (Event.HOLD_APPROVED, Event.PAYMENT_ACCEPTED):
            payment = await store.write(
                lambda tx, event=event, payment=payment: moves.apply(
                    tx, payment.payment_id, event, Evidence()
                )
            )
        return payment

    return one


async def refusal(desk, number: str, body: bytes) -> ProblemError:
    with pytest.raises(ProblemError) as refused:
        await desk.put(TERMINAL, number, body)
    return refused.value


async def test_what_agrees_is_acknowledged_by_count_sums_and_hash(desk, clock, paid, raised) -> None:
    payment = await paid()
    clock.advance(minutes=30)
    body = registry(clock, 1, told(payment, "paid", Status.ACCEPTED))
    answer = (await desk.put(TERMINAL, f"{INSTALLED}-1", body)).decode()
    assert f'"sha256":"{hashlib.sha256(body).hexdigest()}"' in answer
    assert '"count":1,"sum":{"amount_minor":150000,' in answer
    assert await raised() == set()


async def test_the_same_bytes_again_get_the_same_answer_and_others_a_conflict(desk, clock, raised) -> None:
    first = registry(clock, 1)
    answer = await desk.put(TERMINAL, f"{INSTALLED}-1", first)
    clock.advance(minutes=30)
    assert await desk.put(TERMINAL, f"{INSTALLED}-1", first) == answer
    refused = await refusal(desk, f"{INSTALLED}-1", registry(clock, 1))
    assert (refused.status, refused.code) == (409, "registry_conflict")
    assert await raised() == {("terminal_registry_conflict", TERMINAL)}


async def test_a_gap_is_refused_with_the_number_that_is_expected(desk, clock) -> None:
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1))
    refused = await refusal(desk, f"{INSTALLED}-3", registry(clock, 3))
    assert (refused.status, refused.code, refused.document.model_extra) == (
        409,
        "registry_gap",
        {"expected": 2},
    )
    standing = await desk.standing(TERMINAL)
    assert (standing.installation, standing.expected) == (INSTALLED, 2)
    assert (await desk.standing("POS2")).expected == 1


async def test_another_installation_begins_again_at_one(desk, clock) -> None:
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1))
    clock.advance(minutes=30)
    await desk.put(TERMINAL, "ffffffff-1", registry(clock, 1, installed="ffffffff"))
    assert (await desk.standing(TERMINAL)).installation == "ffffffff"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda body: body[:-9], 3),
        (lambda body: body + body, 4),
        (lambda body: body.replace(b"1500.00", b"1500.01"), 2),
        (lambda body: body.replace(b";paid;", b";PAID;"), 2),
        (lambda body: body.replace(b"ATM00017-TERM", b"ATM00018-TERM"), 1),
        (lambda body: body.replace(INSTALLED.encode(), b"ffffffff"), 1),
        (lambda body: body.replace(b"beeline-kz", b"beeline-ru"), 3),
        (lambda body: body.replace(b";TERM;", b";TECH;"), 1),
    ],
)
async def test_a_broken_one_is_refused_whole_with_line_and_reason(
    desk, clock, paid, store, raised, change, line
) -> None:
    payment = await paid()
    clock.advance(minutes=30)
    body = registry(clock, 1, told(payment, "paid", Status.ACCEPTED))
    refused = await refusal(desk, f"{INSTALLED}-1", change(body))
    assert (refused.status, refused.code) == (422, "registry_invalid")
    assert refused.document.model_extra["line"] == line
    assert refused.document.model_extra["reason"]
    kept = await store.read(
        lambda tx: tx.one(
            "SELECT (SELECT count(*) FROM terminal_registry) + (SELECT count(*) FROM terminal_payment)"
        )
    )
    assert kept == (0,)
    assert await raised() == {("terminal_registry_refused", TERMINAL)}
    await desk.put(TERMINAL, f"{INSTALLED}-1", body)


async def test_an_operation_of_another_terminal_is_refused(desk, clock, paid) -> None:
    foreign = registry(clock, 1, told(await paid(), "paid", Status.ACCEPTED, terminal="ATM00018"))
    assert (await refusal(desk, f"{INSTALLED}-1", foreign)).document.model_extra["line"] == 2


HELD, ACCEPTED = Event.HOLD_APPROVED, Event.PAYMENT_ACCEPTED
REFUSED, SILENT = Event.PAYMENT_REFUSED, Event.UNANSWERED


@pytest.mark.parametrize(
    ("events", "ending", "status"),
    [
        ((HELD, SILENT), "paid", Status.ACCEPTED),
        ((HELD, SILENT), "nothing_taken", Status.PENDING),
        ((HELD, ACCEPTED), "nothing_taken", Status.PENDING),
        ((HELD, ACCEPTED), "in_processing", Status.REFUSED),
        ((HELD, REFUSED), "paid", Status.PENDING),
        ((HELD, REFUSED), "in_processing", Status.ACCEPTED),
        ((Event.HOLD_DECLINED,), "paid", Status.PENDING),
    ],
)
async def test_an_ending_that_cannot_be_is_alarmed(desk, clock, paid, raised, events, ending, status) -> None:
    payment = await paid(*events)
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, told(payment, ending, status)))
    assert await raised() == {("terminal_ending_differs", payment.payment_id)}


@pytest.mark.parametrize(
    ("events", "ending", "status"),
    [
        ((HELD, ACCEPTED), "in_processing", Status.PENDING),
        ((HELD, REFUSED), "in_processing", Status.PENDING),
        ((HELD, REFUSED, Event.RELEASED), "being_unblocked", Status.REFUSED),
        ((HELD, SILENT), "in_processing", Status.PENDING),
        ((HELD,), "", Status.PENDING),
        ((HELD, ACCEPTED), "paid", Status.ACCEPTED),
        ((Event.HOLD_DECLINED,), "nothing_taken", Status.REFUSED),
    ],
)
async def test_what_may_still_come_right_is_no_difference(
    desk, clock, paid, raised, events, ending, status
) -> None:
    payment = await paid(*events)
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, told(payment, ending, status)))
    assert await raised() == set()


async def test_another_sum_is_alarmed(desk, clock, paid, raised) -> None:
    payment = await paid()
    other = told(payment, "paid", Status.ACCEPTED, fee=Amount(0), total=payment.amount)
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, other))
    assert await raised() == {("terminal_sum_differs", payment.payment_id)}


@pytest.mark.parametrize(
    ("ending", "other", "invented"),
    [
        ("paid", {}, True),
        ("being_unblocked", {}, True),
        ("in_processing", {"txn_id": "26112200000000000077"}, True),
        ("in_processing", {}, False),
        ("nothing_taken", {}, False),
        ("", {}, False),
    ],
)
async def test_an_invented_payment_is_seen_and_one_that_never_arrived_is_none(
    desk, clock, paid, raised, ending, other, invented
) -> None:
    known = await paid()
    unknown = "01935b2e-0000-7000-8000-0000000000ff"
    facts = {"payment_id": unknown, "txn_id": "", "rrn": "", **other}
    line = told(known, ending, **facts)
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, line))
    assert await raised() == ({("terminal_payment_invented", unknown)} if invented else set())


async def test_a_payment_of_another_terminal_is_not_its_own(desk, clock, begin, raised) -> None:
    payment = await begin("POS2")
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, told(payment, "", terminal=TERMINAL)))
    assert await raised() == {("terminal_payment_invented", payment.payment_id)}


def told_by(desk, clock, terminal: str, n: int, *operations: Operation):
    return desk.put(terminal, f"{INSTALLED}-{n}", registry(clock, n, *operations, terminal=terminal))


async def test_who_tells_of_anothers_payment_hides_no_loss(desk, clock, paid, raised) -> None:
    payment = await paid()
    clock.time = last_end(clock()) + EVERY
    await told_by(desk, clock, "POS2", 1, told(payment, "paid", Status.ACCEPTED, terminal="POS2"))
    await told_by(desk, clock, TERMINAL, 1)
    assert await raised() == {
        ("terminal_payment_invented", payment.payment_id),
        ("terminal_payment_lost", payment.payment_id),
    }


async def endings(store) -> list[tuple[str, str]]:
    return await store.read(lambda tx: list(tx.execute("SELECT terminal, ending FROM terminal_payment")))


async def test_who_tells_of_anothers_payment_changes_nothing_of_what_its_owner_told(
    desk, clock, paid, store
) -> None:
    payment = await paid()
    await told_by(desk, clock, TERMINAL, 1, told(payment, "paid", Status.ACCEPTED))
    await told_by(desk, clock, "POS2", 1, told(payment, "nothing_taken", terminal="POS2"))
    assert await endings(store) == [(TERMINAL, "paid")]


async def test_who_told_of_it_before_it_came_to_us_does_not_keep_it(desk, clock, paid, store) -> None:
    payment_id = "01935b2e-0000-7000-8000-000000000002"  # of the payment that comes late
    not_here = told(await paid(), "in_processing", payment_id=payment_id, txn_id="", rrn="")
    await told_by(desk, clock, "POS2", 1, replace(not_here, terminal="POS2"))
    await told_by(desk, clock, TERMINAL, 1, not_here)
    assert await endings(store) == [("POS2", "in_processing")]
    late = await paid()
    clock.advance(minutes=30)
    await told_by(desk, clock, TERMINAL, 2, told(late, "paid", Status.ACCEPTED))
    assert await endings(store) == [(TERMINAL, "paid")]


async def test_a_lost_payment_is_seen_within_the_hour(desk, clock, paid, raised) -> None:
    first = await paid()
    lost = await paid()
    clock.time = last_end(clock()) + EVERY
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, told(first, "paid", Status.ACCEPTED)))
    assert await raised() == {("terminal_payment_lost", lost.payment_id)}


async def test_what_was_accepted_just_before_the_end_is_looked_for_in_the_next_one(
    desk, clock, paid, raised
) -> None:
    clock.time = last_end(clock()) + EVERY - timedelta(minutes=5)
    late = await paid()
    clock.advance(minutes=5)
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1))
    assert await raised() == set()
    clock.advance(minutes=30)
    await desk.put(TERMINAL, f"{INSTALLED}-2", registry(clock, 2, told(late, "paid", Status.ACCEPTED)))
    assert await raised() == set()


async def test_a_terminal_that_sends_none_of_its_last_registries_is_alarmed_once(
    desk, clock, store, raised, paid
) -> None:
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1))
    for _ in range(5):
        await store.write(lambda tx: watch_silence(tx, windows=4))
        assert await raised() == set()
        clock.time = last_end(clock()) + EVERY
    for _ in range(3):
        clock.advance(minutes=30)
        await store.write(lambda tx: watch_silence(tx, windows=4))
    (alarm,) = await store.read(open_alarms)
    assert (alarm.name, alarm.subject, alarm.times) == ("terminal_registry_missing", TERMINAL, 1)


async def test_who_pays_and_never_sent_a_registry_is_alarmed(clock, store, raised, paid) -> None:
    await paid()
    clock.advance(hours=1)
    await store.write(lambda tx: watch_silence(tx, windows=4))
    assert await raised() == set()
    clock.advance(hours=2)
    await store.write(lambda tx: watch_silence(tx, windows=4))
    assert await raised() == {("terminal_registry_missing", TERMINAL)}


async def test_what_was_paid_before_its_silence_was_alarmed_is_asked_for(
    desk, clock, paid, store, raised
) -> None:
    lost, known = await paid(), await paid()
    clock.advance(hours=3)
    await store.write(lambda tx: watch_silence(tx, windows=4))
    await desk.put(TERMINAL, f"{INSTALLED}-1", registry(clock, 1, told(known, "paid", Status.ACCEPTED)))
    assert await raised() == {
        ("terminal_registry_missing", TERMINAL),
        ("terminal_payment_lost", lost.payment_id),
    }


async def test_a_number_has_the_form_of_one(desk) -> None:
    for number in ("1", "0123ABCD-1", "0123abcd-0", "0123abcd-01"):
        assert (await refusal(desk, number, b"")).code == "malformed_request"
