"""A sale at a POS: its table, what comes of it, and what a restart and silence make of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.journal import Journal
from agent.journeys.merchant import UnattendedSale
from agent.journeys.merchant_sale import (
    DEFECTS,
    EFFECTS,
    ENDINGS,
    ENDS,
    FINAL,
    INTERRUPTIBLE,
    OUTCOMES,
    RESOLVABLE,
    TABLE,
    TOLD_EVENTS,
    Ending,
    Event,
    State,
    Step,
)
from agent.journeys.sale_book import SALE_KIND, SaleBook, SaleMovedError, find, latest, unfinished
from agent.journeys.sale_record import Happened
from agent.journeys.sale_run import SaleParts
from agent.journeys.sale_runner import recover_sales, sell
from devices.interfaces import Completion, Result
from gateway.client import Refusal, Unreachable
from gateway.state_table import NoSuchRowError, advance, diagram
from gateway.transfer_contract import SaleTold
from tests.agent.fakes import NOW, SHORT, Device, problem
from tests.agent.transfer_fakes import Transfers, sale, sale_view

DOWN = Unreachable("down")


def can_happen(state):
    events = set(OUTCOMES[state]) | {Event.RESTARTED} if state in EFFECTS else set()
    if state in INTERRUPTIBLE:
        events |= {Event.CANCEL_WANTED}
    return events | ({Event.RESOLVED} if state in RESOLVABLE else set())


@pytest.mark.parametrize("state", State)
def test_what_can_happen_has_a_row_and_everything_else_raises(state):
    for event in Event:
        if event in can_happen(state):
            advance(TABLE, state, event)
        else:
            with pytest.raises(NoSuchRowError, match=f"{event} in state {state}"):
                advance(TABLE, state, event)


def test_every_word_of_the_gateway_is_an_event_and_every_end_is_told():
    assert set(TOLD_EVENTS) == set(SaleTold)
    ending = {event for (state, event), row in TABLE.items() if row.next in ENDS and state not in ENDS}
    assert ending == set(ENDINGS)


def test_only_the_gateways_own_word_says_paid():
    paid = {event for event, ending in ENDINGS.items() if ending in {Ending.PAID, Ending.PAID_LATE}}
    assert paid == {TOLD_EVENTS[SaleTold.PAID], TOLD_EVENTS[SaleTold.PAID_LATE]}


def test_whatever_is_in_doubt_is_asked_about_later_and_nothing_else_is():
    for (state, event), row in TABLE.items():
        if row.next in ENDS and state not in ENDS:
            assert (Step.ASK_LATER in row.steps) == (ENDINGS[event] is Ending.DOUBTFUL), event


def test_a_defect_of_ours_has_a_row_in_its_state_and_never_says_paid():
    for state, event in DEFECTS.items():
        assert (state, event) in TABLE
        assert ENDINGS.get(event) not in {Ending.PAID, Ending.PAID_LATE}


def test_cancel_is_not_heard_once_an_order_has_come():
    assert State.BEING_PAID not in INTERRUPTIBLE


def test_the_diagram_shows_the_way_to_a_sale():
    assert "OPENING --> SHOWING : LINK_OPEN" in diagram(TABLE)
    assert {state for state in State if not any(before is state for before, _ in TABLE)} == {State.CLOSED}
    assert {State.SLIP_DONE, State.CLOSED} == FINAL


# Lived over the terminal's real store.


class Sold:
    def __init__(self, spool, *, device=None, now=lambda: NOW, timers=SHORT, **answers):
        self.spool = spool
        self.transfers = Transfers(**answers)
        self.device = device or Device()
        self.seen = []
        self.merchant = UnattendedSale(self.seen.append, cancelled=asyncio.Event())
        self.book = SaleBook(spool, Journal(spool, batch_seconds=0))
        self.parts = SaleParts(self.transfers, self.device, self.book, lambda _: b"slip", now, timers)

    async def __call__(self, **changes):
        begun = sale(**changes)
        await self.book.begin(begun)
        return await sell(begun, self.parts, self.merchant)

    @property
    def states(self):
        return [it.state for it in self.seen]


async def test_a_sale_shows_its_link_says_paid_when_it_is_final_and_prints_the_slip(spool):
    sold = Sold(spool)
    end = await sold(purpose="Сыр", merchant_order="A-17")
    assert (end.ending, end.outcome, end.slip_number) == (Ending.PAID, Ending.PAID, "000001")
    assert sold.states == [*(State.OPENING, State.SHOWING, State.BEING_PAID), State.ENDED, State.SLIP_DONE]
    assert sold.transfers.requests[0].purpose == "Сыр"
    assert sold.seen[1].view.link.startswith("https://")
    assert sold.device.calls == ["print_receipt"]
    assert await spool.read(latest_one) == end


def latest_one(tx):
    [only] = latest(tx, 9)
    return only


async def test_the_sale_is_in_the_store_before_the_gateway_hears_of_it(spool):
    sold = Sold(spool)
    put = sold.transfers.put_sale
    stored = []

    async def watching(sale_id, request):
        stored.append(await spool.read(lambda tx: find(tx, sale_id)))
        return await put(sale_id, request)

    sold.transfers.put_sale = watching
    await sold()
    assert [it.state for it in stored] == [State.OPENING]


@pytest.mark.parametrize(
    ("told", "state", "ending"),
    [
        (SaleTold.EXPIRED, State.CLOSED, Ending.EXPIRED),
        (SaleTold.REFUSED, State.CLOSED, Ending.REFUSED),
        (SaleTold.CANCELLED, State.CLOSED, Ending.CANCELLED),
        (SaleTold.DOUBTFUL, State.SLIP_DONE, Ending.DOUBTFUL),
        (SaleTold.PAID_LATE, State.SLIP_DONE, Ending.PAID_LATE),
    ],
)
async def test_each_word_of_the_gateway_has_its_ending(spool, told, state, ending):
    sold = Sold(spool, get_sale=[sale_view(told)])
    end = await sold()
    assert (end.state, end.ending) == (state, ending)
    assert bool(sold.device.calls) == (state is State.SLIP_DONE), "there is a slip for what has one"


async def test_a_rejected_order_shows_the_link_again(spool):
    words = (SaleTold.BEING_PAID, SaleTold.WAITING, SaleTold.BEING_PAID, SaleTold.PAID)
    sold = Sold(spool, get_sale=[sale_view(told) for told in words])
    assert (await sold()).ending is Ending.PAID
    assert sold.states[1:5] == [State.SHOWING, State.BEING_PAID, State.SHOWING, State.BEING_PAID]


async def test_cancel_closes_the_link(spool):
    sold = Sold(spool, get_sale=[sale_view(SaleTold.WAITING)])
    sold.merchant = UnattendedSale(cancelled=asyncio.Event())
    sold.merchant._cancelled.set()
    end = await sold()
    assert (end.state, end.ending) == (State.CLOSED, Ending.CANCELLED)


async def test_cancel_comes_too_late_for_an_order_that_has_come(spool):
    sold = Sold(
        spool,
        put_sale=[sale_view(SaleTold.WAITING)],
        get_sale=[sale_view(SaleTold.WAITING), sale_view(SaleTold.PAID)],
        cancel_sale=[sale_view(SaleTold.BEING_PAID)],
    )
    sold.merchant = UnattendedSale(sold.seen.append)
    sold.merchant._cancelled.set()
    assert (await sold()).ending is Ending.PAID
    assert State.BEING_PAID in sold.states


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(Refusal(problem("transfers_off")), "transfers_off"), (DOWN, "gateway.unreachable")],
)
async def test_without_a_link_there_is_no_sale(spool, answer, reason):
    end = await Sold(spool, put_sale=[answer])()
    assert (end.state, end.ending, end.reason) == (State.CLOSED, Ending.OUT_OF_SERVICE, reason)


async def test_a_put_without_an_answer_is_repeated_with_the_same_id(spool):
    sold = Sold(spool, put_sale=[DOWN, sale_view(SaleTold.WAITING)])
    assert (await sold()).ending is Ending.PAID
    assert sold.transfers.calls[:2] == ["put_sale", "put_sale"]


async def test_silence_while_an_order_is_being_paid_is_a_doubt_and_is_asked_about_later(spool):
    sold = Sold(spool, get_sale=[sale_view(SaleTold.BEING_PAID), DOWN])
    end = await sold()
    assert (end.ending, end.slip_number) == (Ending.DOUBTFUL, "000001")
    assert await spool.read(lambda tx: list(tx.execute("SELECT kind FROM entry"))) == [(SALE_KIND,)]


async def test_a_link_that_is_shown_is_not_given_up_in_silence_before_it_expires(spool):
    times = iter([*(NOW,) * 3])
    late = NOW + timedelta(hours=1)
    timers = replace(SHORT, told_seconds=0.0)
    sold = Sold(
        spool, get_sale=[DOWN] * 3 + [sale_view(SaleTold.PAID)], now=lambda: next(times), timers=timers
    )
    assert (await sold()).ending is Ending.PAID
    given_up = Sold(spool, get_sale=[DOWN], now=lambda: late, timers=timers)
    assert (await given_up(sale_id="another")).ending is Ending.DOUBTFUL


async def test_a_slip_that_is_not_printed_changes_no_ending(spool):
    sold = Sold(spool, device=Device(print_receipt=Result(Completion.HARDWARE_ERROR, error="paperOut")))
    end = await sold()
    assert (end.ending, end.slip_printed) == (Ending.PAID, False)


async def test_a_defect_in_a_page_or_an_effect_stops_no_sale(spool):
    sold = Sold(spool, get_sale=[ValueError("a fault of ours")])
    sold.merchant = UnattendedSale(lambda _: 1 / 0)
    assert (await sold()).ending is Ending.DOUBTFUL


# What a restart finds.


@pytest.mark.parametrize("told", [SaleTold.CANCELLED, SaleTold.PAID, SaleTold.EXPIRED])
async def test_after_a_restart_a_link_that_nobody_looks_at_is_cancelled_or_what_was_paid_is_told(spool, told):
    sold = Sold(spool, cancel_sale=[sale_view(told)])
    await sold.book.begin(sale())
    await sold.book.move(sale(), Happened(Event.LINK_OPEN, {"view": sale_view(SaleTold.WAITING)}))
    [end] = await recover_sales(spool, sold.parts, sold.merchant)
    assert end.ending == Ending(told)
    assert sold.device.calls == [], "nothing prints until asked"
    assert await spool.read(unfinished) == []


async def test_a_sale_that_the_gateway_never_heard_of_is_over_after_a_restart(spool):
    sold = Sold(spool, cancel_sale=[Refusal(problem("sale_not_found"))])
    await sold.book.begin(sale())
    [end] = await recover_sales(spool, sold.parts, sold.merchant)
    assert (end.state, end.ending) == (State.CLOSED, Ending.OUT_OF_SERVICE)


async def test_a_shown_sale_that_the_gateway_has_forgotten_is_a_doubt(spool):
    sold = Sold(spool, cancel_sale=[Refusal(problem("sale_not_found"))])
    await sold.book.begin(sale())
    await sold.book.move(sale(), Happened(Event.LINK_OPEN, {"view": sale_view(SaleTold.WAITING)}))
    [end] = await recover_sales(spool, sold.parts, sold.merchant)
    assert end.ending is Ending.DOUBTFUL


async def test_an_order_that_had_come_is_followed_after_a_restart(spool):
    sold = Sold(spool, get_sale=[sale_view(SaleTold.PAID)])
    await sold.book.begin(sale())
    await sold.book.move(sale(), Happened(Event.ORDER_CAME, {"view": sale_view(SaleTold.BEING_PAID)}))
    [end] = await recover_sales(spool, sold.parts, sold.merchant)
    assert (end.ending, sold.transfers.calls) == (Ending.PAID, ["get_sale"])


async def test_what_was_in_doubt_and_is_paid_after_all_was_paid_late(spool):
    sold = Sold(spool, get_sale=[sale_view(SaleTold.DOUBTFUL)])
    end = await sold()
    await spool.write(lambda tx: sold.book.resolved(tx, sale_view(SaleTold.PAID)))
    kept = await spool.read(lambda tx: find(tx, end.slip_number))
    assert (kept.ending, kept.outcome) == (Ending.DOUBTFUL, Ending.PAID_LATE)


async def test_a_move_from_a_state_that_is_over_changes_nothing(spool):
    sold = Sold(spool)
    await sold()
    with pytest.raises(SaleMovedError):
        await sold.book.move(sale(), Happened(Event.EXPIRED))
