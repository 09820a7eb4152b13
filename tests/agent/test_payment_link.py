"""A shop is paid by its link: the ways in which it differs from a bill, and those in which it must not."""

from types import SimpleNamespace

import pytest

from agent.earlier_payments import EarlierPayments
from agent.journal import Journal
from agent.journeys import bill, bill_store, payment_link
from agent.journeys.bill import EFFECTS, INTERRUPTIBLE, RESOLVABLE, Ending, Event, State, Step
from agent.journeys.bill_book import RESOLVE_ORDER_KIND, BillBook
from agent.journeys.card_record import Happened
from agent.journeys.merchant_sale import Event as SaleEvent
from agent.journeys.sale_book import SaleBook
from agent.journeys.sale_record import Happened as SaleHappened
from agent.recovery import recover
from agent.terminal_commands import store_commands
from gateway.client import Refusal, Unreachable
from gateway.contract import Told
from gateway.state_table import NoSuchRowError, advance
from gateway.transfer_contract import LinkRefused, OrderNeverReceived, SaleTold
from spool import ControlError
from tests.agent.fakes import NOW, PAN, PAYMENT_ID, Gate, Gateway, Lived, money, problem
from tests.agent.transfer_fakes import (
    LINK,
    SETTLED,
    Transfers,
    link_journey,
    link_offer,
    order_view,
    sale,
    sale_view,
)


def lived(*, gate=None, customer=None, book=None, device=None, **answers):
    transfers = Transfers(**answers)
    return Lived(
        gateway=Gateway(transfers=transfers),
        start=link_journey(),
        gate=gate,
        customer=customer,
        book=book,
        device=device,
    )


def can_happen(state):
    events = set(payment_link.OUTCOMES[EFFECTS[state]]) | {Event.RESTARTED} if state in EFFECTS else set()
    if state in INTERRUPTIBLE:
        events |= {Event.CANCELLED, Event.WALKED_AWAY}
    return events | ({Event.RESOLVED} if state in RESOLVABLE else set())


@pytest.mark.parametrize("state", State)
def test_what_can_happen_has_a_row_and_everything_else_raises(state):
    for event in Event:
        if event in can_happen(state):
            assert advance(payment_link.TABLE, state, event) == advance(bill.TABLE, state, event)
        else:
            with pytest.raises(NoSuchRowError):
                advance(payment_link.TABLE, state, event)


async def test_a_shop_is_paid_what_its_bank_named_and_the_card_goes_back():
    it = lived()
    end = await it()
    assert (end.state, end.ending) == (State.CARD_TAKEN, Ending.PAID)
    assert it.gateway.transfers.calls == ["resolve_link", "put_order"]
    asked, order = it.gateway.transfers.requests
    assert asked.link == LINK
    assert (order.offer_id, order.total) == (link_offer().offer_id, money(150_000))
    assert order.card.track2.startswith(PAN)
    assert it.device.calls[-2:] == ["print_receipt", "release_card"]
    assert end.subject == ("ЖШС «Алма»", "Сыр и хлеб")


async def test_no_record_of_a_link_ever_holds_card_data():
    it = lived()
    await it()
    for record in it.book.records:
        assert PAN not in record.model_dump_json()


@pytest.mark.parametrize(
    ("answer", "ending", "reason"),
    [
        (LinkRefused(reason="link.used"), Ending.NOTHING_TAKEN, "link.used"),
        (LinkRefused(reason="link.foreign_host"), Ending.NOTHING_TAKEN, "link.foreign_host"),
        (Refusal(problem("transfers_off")), Ending.NOTHING_TAKEN, "transfers_off"),
        (Refusal(problem("overloaded", retryable=True)), Ending.OUT_OF_SERVICE, "overloaded"),
        (Unreachable("down"), Ending.OUT_OF_SERVICE, "gateway.unreachable"),
    ],
)
async def test_a_link_that_cannot_be_paid_ends_before_the_card(answer, ending, reason):
    it = lived(offer=answer)
    end = await it()
    assert (end.state, end.ending, end.reason) == (State.ABANDONED, ending, reason)
    assert not it.device.calls


async def test_a_terminal_that_cannot_finish_does_not_even_ask_about_the_link():
    it = lived(gate=Gate(["pin_pad.noDevice"]))
    end = await it()
    assert (end.ending, it.gateway.transfers.calls) == (Ending.OUT_OF_SERVICE, [])


async def test_details_that_are_too_old_take_no_card():
    it = lived(offer=link_offer(valid_until=NOW))
    end = await it()
    assert (end.ending, end.reason) == (Ending.NOTHING_TAKEN, "check_expired")
    assert not it.device.calls


async def test_a_lost_answer_is_asked_about_and_never_sent_twice():
    it = lived(put_order=[Unreachable("lost")], resolve_order=[order_view(Told.WAIT, "ORDERED"), SETTLED])
    end = await it()
    assert end.ending is Ending.PAID
    assert it.gateway.transfers.calls.count("put_order") == 1
    assert it.gateway.transfers.calls[2:] == ["resolve_order", "resolve_order"]


