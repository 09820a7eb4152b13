"""Every way a journey can go, with fakes that implement its ports. The real parts meet in tests/journeys."""

import asyncio
from dataclasses import replace

import pytest

from agent.journeys.bill import Ending, State, Step
from agent.journeys.customer import Unattended
from agent.journeys.ports import PAPER_OUT
from devices.interfaces import Application, Completion, Result
from gateway.client import Refusal, Unreachable
from gateway.contract import CheckRefused, NeverReceived, Told
from gateway.money import Amount
from tests.agent.fakes import (
    NOW,
    PAID,
    PAN,
    PAYMENT_ID,
    REAL,
    WAIT,
    Device,
    Gate,
    Gateway,
    Lived,
    money,
    offer,
    problem,
    view,
)


async def test_a_bill_is_paid_in_the_order_of_the_design():
    lived = Lived()
    end = await lived()
    assert end.ending is Ending.PAID
    assert lived.states == [
        State.OFFERED,
        State.CONSENTED,
        State.CARD_IN,
        State.APPLICATION_CHOSEN,
        State.PIN_DONE,
        State.SENDING,
        State.ENDED,
        State.RECEIPT_DONE,
        State.CARD_TAKEN,
    ]
    assert lived.device.calls == [
        "wait_for_card",
        "applications",
        "open_application",
        "enter_pin",
        "authorise",
        "print_receipt",
        "release_card",
    ]
    assert lived.gateway.calls == ["check", "put"]
    assert end.receipt_printed


async def test_the_put_carries_what_the_customer_saw_and_what_the_card_gave():
    lived = Lived()
    await lived()
    (request,) = lived.gateway.requests
    assert (request.amount, request.fee, request.total) == (money(150_000), money(4_500), money(154_500))
    assert request.card.track2 == f"{PAN}D30122010000000000"
    assert (request.card.pin_block, request.card.ksn, request.card.emv) == ("00" * 8, "00" * 10, "9F3602")


async def test_no_record_ever_holds_card_data():
    lived = Lived()
    await lived()
    for record in lived.book.records:
        assert PAN not in record.model_dump_json()
    assert lived.end.masked_pan == "999999******0018"


async def test_the_payment_id_is_committed_before_the_put():
    gateway = Gateway()
    lived = Lived(gateway=gateway)
    seen = []
    put = gateway.put

    async def watching(payment_id, request, *, wait_seconds):
        seen.append((payment_id, lived.book.records[-1].payment_id, lived.book.records[-1].state))
        return await put(payment_id, request, wait_seconds=wait_seconds)

    gateway.put = watching
    await lived()
    assert seen == [(PAYMENT_ID, PAYMENT_ID, State.SENDING)]


@pytest.mark.parametrize(
    ("answer", "ending", "reason"),
    [
        (CheckRefused(reason="eport.5"), Ending.NOTHING_TAKEN, "eport.5"),
        (Refusal(problem("check_unanswered", retryable=True)), Ending.OUT_OF_SERVICE, "check_unanswered"),
        (Refusal(problem("amount_invalid")), Ending.NOTHING_TAKEN, "amount_invalid"),
        (Unreachable("down"), Ending.OUT_OF_SERVICE, "gateway.unreachable"),
    ],
)
async def test_a_check_without_an_offer_ends_before_the_card(answer, ending, reason):
    lived = Lived(gateway=Gateway(check=answer))
    end = await lived()
    assert (end.state, end.ending, end.reason) == (State.ABANDONED, ending, reason)
    assert not lived.device.calls


@pytest.mark.parametrize("gate", [Gate(["reader.noDevice"]), Gate([], ["gateway.unreachable"])])
async def test_a_terminal_that_cannot_finish_takes_no_card(gate):
    lived = Lived(gate=gate)
    end = await lived()
    assert (end.state, end.ending) == (State.ABANDONED, Ending.OUT_OF_SERVICE)
    assert not lived.device.calls


@pytest.mark.parametrize(("without_receipt", "ending"), [(True, Ending.PAID), (False, Ending.OUT_OF_SERVICE)])
async def test_without_paper_the_customer_decides(without_receipt, ending):
    end = await Lived(gate=Gate([PAPER_OUT]), customer=Unattended(without_receipt=without_receipt))()
    assert end.ending is ending


async def test_an_offer_that_expired_before_consent_ends_it():
    end = await Lived(gateway=Gateway(check=offer(valid_until=NOW)))()
    assert (end.state, end.reason) == (State.ABANDONED, "check_expired")


class Choosing(Unattended):
    def __init__(self, *amounts):
        super().__init__()
        self.amounts = list(amounts)
        self.labels = None

    async def give_amount(self, journey):
        return self.amounts.pop(0)

    async def choose_application(self, journey, labels):
        self.labels = labels
        return len(labels) - 1


OPEN = offer(amount=None, fee=None, total=None)


async def test_an_open_sum_is_asked_until_it_keeps_the_limits_and_gets_its_fee():
    customer = Choosing(Amount(99), Amount(10_000_001), Amount(200_000))
    lived = Lived(gateway=Gateway(check=OPEN), customer=customer)
    end = await lived()
    assert (end.amount, end.fee, end.total) == (money(200_000), money(6_000), money(206_000))
    assert lived.gateway.requests[0].total == money(206_000)


