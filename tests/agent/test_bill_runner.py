"""Every way a journey can go, with fakes that implement its ports. The real parts meet in tests/journeys."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from agent.journeys.bill import TABLE, Ending, State, Step
from agent.journeys.bill_record import Journey, moved
from agent.journeys.bill_runner import live
from agent.journeys.customer import Unattended
from agent.journeys.ports import PAPER_OUT, Devices, JourneyTimers, Parts
from devices.interfaces import Application, ChipData, Completion, DeviceState, PinBlock, Result, Status
from gateway.client import Refusal, Unreachable
from gateway.contract import (
    CheckRefused,
    FeeRule,
    Money,
    NeverReceived,
    Offer,
    PaymentView,
    Problem,
    Requisite,
    Told,
)
from gateway.money import Amount
from gateway.state_table import advance

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
PAN = "9999990000000018"
PAYMENT_ID = "019ab000-0000-7000-8000-000000000001"
SHORT = JourneyTimers(told_seconds=0.05, ask_again_seconds=0.001)


def money(minor):
    return Money(amount_minor=minor)


def offer(**changes):
    facts = {
        "check_id": "26112200000000000001",
        "product": "beeline-kz",
        "catalogue_version": "v1",
        "fields": [],
        "minimum": money(100),
        "maximum": money(10_000_000),
        "amount": money(150_000),
        "fee_rule": FeeRule(percent_hundredths=300, minimum=money(0)),
        "fee": money(4_500),
        "total": money(154_500),
        "valid_until": NOW + timedelta(hours=1),
    }
    return Offer(**{**facts, **changes})


def view(told, state, **changes):
    facts = {
        "payment_id": PAYMENT_ID,
        "terminal": "ATM00017",
        "state": state,
        "told": told,
        "product": "beeline-kz",
        "requisites": [Requisite(code="account", value="7011234567")],
        "fields": [],
        "amount": money(150_000),
        "fee": money(4_500),
        "total": money(154_500),
        "check_id": "26112200000000000001",
        "txn_id": "26112200000000000002",
        "rrn": "632600000001",
        "accepted_at": NOW,
        "changed_at": NOW,
    }
    return PaymentView(**{**facts, **changes})


def problem(code, *, retryable=False):
    return Problem(type="t", title="t", status=503, detail="why", code=code, retryable=retryable)


PAID = view(Told.PAID, "PAID")
WAIT = view(Told.WAIT, "HOLDING")


class Gateway:
    """Answers in order; the last answer of a call is repeated. An exception is raised."""

    def __init__(self, *, check=None, put=(PAID,), get=(PAID,), resolve=(PAID,)):
        self.answers = {"check": [check or offer()], "put": [*put], "get": [*get], "resolve": [*resolve]}
        self.calls = []
        self.requests = []

    async def check(self, request, *, key):
        return self._answer("check")

    async def put(self, payment_id, request, *, wait_seconds):
        self.requests.append(request)
        return self._answer("put")

    async def get(self, payment_id, *, wait_seconds):
        return self._answer("get")

    async def resolve(self, payment_id):
        return self._answer("resolve")

    def _answer(self, call):
        self.calls.append(call)
        answers = self.answers[call]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Device:
    """Reader, pad and printer in one: each call answers what the test set, or succeeds."""

    def __init__(self, **results):
        self.results = {
            "wait_for_card": Result(Completion.SUCCESS),
            "applications": Result(Completion.SUCCESS, [Application(b"\xa0", "TEST CREDIT", 1)]),
            "open_application": Result(Completion.SUCCESS, PAN),
            "authorise": Result(
                Completion.SUCCESS, ChipData(PAN, "3012", f"{PAN}D30122010000000000", "01", b"\x9f\x36\x02")
            ),
            "enter_pin": Result(Completion.SUCCESS, PinBlock(bytes(8), bytes(10))),
            "print_receipt": Result(Completion.SUCCESS),
            "release_card": Result(Completion.SUCCESS),
            **results,
        }
        self.calls = []

    async def status(self):
        return Status(DeviceState.ONLINE)

    async def _call(self, name):
        self.calls.append(name)
        result = self.results[name]
        if callable(result):
            result = await result()
        if isinstance(result, Exception):
            raise result
        return result

    async def wait_for_card(self, deadline_seconds):
        return await self._call("wait_for_card")

    async def applications(self):
        return await self._call("applications")

    async def open_application(self, application):
        return await self._call("open_application")

    async def authorise(self, purchase):
        return await self._call("authorise")

    async def enter_pin(self, *, pan, amount_text, deadline_seconds):
        return await self._call("enter_pin")

    async def show(self, lines):
        return Result(Completion.SUCCESS)

    async def print_receipt(self, job, deadline_seconds):
        return await self._call("print_receipt")

    async def release_card(self, deadline_seconds):
        return await self._call("release_card")

    async def self_test(self):
        return Result(Completion.SUCCESS, {})

    async def close(self):
        pass


class Book:
    """Keeps every record in memory, and which steps the table's rows caused."""

    def __init__(self):
        self.records = []
        self.steps = []

    async def move(self, journey, happened):
        steps = advance(TABLE, journey.state, happened.event).steps
        after = moved(journey, happened, at=NOW)
        if Step.IDENTIFY in steps:
            after = after.model_copy(update={"payment_id": PAYMENT_ID, "receipt_number": "000001"})
        self.steps += steps
        self.records.append(after)
        return after


