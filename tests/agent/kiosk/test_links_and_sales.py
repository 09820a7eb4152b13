"""A person who pays a shop by its link, and a merchant who sells by one, at the screen."""

import asyncio

import pytest

from agent.journal import Journal
from agent.journeys.merchant_sale import State as SaleState
from agent.journeys.sale_book import SaleBook
from agent.journeys.sale_run import SaleParts
from agent.journeys.sale_runner import sell
from agent.kiosk.attendant import Attendant
from agent.kiosk.desk import Desk, TransferDesk
from agent.kiosk.screens import screen
from agent.kiosk.session import Stage
from agent.kiosk.wording import Wording
from agent.orders import OrderError, Serves, begun_by_link, begun_sale
from agent.terminal import TerminalStopsError
from gateway.transfer_contract import LinkRefused, SaleTold
from tests.agent.fakes import NOW, PAYMENT_ID, SHORT, Device, Gateway, Lived
from tests.agent.kiosk import scenes
from tests.agent.kiosk.person import At
from tests.agent.kiosk.transfer_scenes import EVERYTHING
from tests.agent.transfer_fakes import LINK, Transfers, sale_view

BILL = "0117204817365800152300"


class Seller(At):
    """As `At`, at a terminal that serves links and sales too; its sales are in the terminal's real store."""

    def __init__(self, spool, *, services=EVERYTHING, raises=None, **answers):
        super().__init__()
        self.transfers = Transfers(**answers)
        self.device = Device()
        self.links, self.copies, self.raises = [], [], raises
        self._spool = spool
        book = SaleBook(spool, Journal(spool, batch_seconds=0))
        self.parts = SaleParts(self.transfers, self.device, book, lambda _: b"slip", lambda: NOW, SHORT)
        transfers = TransferDesk(services, self._pay_link, self._sell, self._sales, self._copy)
        desk = Desk(self._pay, self._obstacles, self._catalogue, self._shortcuts, self.earlier, transfers)
        self.attendant = Attendant(desk, facts=scenes.FACTS, languages=scenes.LANGUAGES, life="life")
        self.attendant.look(obstacles=(), catalogue=scenes.CATALOGUE, shortcuts=())

    async def _pay_link(self, order, customer):
        self.links.append(order.link)
        if self.raises is not None:
            raise self.raises
        start = begun_by_link(order, journey_id="l1", at=NOW)
        return await Lived(gateway=Gateway(transfers=self.transfers), start=start, customer=customer)()

    async def _sell(self, wish, merchant):
        if self.raises is not None:
            raise self.raises
        sale = begun_sale(wish, sale_id=PAYMENT_ID, at=NOW)
        await self.parts.book.begin(sale)
        self.sale = await sell(sale, self.parts, merchant)
        return self.sale

    async def _sales(self):
        return [self.sale]

    async def _copy(self, sale):
        self.copies.append(sale.slip_number)
        return True

    def to_menu(self):
        self.press("language", "ru")
        assert self.name == "groups"

    def to_sum(self):
        self.to_menu()
        self.press("sell")
        assert self.name == "sale_amount"


@pytest.fixture
async def selling(spool):
    opened = []

    def open_(**facts):
        opened.append(Seller(spool, **facts))
        return opened[-1]

    yield open_
    for at in opened:
        await at.attendant.close(grace_seconds=0.1)


async def test_a_scanned_code_is_asked_about_and_nothing_is_paid_before_the_person_agrees(selling):
    at = selling()
    at.to_menu()
    at.attendant.scan(LINK)
    assert at.name == "link_checking"
    await at.shows("link_review")
    assert at.transfers.calls == ["resolve_link"]
    at.press("agree")
    await at.shows("paid")
    assert at.links == [LINK]
    at.press("another")
    assert (at.name, at.attendant.scene.journey) == ("groups", None)


async def test_a_typed_link_is_what_a_scanned_one_is_and_nothing_typed_is_no_link(selling):
    at = selling()
    at.to_menu()
    at.press("link")
    at.press("enter", "   ")
    assert (at.name, at.attendant.screen.context["fault"]) == ("link", "missing")
    at.press("enter", LINK)
    await at.shows("link_review")
    at.press("cancel")
    await at.shows("cancelled")


