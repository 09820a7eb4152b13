"""What a terminal tells is taken in order, and refused whole where it is wrong."""

import hashlib

import pytest

from gateway.bills.payment_states import Event
from gateway.money import Amount
from gateway.problems import ProblemError
from gateway.registry.layout import (
    Status,
)
from tests.gateway.registry.terminal_files import INSTALLED, TERMINAL, registry, told


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


async def test_a_number_has_the_form_of_one(desk) -> None:
    for number in ("1", "0123ABCD-1", "0123abcd-0", "0123abcd-01"):
        assert (await refusal(desk, number, b"")).code == "malformed_request"