class Gate:
    def __init__(self, *obstacles):
        self.answers = list(obstacles) or [[]]

    async def obstacles(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Lived:
    """One journey from STARTED to its end."""

    def __init__(self, *, gateway=None, device=None, gate=None, customer=None, timers=SHORT, **changes):
        self.gateway = gateway or Gateway()
        self.device = device or Device()
        self.book = Book()
        self.customer = customer or Unattended()
        self.parts = Parts(
            gateway=self.gateway,
            gate=gate or Gate(),
            devices=Devices(self.device, self.device, self.device),
            book=self.book,
            receipt=lambda _journey: b"receipt",
            local_time=lambda at: at,
            now=lambda: NOW,
            random_bytes=bytes,
            timers=timers,
        )
        self.start = Journey(
            **{
                "journey_id": "j1",
                "language": "ru",
                "product": "beeline-kz",
                "product_name": "Beeline",
                "requisites": [Requisite(code="account", value="7011234567")],
                "requisite_names": {"account": "Телефон"},
                "state": State.STARTED,
                "started_at": NOW,
                "changed_at": NOW,
                **changes,
            }
        )

    async def __call__(self):
        self.end = await live(self.start, self.parts, self.customer)
        return self.end

    @property
    def states(self):
        return [record.state for record in self.book.records]


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
    assert (end.state, end.reason) == (State.ABANDONED, "check.expired")


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
    ("call", "result", "ending", "reason"),
    [
        ("wait_for_card", Result(Completion.TIME_OUT), Ending.CANCELLED, "card.none"),
        ("wait_for_card", Result(Completion.USER_ERROR), Ending.NOTHING_TAKEN, "reader.userError"),
        ("wait_for_card", Result(Completion.CONNECTION_LOST), Ending.OUT_OF_SERVICE, "reader.connectionLost"),
        (
            "applications",
            Result(Completion.COMMAND_ERROR, error="noApplication"),
            Ending.NOTHING_TAKEN,
            "card.noApplication",
        ),
        (
            "open_application",
            Result(Completion.USER_ERROR, error="noMedia"),
            Ending.NOTHING_TAKEN,
            "card.noMedia",
        ),
        ("enter_pin", Result(Completion.CANCELED), Ending.CANCELLED, "pin_pad.canceled"),
        ("enter_pin", Result(Completion.TIME_OUT), Ending.CANCELLED, "pin_pad.timeOut"),
        (
            "enter_pin",
            Result(Completion.COMMAND_ERROR, error="keyNotFound"),
            Ending.OUT_OF_SERVICE,
            "pin_pad.keyNotFound",
        ),
        (
            "authorise",
            Result(Completion.COMMAND_ERROR, error="declinedByCard"),
            Ending.NOTHING_TAKEN,
            "card.declinedByCard",
        ),
        ("authorise", Result(Completion.USER_ERROR, error="noMedia"), Ending.NOTHING_TAKEN, "card.noMedia"),
        ("authorise", Result(Completion.HARDWARE_ERROR), Ending.OUT_OF_SERVICE, "card.hardwareError"),
        ("authorise", RuntimeError("a defect"), Ending.OUT_OF_SERVICE, "defect.make_cryptogram"),
    ],
)
async def test_what_goes_wrong_before_the_cryptogram_sends_nothing(call, result, ending, reason):
    lived = Lived(device=Device(**{call: result}))
    end = await lived()
    assert (end.state, end.ending, end.reason) == (State.ABANDONED, ending, reason)
    assert end.payment_id is None
    assert lived.gateway.calls == ["check"]


async def test_a_card_that_was_inside_goes_back_before_the_end():
    lived = Lived(device=Device(enter_pin=Result(Completion.CANCELED)))
    await lived()
    assert lived.device.calls[-1] == "release_card"
    assert lived.states[-2:] == [State.RETURNING, State.ABANDONED]


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
        lived = Lived(gateway=gateway, timers=JourneyTimers(ask_again_seconds=0.001))
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


async def test_a_receipt_that_did_not_print_does_not_change_the_ending():
    lived = Lived(device=Device(print_receipt=Result(Completion.HARDWARE_ERROR, error="paperJam")))
    end = await lived()
    assert (end.state, end.ending, end.receipt_printed) == (State.CARD_TAKEN, Ending.PAID, False)


async def test_a_card_left_behind_is_an_alarm():
    lived = Lived(device=Device(release_card=Result(Completion.TIME_OUT)))
    end = await lived()
    assert (end.state, end.ending) == (State.CARD_LEFT, Ending.PAID)
    assert lived.book.steps == [Step.IDENTIFY, Step.ALARM]


async def test_cancel_is_heard_while_the_card_is_awaited_and_lets_the_reader_go():
    cancelled = asyncio.Event()
    released = []

    async def waits_for_ever():
        cancelled.set()
        try:
            await asyncio.Event().wait()
        finally:
            released.append("wait_for_card")

    lived = Lived(device=Device(wait_for_card=waits_for_ever), customer=Unattended(cancelled=cancelled))
    end = await lived()
    assert (end.state, end.ending) == (State.ABANDONED, Ending.CANCELLED)
    assert released == ["wait_for_card"]


async def test_cancel_while_money_moves_is_not_heard():
    cancelled = asyncio.Event()

    class Slow(Gateway):
        async def put(self, payment_id, request, *, wait_seconds):
            cancelled.set()
            await asyncio.sleep(0)
            return PAID

    end = await Lived(gateway=Slow(), customer=Unattended(cancelled=cancelled))()
    assert end.ending is Ending.PAID


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
