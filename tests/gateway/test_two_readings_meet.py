"""The client and the sandbox were written from the same text by different hands: do they agree?"""

from dataclasses import replace
from datetime import date
from random import Random
from zoneinfo import ZoneInfo

import pytest

from certs.identity import Identity
from certs.tls import client_context
from gateway import identifiers
from gateway.eport.client import EportClient
from gateway.eport.messages import AccountRequest, CancelRequest, PaymentRequest, StatusRequest, build
from gateway.funds.interface import Card, HoldIdentifiers
from gateway.funds.iso8583 import CardHost
from gateway.money import Amount
from gateway.outcomes import Verdict
from gateway.sandbox.server import Sandbox

ALMATY = ZoneInfo("Asia/Almaty")
SUM, FEE = Amount.parse("1500.00"), Amount.parse("11.25")
NAMES = {"point": "10001", "terminal": "ATM00017"}
PRODUCT = {"product": "qala-jaryq", "requisites": [("account", "712004584"), ("reading", "4512")]}
CARD = Card(
    track2="4111111111111111D28122011234",
    emv=bytes.fromhex("9F2608AABBCCDDEEFF0011"),
    pin_block=bytes.fromhex("1B9C1845EB993A7A"),
    ksn=bytes.fromhex("FFFF9876543210E00001"),
)

BLOCKED_TRACK = "4000000000620004D28122011234"  # answered 62 by its number


@pytest.fixture
async def sandbox(tmp_path):
    async with Sandbox.open(tmp_path) as running:
        yield running


@pytest.fixture
async def eport(sandbox, system_time):
    bank = Identity.load(*sandbox.bank, now=system_time)
    client = EportClient(sandbox.eport_url, client_context(sandbox.ca, bank))
    yield client
    await client.close()


@pytest.fixture
async def card_host(sandbox, system_time):
    host, port = sandbox.card_host
    line = CardHost(
        f"{host}:{port}",
        acquirer="999001",
        merchant="TOLEM0000000001",
        time_zone=ALMATY,
        now=system_time,
        random=Random(1),
    )
    await line.start()
    yield line
    await line.close()


@pytest.fixture
def today(system_time) -> date:
    return system_time().astimezone(ALMATY).date()


async def send(eport: EportClient, request, **of):
    return await eport.send(request.operation, build(request), txn_id=request.txn_id, **of)


async def test_a_payment_is_checked_paid_repeated_asked_for_and_cancelled(eport, system_time, today):
    now = system_time().astimezone(ALMATY)
    check_id, txn_id = identifiers.txn_id(today, 1), identifiers.txn_id(today, 2)
    check = AccountRequest(**NAMES, **PRODUCT, txn_id=check_id, txn_date=now, sum=SUM)
    payment = PaymentRequest(
        **NAMES,
        **PRODUCT,
        txn_id=txn_id,
        txn_date=now,
        check_id=check_id,
        sum=SUM,
        fee=FEE,
        total=SUM + FEE,
        rrn=identifiers.rrn(today, 1),
    )
    checked = await send(eport, check)
    paid = await send(eport, payment)
    repeated = await send(eport, payment, first_attempt=False)
    asked = await send(eport, StatusRequest(**NAMES, txn_id=txn_id))
    cancelled = await send(eport, CancelRequest(**NAMES, txn_id=txn_id))
    assert (checked.verdict, paid.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
    assert (repeated, asked.eport_id) == (paid, paid.eport_id)
    assert cancelled.verdict is Verdict.CANCELLED


async def test_a_payment_that_never_arrived_is_pending_to_a_status(eport, today):
    asked = await send(eport, StatusRequest(**NAMES, txn_id=identifiers.txn_id(today, 7)))
    assert (asked.verdict, asked.result) == (Verdict.PENDING, 5)


async def test_a_hold_is_captured_and_another_reversed_twice(card_host, system_time, today):
    now = system_time()
    held = HoldIdentifiers("000101", identifiers.rrn(today, 1), "ATM00017", SUM + FEE, now)
    unseen = HoldIdentifiers("000103", identifiers.rrn(today, 2), "ATM00017", SUM, now)
    hold = await card_host.hold(held, CARD)
    capture = card_host.capture_message(held, stan="000102", at=now, approval_code=hold.approval_code)
    reversal = card_host.reversal_message(unseen, stan="000104", at=now, approval_code=None)
    outcomes = [
        hold,
        await card_host.advise(capture, repeat=False),
        await card_host.advise(capture, repeat=True),
        await card_host.advise(reversal, repeat=False),
        await card_host.advise(reversal, repeat=True),
    ]
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    assert hold.approval_code is not None
    late = await card_host.hold(unseen, CARD)
    assert (late.verdict, late.response_code) == (Verdict.REFUSED, "94")


IBAN = "KZ86125KZT5004100100"


def asked(today, now, number: int) -> HoldIdentifiers:
    return HoldIdentifiers(f"{200 + number:06d}", identifiers.rrn(today, number), "ATM00017", SUM, now)


async def test_an_account_is_told_and_the_card_s_pin_and_cryptogram_are_left_for_the_hold(
    card_host, sandbox, system_time, today
):
    question = asked(today, system_time(), 1)
    told = await card_host.account_status(question, CARD)
    held = await card_host.hold(replace(question, stan="000301"), CARD)
    assert (told.verdict, held.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
    assert told.account.standing == "ACTIVE"
    assert told.account.iban not in repr(told)
    assert len(sandbox.card_rows()) == 1


async def test_a_card_that_the_host_does_not_let_pay_is_refused_before_its_hold(
    card_host, system_time, today
):
    told = await card_host.account_status(asked(today, system_time(), 2), replace(CARD, track2=BLOCKED_TRACK))
    assert (told.verdict, told.response_code) == (Verdict.REFUSED, "62")


@pytest.mark.parametrize(
    ("iban", "verdict"), [(IBAN, Verdict.ACCEPTED), ("KZ87125KZT5004100100", Verdict.REFUSED)]
)
async def test_a_beneficiary_is_told_by_its_iban(*, card_host, system_time, today, iban, verdict):
    told = await card_host.can_credit(asked(today, system_time(), 3), iban)
    assert told.verdict is verdict


async def test_a_payee_is_credited_once_however_often_it_is_told(card_host, sandbox, system_time, today):
    credit = card_host.credit_message(asked(today, system_time(), 4), IBAN)
    outcomes = [await card_host.advise(credit, repeat=repeat) for repeat in (False, True, True)]
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    (row,) = sandbox.credit_rows()
    assert (row.rrn, row.amount) == (identifiers.rrn(today, 4), SUM.minor)