async def test_a_code_held_before_the_scanner_of_the_link_screen_is_a_link_whatever_it_says(selling):
    at = selling(offer=LinkRefused(reason="link.unreadable"))
    at.to_menu()
    at.press("link")
    at.attendant.scan(BILL)
    await at.shows("refused")
    assert at.links == [BILL]


async def test_a_bill_scanned_at_the_menu_is_still_a_bill(selling):
    at = selling()
    at.to_menu()
    at.attendant.scan(BILL)
    assert (at.name, at.links) == ("requisite", [])


async def test_what_a_terminal_does_not_serve_has_no_button_and_no_press(selling):
    at = selling(services=frozenset({Serves.BILLS}))
    at.to_menu()
    for action in ("link", "sell", "sales"):
        at.press(action)
        assert at.name == "groups"
    at.attendant.scan(LINK)
    assert at.name == "groups"


@pytest.mark.parametrize("raises", [OrderError("no"), TerminalStopsError()])
async def test_what_could_not_begin_says_so(selling, raises):
    at = selling(raises=raises)
    at.to_menu()
    at.attendant.scan(LINK)
    await at.shows("unavailable")


async def test_a_merchant_sells_from_the_sum_to_the_slip(selling):
    at = selling()
    at.to_sum()
    at.press("enter", "1500")
    await at.shows("sale_paid")
    assert (at.sale.amount.amount_minor, at.device.calls) == (150_000, ["print_receipt"])
    at.press("sell")
    assert (at.name, at.attendant.scene.sale) == ("sale_amount", None)
    assert at.attendant.scene.session.language == "ru"


async def test_no_sum_is_no_sale(selling):
    at = selling()
    at.to_sum()
    at.press("enter", "0")
    assert (at.name, at.attendant.screen.context["fault"]) == ("sale_amount", "characters")


async def test_the_code_stays_until_it_is_cancelled_and_nobody_else_can_press_anything(selling):
    at = selling(get_sale=[sale_view(SaleTold.WAITING)])
    at.to_sum()
    at.press("enter", "1500")
    await at.shows("sale_link")
    at.press("again")
    assert at.attendant.scene.session.stage is Stage.SELLING
    assert "<svg" in Wording(scenes.FACTS).screen(at.attendant.screen)
    at.press("cancel")
    await at.shows("sale_closed")
    assert at.transfers.calls[-1] == "cancel_sale"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (SaleTold.EXPIRED, "sale_closed"),
        (SaleTold.REFUSED, "sale_closed"),
        (SaleTold.DOUBTFUL, "sale_doubtful"),
        (SaleTold.PAID_LATE, "sale_paid"),
    ],
)
async def test_each_ending_of_a_sale_has_its_screen(selling, told, name):
    at = selling(get_sale=[sale_view(told)])
    at.to_sum()
    at.press("enter", "1500")
    await at.shows(name)


async def test_the_last_sales_are_listed_and_a_slip_is_printed_again(selling):
    at = selling()
    at.to_sum()
    at.press("enter", "1500")
    await at.shows("sale_paid")
    at.press("again")
    at.to_menu()
    at.press("sales")
    async with asyncio.timeout(10):
        while at.attendant.scene.session.sales is None:
            await at.attendant.change(at.attendant.scene.seq)
    at.press("slip", at.sale.slip_number)
    async with asyncio.timeout(10):
        while at.attendant.scene.session.copy_printed is None:
            await at.attendant.change(at.attendant.scene.seq)
    assert (at.name, at.copies) == ("sales", ["000001"])
    at.press("slip", "999999")
    assert at.copies == ["000001"]


async def test_a_sale_of_which_the_store_lost_the_end_is_never_called_unpaid():
    for state in (SaleState.SHOWING, SaleState.BEING_PAID, SaleState.CANCELLING):
        lost = scenes.every("ru")["sale_link"].sale.model_copy(update={"state": state})
        scene = scenes.scene(Stage.SALE_OVER, sale=lost)
        assert screen(scene).name == "sale_doubtful"