async def test_an_open_sum_without_an_answer_cancels():
    end = await Lived(gateway=Gateway(check=OPEN), customer=Choosing(None))()
    assert (end.state, end.ending) == (State.ABANDONED, Ending.CANCELLED)


async def test_nobody_there_pays_the_debt():
    debt = money(70_000)
    end = await Lived(gateway=Gateway(check=OPEN.model_copy(update={"debt": debt})))()
    assert end.amount == debt


async def test_the_person_chooses_among_several_applications():
    several = [Application(b"\xa0\x01", "CREDIT", 1), Application(b"\xa0\x02", "DEBIT", 2)]
    customer = Choosing()
    device = Device(applications=Result(Completion.SUCCESS, several))
    end = await Lived(device=device, customer=customer)()
    assert customer.labels == ["CREDIT", "DEBIT"]
    assert end.application == "DEBIT"


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (PAID, Ending.PAID),
        (view(Told.NOTHING_TAKEN, "REFUSED", reason="card.51"), Ending.NOTHING_TAKEN),
        (view(Told.BEING_UNBLOCKED, "RELEASING", reason="eport.5"), Ending.BEING_UNBLOCKED),
        (view(Told.IN_PROCESSING, "PENDING"), Ending.IN_PROCESSING),
    ],
)
async def test_the_gateways_word_is_the_ending_straight_or_after_waiting(answer, ending):
    for gateway in (Gateway(put=[answer], get=[answer]), Gateway(put=[WAIT], get=[WAIT, answer])):
        lived = Lived(gateway=gateway, timers=replace(REAL, ask_again_seconds=0.001))
        end = await lived()
        assert (end.state, end.ending, end.reason) == (State.CARD_TAKEN, ending, answer.reason)
        assert gateway.calls.count("put") == 1


@pytest.mark.parametrize(
    ("later", "ending"),
    [
        (view(Told.NOTHING_TAKEN, "RELEASED", reason="eport.5"), Ending.NOTHING_TAKEN),
        (Unreachable("cut"), Ending.BEING_UNBLOCKED),
    ],
)
async def test_a_release_that_is_answered_at_once_says_that_nothing_was_taken(later, ending):
    lived = Lived(
        gateway=Gateway(put=[view(Told.BEING_UNBLOCKED, "RELEASING", reason="eport.5")], get=[later])
    )
    end = await lived()
    assert (end.ending, end.reason) == (ending, "eport.5")


async def test_a_lost_answer_is_resolved_and_never_put_again():
    lived = Lived(gateway=Gateway(put=[Unreachable("cut")], resolve=[Unreachable("still"), WAIT, PAID]))
    end = await lived()
    assert end.ending is Ending.PAID
    assert lived.gateway.calls == ["check", "put", "resolve", "resolve", "resolve"]


@pytest.mark.parametrize("lost", [Unreachable("cut"), Refusal(problem("offer_differs"))])
async def test_only_the_durable_word_never_received_says_that_nothing_was_taken(lost):
    lived = Lived(gateway=Gateway(put=[lost], resolve=[NeverReceived(payment_id=PAYMENT_ID)]))
    end = await lived()
    assert (end.ending, end.outcome, end.never_received) == (Ending.NOTHING_TAKEN, Ending.NOTHING_TAKEN, True)
    assert Step.ASK_LATER not in lived.book.steps


@pytest.mark.parametrize("lost", [Unreachable("cut"), Refusal(problem("stopping", retryable=True))])
async def test_silence_ends_in_processing_and_leaves_the_question_to_the_spool(lost):
    lived = Lived(gateway=Gateway(put=[lost], resolve=[lost]))
    end = await lived()
    assert (end.state, end.ending, end.view) == (State.CARD_TAKEN, Ending.IN_PROCESSING, None)
    assert lived.book.steps == [Step.IDENTIFY, Step.ASK_LATER]
    assert end.receipt_printed


async def test_a_put_that_hangs_ends_in_processing():
    class Hanging(Gateway):
        async def put(self, payment_id, request, *, wait_seconds):
            await asyncio.Event().wait()

    lived = Lived(gateway=Hanging())
    end = await lived()
    assert end.ending is Ending.IN_PROCESSING
    assert State.ASKING not in lived.states


@pytest.mark.parametrize(
    ("resolve", "ending"),
    [
        ([PAID], Ending.PAID),
        ([NeverReceived(payment_id=PAYMENT_ID)], Ending.NOTHING_TAKEN),
        ([Unreachable("down")], Ending.IN_PROCESSING),
    ],
)
async def test_after_a_restart_it_resolves_and_prints_nothing_unasked(resolve, ending):
    lived = Lived(
        gateway=Gateway(resolve=resolve),
        state=State.ASKING,
        resumed=True,
        payment_id=PAYMENT_ID,
        receipt_number="000001",
    )
    end = await lived()
    assert (end.state, end.ending, end.receipt_printed) == (State.CARD_TAKEN, ending, False)
    assert lived.device.calls == ["release_card"]


async def test_the_customer_sees_every_committed_record_and_nothing_else():
    seen = []
    lived = Lived(customer=Unattended(seen.append))
    await lived()
    assert seen == [lived.start, *lived.book.records]
