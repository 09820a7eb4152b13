"""Every screen in every language at every size: nothing outside, cut or overlapping, and axe has no objection."""

import re
from importlib.resources import files

import pytest

from agent.kiosk.screens import SCREENS, screen
from agent.kiosk.wording import Wording
from tests.agent.kiosk.scenes import FACTS, every

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.processes, pytest.mark.timeout(240)]

OTHER_TIMERS = {
    "take_card_seconds": 60.0,
    "in_processing_seconds": 20.0,
    "receipt_seconds": 30.0,
}  # time to look
PHONE = "7011234567"
PICTURE = files("agent.kiosk") / "static" / "icon.svg"  # for the receipt of a payment that never was
ELSEWHERE = {"more_time": "test_nobody_there"}
TOO_SHORT = (
    "card_left",
    "receipt_wanted",
    "printing",
    "reading_card",
    "mine_looking",
    "mine_printing",
    "starting",
)


class Tour:
    """Walks from screen to screen and looks at each once."""

    def __init__(self, person, language):
        self.person = person
        self.language = language
        self.looked = set()
        self.wrong = []

    async def see(self, name, called=None):
        await self.person.sees(name)
        if (called or name) not in self.looked:
            self.looked.add(called or name)
            axe = self.language == "en" or "fault" in (called or "")
            self.wrong += await self.person.looks(called, axe=axe)

    async def again(self):
        await self.person.press("again")
        await self.person.sees("welcome")
        await self.person.press("language", self.language)
        await self.person.sees("groups")

    async def to_review(self, account, sum_="1500"):
        await self.person.chooses("dala-mobile", account)
        await self.see("amount")
        await self.person.type(sum_)
        await self.see("review")

    async def to_pin(self, card="good"):
        await self.person.press("agree")
        await self.see("insert_card")
        await self.person.hand("insert", card=card)

    async def take(self):
        await self.see("take_card")
        await self.person.takes_card()


async def choosing(tour):
    person = tour.person
    await person.page.goto(person.ground.kiosk_url)
    await tour.see("welcome")
    await person.press("language", tour.language)
    await tour.see("groups")
    await person.press("search")
    await tour.see("search")
    await person.type("a")
    await tour.see("search", "search-found")
    await person.press("back")
    await person.sees("groups")
    await person.press("group", "internet-tv")
    await person.sees("providers")
    await person.press("provider", "samal")
    await tour.see("products")
    await person.press("back")
    await person.sees("providers")
    await person.press("back")
    await person.sees("groups")
    await person.press("group", "utilities")
    await tour.see("providers")
    await person.press("product", "uy-qamqor")
    await tour.see("requisite", "requisite-letters")
    await person.press("back")
    await person.sees("providers")
    await person.press("product", "qala-jaryq")
    await tour.see("requisite")
    await person.type("12")
    await person.page.wait_for_selector("#fault")
    await tour.see("requisite", "requisite-fault")
    await person.press("back")
    await person.sees("providers")
    await person.press("product", "jyly-uy")
    await person.sees("requisite", "choice")
    if not await person.page.is_visible('main[data-screen="choice"]'):
        await person.type("550812630")
    await tour.see("choice")
    await person.press("again")
    await person.sees("welcome")


async def mine(tour):
    person = tour.person
    await person.sees("welcome")
    await person.press("language", tour.language)
    await person.sees("groups")
    await person.press("mine")
    await tour.see("mine_number")
    await person.type("000099")
    await tour.see("mine_card")
    await person.type("0000")
    await tour.see("mine_not_found")
    await tour.again()


async def paid(tour):
    person = tour.person
    await person.trouble("delay", "bank_payment", delay_seconds=5.0)
    await tour.to_review(PHONE)
    await tour.to_pin("two_applications")
    await tour.see("application")
    await person.press("application", "0")
    await tour.see("pin")
    await person.enters("1234")
    await tour.see("paying")
    await tour.take()
    await tour.see("paid")
    await tour.again()


