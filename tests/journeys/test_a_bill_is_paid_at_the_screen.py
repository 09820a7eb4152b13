"""A person at the customer's screen, from the first press to the receipt: every part is real but the browser."""

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp

from agent.journeys.bill_store import latest
from agent.kiosk.kiosk import Kiosk
from devices.emulators.printer import PrinterFaults, Roll
from devices.escpos.profile import PROFILES
from devices.escpos.reading import printed_text
from gateway.sandbox.faults import Fault, FaultName, Position, Rule
from gateway.shutdown import Shutdown


class Person:
    """Presses what the page shows, as htmx would."""

    def __init__(self, url, browser):
        self.url, self.browser = url, browser
        self.page = ""

    async def look(self):
        async with self.browser.get(f"{self.url}screen") as answer:
            self.page = await answer.text()
        return re.search(r'data-screen="(\w+)"', self.page)[1]

    async def sees(self, *names):
        async with asyncio.timeout(30):
            while True:
                name = await self.look()
                if name in names:
                    return name
                await asyncio.sleep(0.02)

    async def press(self, action, value=""):
        await self.look()
        form = {"action": action, "value": value, "seq": re.search(r'data-seq="([^"]+)"', self.page)[1]}
        origin = {"Origin": self.url.rstrip("/")}
        async with self.browser.post(f"{self.url}press", data=form, headers=origin) as answer:
            assert answer.status == 200

    async def receipt(self):
        async with self.browser.get(f"{self.url}receipt.png") as answer:
            return await answer.read()


@asynccontextmanager
async def at_the_screen(terminal):
    async with (
        Kiosk.open(terminal, listen="127.0.0.1:0", random_bytes=bytes) as kiosk,
        aiohttp.ClientSession() as browser,
    ):
        yield Person(kiosk.url, browser)


async def _pays(person):
    await person.sees("welcome")
    for action, value in (("language", "kk"), ("group", "mobile"), ("product", "dala-mobile")):
        await person.press(action, value)
    await person.press("enter", "7011234567")
    await person.sees("amount")
    await person.press("enter", "1500")
    await person.sees("review")
    await person.press("agree")


async def test_a_person_pays_and_finds_the_payment_again(bank, terminal):
    async with at_the_screen(terminal) as person:
        await _pays(person)
        await person.sees("paid")
        number = "".join(re.search(r'class="number"[^>]*>([\d\xa0]+)<', person.page)[1].split())
        receipt = await person.receipt()
        assert receipt.startswith(b"\x89PNG")
        await person.press("again")
        await person.sees("welcome")
        await person.press("language", "en")
        await person.press("mine")
        await person.press("enter", number)
        printed = terminal.devices.emulators.printer.jobs
        last_four = re.search(rb"\*+(\d{4})", printed[-1])[1].decode()
        await person.press("enter", last_four)
        await person.sees("mine_found")
        assert await person.receipt() != receipt, "a copy looks like one"
        await person.press("reprint")
        await person.sees("mine_found")
        assert "A copy of the receipt was printed." in person.page
        assert ["КӨШІРМЕ" in "\n".join(printed_text(job, PROFILES["escpos"])) for job in printed] == [
            False,
            True,
        ]
    books = await bank.settled(terminal)
    assert books.agree


async def test_a_printer_without_paper_is_told_before_money_is_taken(bank, terminal):
    terminal.devices.emulators.printer.faults = PrinterFaults(roll=Roll.OUT)
    async with at_the_screen(terminal) as person:
        await _pays(person)
        await person.sees("no_paper")
        await person.press("without_receipt", "no")
        await person.sees("unavailable")
    assert not (await bank.books(terminal)).open


async def test_a_screen_that_closes_waits_no_longer_than_is_left_of_the_terminals_end(bank):
    """However long a whole end may take: what is on its way is cut off, long before its own clock ends it."""
    bank.timers |= {"in_processing_seconds": 15.0, "shutdown_seconds": 0.1}
    bank.sandbox.faults.rules.append(
        Rule(Fault(FaultName.SILENCE, Position.BEFORE), operation="bank_payment")
    )
    async with bank.terminal() as terminal:
        patient = terminal.settings.timers.model_copy(update={"shutdown_seconds": 60.0})
        settings = terminal.settings.model_copy(update={"timers": patient})
        async with at_the_screen(replace(terminal, settings=settings, shutdown=Shutdown(0))) as person:
            await _pays(person)
            await person.sees("paying")
        [journey] = await terminal.spool.read(lambda tx: latest(tx, limit=1))
        assert journey.ending is None
