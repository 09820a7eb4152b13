from datetime import UTC, datetime

import pytest

from agent.journal import Journal, latest
from agent.journeys import bill_store
from agent.journeys.bill import Ending, Event, State
from agent.journeys.bill_book import BillBook
from agent.journeys.bill_record import Journey
from agent.journeys.bill_store import JourneyMovedError
from agent.journeys.card_record import Happened
from agent.masked_pan import MaskedPan
from gateway.contract import Money, NeverReceived, PaymentView, Requisite, Told
from gateway.identifiers import is_payment_id
from gateway.state_table import NoSuchRowError
from spool import last_number

NOW = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)


def journey(state=State.STARTED, **changes):
    facts = {
        "journey_id": "j1",
        "language": "ru",
        "product": "beeline-kz",
        "product_name": "Beeline",
        "requisites": [Requisite(code="account", value="7011234567")],
        "requisite_names": {"account": "Телефон"},
        "state": state,
        "started_at": NOW,
        "changed_at": NOW,
    }
    return Journey(**{**facts, **changes})


def view(payment_id, told=Told.PAID, state="PAID"):
    zero = Money(amount_minor=0)
    return PaymentView(
        payment_id=payment_id,
        terminal="ATM00017",
        state=state,
        told=told,
        product="beeline-kz",
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


@pytest.fixture
def journal(spool):
    return Journal(spool, batch_seconds=0)


@pytest.fixture
def observed():
    return []


@pytest.fixture
def book(spool, journal, observed):
    return BillBook(spool, journal, bytes, [observed.append])


async def sent(book):
    """A journey that has just been committed to SENDING."""
    begun = journey()
    await book.begin(begun)
    now = begun
    for event in (
        Event.OFFER_MADE,
        Event.CONSENT_GIVEN,
        Event.CARD_INSERTED,
        Event.APPLICATION_OPENED,
        Event.PIN_ENTERED,
        Event.CRYPTOGRAM_MADE,
    ):
        now = await book.move(now, Happened(event))
    return now


async def stored(spool, identifier):
    return await spool.read(lambda tx: bill_store.find(tx, identifier))


async def entries(spool):
    return await spool.read(lambda tx: list(tx.execute("SELECT kind, key FROM entry ORDER BY id")))


async def test_what_is_committed_can_be_read_back_whole(spool, book):
    begun = journey(masked_pan=MaskedPan.of("9999990000000018"))
    await book.begin(begun)
    assert await stored(spool, "j1") == begun
    after = await book.move(begun, Happened.because(Event.CHECK_REFUSED, "eport.5", "не найден"))
    assert await stored(spool, "j1") == after
    assert (after.ending, after.reason, after.comment) == (Ending.NOTHING_TAKEN, "eport.5", "не найден")


async def test_sending_commits_the_payment_id_and_the_receipt_number(spool, book):
    sending = await sent(book)
    assert sending.state is State.SENDING
    assert is_payment_id(sending.payment_id)
    assert (sending.receipt_number, sending.sent_at) == ("000001", NOW)
    for identifier in (sending.payment_id, "000001"):
        assert await stored(spool, identifier) == sending


async def test_an_unsettled_ending_spools_its_question_once(spool, book):
    sending = await sent(book)
    await book.move(sending, Happened(Event.TIME_IS_UP))
    assert await entries(spool) == [("gateway.resolve", f"resolve-{sending.payment_id}")]


async def test_a_settled_ending_spools_nothing(spool, book):
    sending = await sent(book)
    await book.move(sending, Happened(Event.PAID, {"view": view(sending.payment_id)}))
    assert not await entries(spool)


async def test_a_move_that_is_not_in_the_table_changes_nothing(spool, book):
    sending = await sent(book)
    with pytest.raises(NoSuchRowError):
        await book.move(sending, Happened(Event.CANCELLED))
    assert await stored(spool, "j1") == sending


async def test_a_move_from_a_state_that_is_over_changes_nothing(spool, book):
    begun = journey()
    await book.begin(begun)
    offered = await book.move(begun, Happened(Event.OFFER_MADE))
    with pytest.raises(JourneyMovedError):
        await book.move(begun, Happened(Event.CANCELLED))
    assert await stored(spool, "j1") == offered


async def test_the_store_itself_refuses_sending_without_an_identifier(spool):
    with pytest.raises(Exception, match="CHECK constraint failed"):
        await spool.write(lambda tx: bill_store.insert(tx, journey(State.SENDING)))


async def test_unfinished_journeys_are_found_and_finished_ones_are_not(spool, book):
    sending = await sent(book)
    other = journey(journey_id="j2")
    await book.begin(other)
    await book.move(other, Happened(Event.CANCELLED))
    assert await spool.read(bill_store.unfinished) == [sending]
    assert [found.journey_id for found in await spool.read(lambda tx: bill_store.latest(tx, 9))] == [
        "j2",
        "j1",
    ]


async def test_a_late_answer_changes_the_outcome_and_not_what_the_customer_was_told(spool, book):
    sending = await sent(book)
    await book.move(sending, Happened(Event.TIME_IS_UP))
    answer = view(sending.payment_id)
    await spool.write(lambda tx: book.resolved(tx, sending.payment_id, answer))
    late = await stored(spool, "j1")
    assert (late.state, late.ending, late.outcome) == (State.ENDED, Ending.IN_PROCESSING, Ending.PAID)


async def test_a_late_answer_that_comes_between_two_steps_is_kept(spool, book):
    """Found by a campaign: the runner's next move wrote its own older copy over the answer."""
    ended = await book.move(await sent(book), Happened(Event.TIME_IS_UP))
    never = NeverReceived(payment_id=ended.payment_id)
    await spool.write(lambda tx: book.resolved(tx, ended.payment_id, never))
    await book.move(ended, Happened(Event.RECEIPT_PRINTED, {"receipt_printed": True}))
    assert (await stored(spool, "j1")).outcome is Ending.NOTHING_TAKEN


async def test_a_late_never_received_says_that_nothing_was_taken(spool, book):
    sending = await sent(book)
    await book.move(sending, Happened(Event.TIME_IS_UP))
    never = NeverReceived(payment_id=sending.payment_id)
    await spool.write(lambda tx: book.resolved(tx, sending.payment_id, never))
    assert (await stored(spool, "j1")).outcome is Ending.NOTHING_TAKEN


async def test_a_late_answer_about_a_journey_that_is_still_asking_changes_nothing(spool, book):
    asking = await book.move(await sent(book), Happened(Event.UNANSWERED))
    answer = view(asking.payment_id)
    await spool.write(lambda tx: book.resolved(tx, asking.payment_id, answer))
    assert await stored(spool, "j1") == asking


async def test_every_move_has_its_journal_line_and_its_observer(spool, book, observed):
    await sent(book)
    lines = await spool.read(lambda tx: latest(tx, 100))
    names = [line.name for line in reversed(lines)]
    assert names[0] == "journey.started"
    assert names[-1] == "journey.sending"
    assert [f"journey.{record.state.lower()}" for record in observed] == names
    assert [line.number for line in reversed(lines)] == list(range(1, 8))


async def test_an_undone_move_leaves_no_line_and_no_gap(spool, book, journal):
    await book.begin(journey())

    def fails(tx):
        journal.write(tx, "journey.doomed", {})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await spool.write(fails)
    assert await spool.read(lambda tx: last_number(tx, "journal")) == 1


async def test_the_journal_is_handed_over_in_batches_and_once(spool, journal):
    def write(tx):
        for _ in range(501):
            journal.write(tx, "device.status", {"device": "printer"})

    await spool.write(write)
    await journal.hand_over()
    await journal.hand_over()
    assert await entries(spool) == [("gateway.events", "events-1-500"), ("gateway.events", "events-501-501")]
