"""A walk past every screen that can be walked to, in Kazakh, whose words are the longest; what the sandbox says is real.

Each screen in each language, with what is over too soon to walk to, is looked at in test_every_screen.
"""

import pytest

from agent.kiosk.screens import SCREENS

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.processes, pytest.mark.timeout(240)]

LANGUAGE = "kk"
PHONE = "7011234567"
TOO_SHORT = {
    "card_left",
    "receipt_wanted",
    "printing",
    "reading_card",
    "mine_looking",
    "mine_printing",
    "starting",
    "checking",
    "paying",
    "more_time",
}
NOT_OF_BILLS = {name for name in SCREENS if name.startswith(("link", "sale"))}


class Tour:
    """Walks from screen to screen and looks at each once."""

    def __init__(self, person):
        self.person = person
        self.looked = set()
        self.wrong = []

    async def see(self, name, called=None):
        await self.person.sees(name)
        if (called or name) not in self.looked:
            self.looked.add(called or name)
            self.wrong += await self.person.looks(called)

    async def again(self):
        await self.person.press("again")
        await self.person.sees("welcome")
        await self.person.press("language", LANGUAGE)
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
    await person.press("language", LANGUAGE)
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
    await person.press("language", LANGUAGE)
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
    await tour.to_review(PHONE)
    await tour.to_pin("two_applications")
    await tour.see("application")
    await person.press("application", "0")
    await tour.see("pin")
    await person.enters("1234")
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
    await person.chooses("dala-mobile", "7015900005")
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


async def test_nothing_is_outside_cut_or_overlapping_on_a_walk_past_every_screen(person):
    tour = Tour(person)
    for part in PARTS:
        await part(tour)
    assert tour.wrong == []
    assert SCREENS.keys() - tour.looked == TOO_SHORT | NOT_OF_BILLS
