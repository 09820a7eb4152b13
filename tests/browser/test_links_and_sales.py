"""A customer who types a link, and a merchant whose code is paid, in a real Chromium before the screen's own server.

The gateway's calls are fakes of their port; the sale is kept in the terminal's real store. The whole chain is
`tolem demo --pay-link`.
"""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import expect

from agent.kiosk.server import Pages
from agent.kiosk.wording import Wording
from agent.migrations import ROOMS
from gateway.transfer_contract import SaleTold
from spool import Spool
from tests.agent.fakes import NOW
from tests.agent.kiosk.scenes import FACTS
from tests.agent.kiosk.test_links_and_sales import Seller
from tests.agent.transfer_fakes import LINK_ID, sale_view

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.processes]


class Stall:
    """A terminal's screen that is served, and a page that shows it."""

    def __init__(self, page, seller):
        self.page = page
        self.seller = seller

    async def sees(self, name):
        await self.page.wait_for_selector(f'main[data-screen="{name}"]')

    async def press(self, action):
        await self.page.click(f'[data-action="{action}"]')


@pytest_asyncio.fixture(loop_scope="session")
async def stall(browser, tmp_path):
    opened, origins = [], set()
    spool = await Spool.open(
        tmp_path / "agent.db", rooms=ROOMS, now=lambda: NOW, random=Random(1), threaded=False
    )
    async with spool:

        async def open_(**answers):
            seller = Seller(spool, **answers)
            pages = Pages(seller.attendant, Wording(FACTS), no_picture, framed_by=None)
            runner = web.AppRunner(pages.application(lambda: frozenset(origins)))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            origins.add(f"http://{host}:{port}")
            context = await browser.new_context(viewport={"width": 480, "height": 800})
            page = await context.new_page()
            opened.append((seller, pages, runner, context))
            await page.goto(f"http://{host}:{port}/")
            return Stall(page, seller)

        yield open_
        for seller, pages, runner, context in opened:
            await seller.attendant.close(grace_seconds=0.1)
            pages.closing.set()
            await context.close()
            await runner.cleanup()


async def no_picture():
    return None


async def test_a_link_is_typed_with_its_capitals_and_who_is_paid_is_seen_before_anything_is_paid(stall):
    at = await stall()
    await at.press("language")
    await at.sees("groups")
    await at.press("link")
    await at.sees("link")
    await at.page.click('[data-show="next"]')  # from small letters to capitals
    for sign in LINK_ID[:3]:
        await at.page.click(f'.key[data-type="{sign}"]')
    await expect(at.page.locator("#typed")).to_have_value(LINK_ID[:3])
    await at.page.keyboard.type(LINK_ID[3:])
    await expect(at.page.locator("#typed")).to_have_value(LINK_ID)
    await at.press("enter")
    await at.sees("link_review")
    await expect(at.page.locator("main")).to_contain_text("ЖШС «Алма»")
    assert at.seller.transfers.calls == ["resolve_link"]
    await at.press("agree")
    await at.sees("paid")


async def test_a_merchants_code_is_shown_with_the_time_that_is_left_until_it_is_paid(stall):
    until = datetime.now(UTC) + timedelta(minutes=20)
    waiting = sale_view(SaleTold.WAITING, expires_at=until)
    at = await stall(put_sale=[waiting], get_sale=[waiting])
    await at.press("language")
    await at.press("sell")
    await at.sees("sale_amount")
    await at.page.keyboard.type("1500")
    await at.press("enter")
    await at.sees("sale_link")
    await expect(at.page.locator(".qr svg path").last).to_be_visible()
    await expect(at.page.locator(".countdown")).to_contain_text("19:")
    at.seller.transfers.answers["get_sale"] = [sale_view(SaleTold.PAID)]
    await at.sees("sale_paid")
    await at.press("sell")
    await at.sees("sale_amount")