async def found(tour):
    person = tour.person
    [paid] = [item async for item in person.ground.stage.terminals[0].call("journeys.list", {"limit": 1})]
    await person.press("mine")
    await person.sees("mine_number")
    await person.type(paid["view"]["rrn"])
    await person.sees("mine_card")
    await person.type(paid["masked_pan"][-4:])
    await tour.see("mine_found")
    await tour.again()


async def other_endings(tour):
    person = tour.person
    await person.trouble("delay", "bank_account", delay_seconds=2.0)
    await person.chooses("dala-mobile", "7015900005")
    await tour.see("checking")
    await tour.see("refused")
    await tour.again()
    await person.trouble("silence", "reversal")
    for account, ending in (("7015911005", "being_unblocked"), ("7015933090", "in_processing")):
        await tour.to_review(account)
        await tour.to_pin()
        await person.sees("pin")
        await person.enters("1234")
        await tour.take()
        await tour.see(ending)
        await tour.again()
    await tour.to_review(PHONE)
    await person.press("cancel")
    await tour.see("cancelled")
    await tour.again()


async def what_is_missing(tour):
    person = tour.person
    await person.trouble("silence", "bank_account")
    await person.chooses("dala-mobile", PHONE)
    await tour.see("unavailable")
    await person.sandbox("/faults", {})
    await tour.again()
    await person.hand("printer", roll="out")
    await tour.to_review(PHONE)
    await person.press("agree")
    await tour.see("no_paper")
    await person.press("without_receipt", "no")
    await person.sees("cancelled", "unavailable")
    await person.press("again")
    await person.sees("welcome")
    await person.hand("printer", roll="full")
    await person.hand("reader", plugged=False)
    await tour.see("out_of_service")


PARTS = (choosing, mine, paid, found, other_endings, what_is_missing)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_nothing_is_outside_cut_or_overlapping_and_axe_is_content(person, language):
    tour = Tour(person, language)
    for part in PARTS:
        await part(tour)
    assert tour.wrong == []
    assert SCREENS.keys() - tour.looked == {*ELSEWHERE, *TOO_SHORT}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_what_is_over_too_soon_to_be_walked_to_is_well_to_read(person, language):
    """Our server's own page, with another scene's screen in it and without the stream that would replace it."""
    tour = Tour(person, language)
    wording, scenes = Wording(FACTS), every(language)
    pages = {name: wording.page(screen(scenes[name])) for name in TOO_SHORT}

    async def answer(route):
        asked = await route.fetch()
        name = route.request.url.partition("?")[2]
        await route.fulfill(response=asked, body=pages[name].replace(' sse-connect="/events"', ""))

    async def receipt(route):
        await route.fulfill(path=PICTURE, content_type="image/svg+xml")

    await person.page.route(re.compile(r"/\?\w+$"), answer)
    await person.page.route(re.compile(r"/receipt\.png"), receipt)
    for name in TOO_SHORT:
        await person.page.goto(f"{person.ground.kiosk_url}/?{name}")
        await tour.see(name)
    assert tour.wrong == []
    await person.page.unroute_all()
    await person.page.goto(person.ground.kiosk_url)


@pytest.mark.parametrize("mode", ["lower", "larger", "contrast"])
async def test_each_way_to_look_at_it_is_well_to_read(person, mode):
    tour = Tour(person, "en")
    await person.page.goto(person.ground.kiosk_url)
    await person.sees("welcome")
    await person.press("mode", mode)
    await person.page.wait_for_selector(f"main.{mode}")
    await tour.see("welcome", f"welcome-{mode}")
    await person.press("language", "en")
    await tour.see("groups", f"groups-{mode}")
    await person.chooses("dala-mobile")
    await tour.see("requisite", f"requisite-{mode}")
    await person.type(PHONE)
    await person.sees("amount")
    await person.type("1500")
    await tour.see("review", f"review-{mode}")
    assert tour.wrong == []
