import json
from datetime import UTC, datetime

import pytest

from agent.gateway_link import routes
from agent.journal import KIND as EVENTS
from agent.journeys.bill_book import RESOLVE_KIND
from gateway.client import Refusal, Unreachable
from gateway.contract import EventsTaken, Money, NeverReceived, PaymentView, Problem, Told
from spool import Again, Delivered, Entry, Schedule, ToPerson

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
PAYMENT_ID = "019ab000-0000-7000-8000-000000000001"
NEVER = NeverReceived(payment_id=PAYMENT_ID)


def view(told, state):
    zero = Money(amount_minor=0)
    return PaymentView(
        payment_id=PAYMENT_ID,
        terminal="ATM00017",
        state=state,
        told=told,
        product="p",
        requisites=[],
        fields=[],
        amount=zero,
        fee=zero,
        total=zero,
        check_id="26112200000000000001",
        txn_id="26112200000000000002",
        rrn="632600000001",
        accepted_at=NOW,
        changed_at=NOW,
    )


def refusal(*, retryable):
    return Refusal(Problem(type="t", title="t", status=503, detail="why", code="code", retryable=retryable))


class Book:
    """Remembers what it was told in a transaction."""

    def __init__(self):
        self.answers = []

    def resolved(self, tx, payment_id, answer):
        self.answers.append((payment_id, answer))


class Gateway:
    def __init__(self, answer):
        self.answer = answer
        self.taken = []

    async def resolve(self, payment_id):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def events(self, events, *, key):
        if isinstance(self.answer, Exception):
            raise self.answer
        self.taken.append((key, [event.number for event in events.events]))
        return EventsTaken(taken_up_to=events.events[-1].number)


async def deliver(kind, payload, gateway, book=None):
    entry = Entry(
        id=1,
        kind=kind,
        destination="gateway",
        lane="lane",
        key="the-key",
        payload=payload,
        attempts=0,
        maybe_sent=False,
        created_at=NOW,
        expires_at=None,
    )
    return await routes(gateway, book or Book(), Schedule())[kind].deliver(entry)


QUESTION = json.dumps({"payment_id": PAYMENT_ID}).encode()


@pytest.mark.parametrize("answer", [view(Told.PAID, "PAID"), view(Told.NOTHING_TAKEN, "RELEASED"), NEVER])
async def test_a_settled_answer_ends_the_question_and_is_written_with_it(answer):
    book = Book()
    verdict = await deliver(RESOLVE_KIND, QUESTION, Gateway(answer), book)
    assert isinstance(verdict, Delivered)
    assert not book.answers
    verdict.apply(None)
    assert book.answers == [(PAYMENT_ID, answer)]


@pytest.mark.parametrize("told", [Told.WAIT, Told.IN_PROCESSING, Told.BEING_UNBLOCKED])
async def test_an_unsettled_answer_is_written_and_asked_again(told):
    book, answer = Book(), view(told, "PENDING")
    verdict = await deliver(RESOLVE_KIND, QUESTION, Gateway(answer), book)
    assert isinstance(verdict, Again)
    assert verdict.answered
    verdict.apply(None)
    assert book.answers == [(PAYMENT_ID, answer)]


@pytest.mark.parametrize("kind", [RESOLVE_KIND, EVENTS])
async def test_silence_and_passing_refusals_are_tried_again_and_others_are_a_persons(kind):
    payload = {
        RESOLVE_KIND: QUESTION,
        EVENTS: b'{"events": [{"number": 7, "at": "2026-11-22T09:05:00Z", "name": "journey.ended", "data": {}}]}',
    }[kind]
    silent = await deliver(kind, payload, Gateway(Unreachable("cut")))
    assert isinstance(silent, Again)
    assert not silent.answered
    passing = await deliver(kind, payload, Gateway(refusal(retryable=True)))
    assert isinstance(passing, Again)
    assert passing.answered
    assert isinstance(await deliver(kind, payload, Gateway(refusal(retryable=False))), ToPerson)


async def test_journal_lines_are_sent_under_the_key_of_their_entry():
    gateway = Gateway(None)
    payload = (
        b'{"events": [{"number": 7, "at": "2026-11-22T09:05:00Z", "name": "journey.ended", "data": {}}]}'
    )
    assert isinstance(await deliver(EVENTS, payload, gateway), Delivered)
    assert gateway.taken == [("the-key", [7])]