async def test_an_order_that_never_arrived_took_nothing():
    never = OrderNeverReceived(order_id=PAYMENT_ID)
    end = await lived(put_order=[Refusal(problem("offer_used"))], resolve_order=[never])()
    assert (end.ending, end.outcome, end.never_received) == (Ending.NOTHING_TAKEN, Ending.NOTHING_TAKEN, True)


async def test_an_order_without_a_final_word_ends_in_processing_and_is_asked_about_later():
    it = lived(put_order=[order_view(Told.IN_PROCESSING, "PENDING")])
    end = await it()
    assert (end.ending, it.book.steps) == (Ending.IN_PROCESSING, [Step.IDENTIFY, Step.ASK_LATER])


# Over the terminal's real store.


async def sent(book):
    now = link_journey()
    await book.begin(now)
    for event in (
        *(Event.OFFER_MADE, Event.CONSENT_GIVEN, Event.CARD_INSERTED),
        *(Event.APPLICATION_OPENED, Event.PIN_ENTERED, Event.CRYPTOGRAM_MADE),
    ):
        changes = (
            {"offer": link_offer(), "masked_pan": "999999******0018"} if event is Event.OFFER_MADE else {}
        )
        now = await book.move(now, Happened(event, changes))
    return now


@pytest.fixture
def book(spool):
    return BillBook(spool, Journal(spool, batch_seconds=0), bytes)


async def test_the_order_id_is_in_the_store_before_the_put_and_a_restart_asks_by_it(spool, book):
    sending = await sent(book)
    it = lived(book=book, resolve_order=[order_view(Told.PAID, "SETTLED", order_id=sending.payment_id)])
    [end] = await recover(spool, it.parts, it.customer)
    assert it.gateway.transfers.calls == ["resolve_order"]
    assert (end.journey_id, end.ending, end.receipt_printed) == ("l1", Ending.PAID, False)
    assert await spool.read(bill_store.unfinished) == []


async def test_a_power_cut_before_sending_abandons_it(spool, book):
    await book.begin(link_journey())
    it = lived(book=book)
    [end] = await recover(spool, it.parts, it.customer)
    assert (end.state, end.ending, it.gateway.transfers.calls) == (State.ABANDONED, Ending.CANCELLED, [])


async def test_a_question_that_is_left_is_about_an_order_and_its_answer_is_kept(spool, book):
    sending = await sent(book)
    ended = await book.move(sending, Happened(Event.TIME_IS_UP))
    (entry,) = await spool.read(lambda tx: list(tx.execute("SELECT kind FROM entry")))
    assert entry == (RESOLVE_ORDER_KIND,)
    answer = order_view(Told.PAID, "SETTLED", order_id=ended.payment_id)
    await spool.write(lambda tx: book.resolved(tx, ended.payment_id, answer))
    kept = await spool.read(lambda tx: bill_store.find(tx, ended.payment_id))
    assert (kept.ending, kept.outcome) == (Ending.IN_PROCESSING, Ending.PAID)


async def test_bills_and_links_share_one_numbering_and_a_link_is_found_by_its_number(spool, book):
    sending = await sent(book)
    await book.move(sending, Happened(Event.PAID, {"view": SETTLED}))
    found = await spool.read(lambda tx: bill_store.numbered(tx, SETTLED.rrn))
    assert (found.receipt_number, found.link) == ("000001", LINK)
    assert await spool.read(lambda tx: bill_store.latest(tx, 9)) == []  # bills alone


async def test_a_terminals_receipt_names_the_order_and_its_slip_the_sale(spool, book):
    ended = await book.move(await sent(book), Happened(Event.PAID, {"view": SETTLED}))
    sales = SaleBook(spool, Journal(spool, batch_seconds=0))
    await sales.begin(sale())
    sold = await sales.move(sale(), SaleHappened(SaleEvent.PAID, {"view": sale_view(SaleTold.PAID)}))
    show = store_commands(spool)["receipts.show"]
    assert await show({"id": ended.receipt_number}) == {"id": ended.payment_id}
    assert await show({"id": sold.slip_number}) == {"id": sold.sale_id}
    with pytest.raises(ControlError, match="printed nothing"):
        await show({"id": "999999"})


async def test_my_payment_finds_it_and_asks_the_gateway_how_the_order_stands_today(spool, book):
    now = await sent(book)
    for event in (Event.TIME_IS_UP, Event.RECEIPT_PRINTED, Event.CARD_TAKEN):
        now = await book.move(now, Happened(event))
    today = order_view(Told.PAID, "SETTLED", order_id=now.payment_id)
    it = lived(book=book, resolve_order=[today])
    assembly = SimpleNamespace(parts=it.parts, book=book, journal=Journal(spool, batch_seconds=0))
    earlier = EarlierPayments(spool, assembly)
    assert await earlier.find(now.receipt_number, "0019") is None
    found = await earlier.find(now.receipt_number, "0018")
    assert (found.ending, found.outcome, found.link) == (Ending.IN_PROCESSING, Ending.PAID, LINK)
    assert it.gateway.transfers.calls == ["resolve_order"]
