"""Fakes that implement the ports of a bill journey, and the facts that its tests agree on."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent.journeys.bill import State, Step
from agent.journeys.bill_record import Journey
from agent.journeys.bill_runner import live
from agent.journeys.card_record import moved
from agent.journeys.customer import Unattended
from agent.journeys.ports import Devices, Parts
from agent.settings_sections import Timers
from devices.interfaces import Application, ChipData, Completion, DeviceState, PinBlock, Result, Status
from gateway.contract import FeeRule, Money, Offer, PaymentView, Problem, Requisite, Told
from gateway.state_table import advance

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
PAN = "9999990000000018"
PAYMENT_ID = "019ab000-0000-7000-8000-000000000001"
REAL = Timers().journey()
SHORT = replace(REAL, told_seconds=0.05, ask_again_seconds=0.001)


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


class Answers:
    """Answers of each call in order; the last one is repeated. An exception is raised."""

    def __init__(self, **answers):
        self.answers = {call: [*its] for call, its in answers.items()}
        self.calls = []
        self.requests = []

    def _answer(self, call):
        self.calls.append(call)
        answers = self.answers[call]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Gateway(Answers):
    def __init__(self, *, check=None, put=(PAID,), get=(PAID,), resolve=(PAID,), transfers=None):
        super().__init__(check=[check or offer()], put=put, get=get, resolve=resolve)
        self.transfers = transfers

    async def check(self, request, *, key):
        return self._answer("check")

    async def put(self, payment_id, request, *, wait_seconds):
        self.requests.append(request)
        return self._answer("put")

    async def get(self, payment_id, *, wait_seconds):
        return self._answer("get")

    async def resolve(self, payment_id):
        return self._answer("resolve")


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
            "wait_for_removal": asyncio.Event().wait,
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

    async def enter_pin(self, *, pan, amount_text, deadline_seconds, prompts=()):
        return await self._call("enter_pin")

    async def show(self, lines):
        return Result(Completion.SUCCESS)

    async def print_receipt(self, job, deadline_seconds):
        return await self._call("print_receipt")

    async def wait_for_removal(self):
        """Watches while others are called."""
        return await self.results["wait_for_removal"]()

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
        steps = advance(journey.table, journey.state, happened.event).steps
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

    def __init__(
        self,
        *,
        gateway=None,
        device=None,
        gate=None,
        customer=None,
        book=None,
        timers=SHORT,
        start=None,
        **changes,
    ):
        self.gateway = gateway or Gateway()
        self.device = device or Device()
        self.book = book or Book()
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
        self.start = start or Journey(
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
