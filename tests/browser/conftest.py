"""A real Chromium before the demo's real stage: sandbox, gateway and a terminal with its screen.

Both stand as long as the run: a test finds the terminal free and leaves it so, and its page has a profile of its own.
At the end the books of everything that was paid agree. Whatever needs other timers has a `ground` of its own.

`pytest tests/browser --screenshots DIR` also keeps what was looked at, by language, screen and size.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, async_playwright
from playwright.async_api import TimeoutError as NotSeenError

from agent.demo.comparison import Compared, compare_books
from agent.demo.stage import Playground, playground
from agent.sample_settings import quick_repeats
from tests.browser.looking import SIZES, misplaced, photograph, resized

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE_MS = 12_000  # that no working test reaches
TIMERS = {
    **quick_repeats(),
    "check_seconds": 3.0,
    "in_processing_seconds": 3.0,
    "unblocking_seconds": 0.5,
    "hold_seconds": 3.0,
    "look_seconds": 0.5,
    "certificate_look_seconds": 0.2,
    "take_card_seconds": 20.0,
    "receipt_seconds": 6.0,
}
PIN = "1234"
PATIENCE_SECONDS = 60  # with devices and books, which nobody at the screen waits for
SCREENS_SHOWN = """(() => {
  const note = () => shown(document.querySelector("main")?.dataset.screen ?? "");
  document.addEventListener("DOMContentLoaded", () => {
    note();
    new MutationObserver(note).observe(document.body, {childList: true, subtree: true});
  });
})()"""
WAY_OUT = """() => {
  const main = document.querySelector("main");
  const ways = ['[data-keys~="CANCEL"]', '[data-action="again"]', '[data-action="back"]'];
  if (main.dataset.screen !== "welcome") main.querySelector(ways.find((way) => main.querySelector(way)))?.click();
  return main.dataset.screen;
}"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, metavar="DIR", help="keep pictures of what tests look at")


@dataclass
class Person:
    """Somebody at the terminal: eyes and fingers at the screen, hands at the devices."""

    page: Page
    ground: Playground
    pictures: Path | None
    wrong: list[str] = field(default_factory=list)  # what no page of ours may do, however well the test went
    shown: list[str] = field(default_factory=list)  # every screen that stood there, asked for or not

    async def watch(self) -> None:
        """From now on, every screen is noted, and what the browser complains about or asks of others."""
        await self.page.expose_function("shown", self._shown)
        await self.page.add_init_script(SCREENS_SHOWN)
        origin = self.ground.kiosk_url
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on(
            "console", lambda said: said.type == "error" and self.wrong.append(f"{said.location} {said.text}")
        )
        self.page.on("request", lambda request: self._requested(request, origin))

    def _shown(self, name: str) -> None:
        if self.shown[-1:] != [name]:
            self.shown.append(name)

    def _requested(self, request: Request, origin: str) -> None:
        if not request.url.startswith((f"{origin}/", "data:")):
            self.wrong.append(f"{request.method} {request.url}")

    # at the screen

    async def come(self, *, language: str | None = None) -> None:
        """Find the terminal free, and choose a language."""
        await self.page.goto(self.ground.kiosk_url)
        await self.sees("welcome")
        if language is not None:
            await self.press("language", language)
            await self.sees("groups")

    async def sees(self, *names: str) -> str:
        """Wait for one of these screens; its name."""
        screens = ", ".join(f'main[data-screen="{name}"]' for name in names)
        try:
            found = await self.page.wait_for_selector(screens, timeout=PATIENCE_MS)
        except NotSeenError:
            present = await self.page.get_attribute("main", "data-screen")
            raise AssertionError(f"not {names} but {present}: {await self.says()}") from None
        return str(await found.get_attribute("data-screen"))

    async def press(self, action: str, value: str | None = None) -> None:
        with_value = "" if value is None else f'[data-value="{value}"]'
        await self.page.click(f'button[data-action="{action}"]{with_value}', timeout=PATIENCE_MS)

    async def type(self, text: str, then: str = "enter") -> None:
        await self.page.keyboard.type(text)
        if then:
            await self.press(then)

    async def says(self) -> str:
        return str(await self.page.inner_text("main"))

    async def chooses(self, product: str, *values: str, group: str = "mobile") -> None:
        """From the groups to the check of an account."""
        await self.press("group", group)
        await self.sees("providers")
        await self.press("product", product)
        for value in values:
            await self.sees("requisite")
            await self.type(value)

    async def agrees(self, sum_: str | None = "1500") -> None:
        """To the total, after the sum."""
        if sum_ is not None:
            await self.sees("amount")
            await self.type(sum_)
        await self.sees("review")
        await self.press("agree")

    async def pays(self, card: str = "good", pin: str = PIN) -> None:
        """From consent to the card that comes back; it is not taken yet."""
        await self.sees("insert_card")
        await self.hand("insert", card=card)
        await self.sees("pin")
        await self.enters(pin)
        await self.sees("take_card")

    async def takes_card(self) -> None:
        await self.hand("pull")
        await self.hand("tear")

    # at the devices

    async def hand(self, command: str, **arguments: Any) -> dict[str, Any]:
        async for seen in self.ground.stage.terminals[0].call(f"hands.{command}", arguments):
            return seen
        raise AssertionError("a command that answers once has answered")

    async def enters(self, pin: str, then: str = "enter") -> None:
        async for seen in self.ground.stage.terminals[0].call("hands.watch"):
            if seen["pin_asked"]:
                break
        for key in (*pin, then):
            await self.hand("press", key=key)

    # around the terminal

    async def trouble(self, name: str, operation: str, *, position: str = "before", **plan: Any) -> None:
        """Something goes wrong at e-port or the card host from now on, until the end of the test."""
        rule = {"name": name, "position": position, "operation": operation, "count": 1000}
        await self.sandbox("/faults", {"rules": [rule], **plan})

    async def sandbox(self, path: str, body: Any) -> None:
        url = self.ground.stage.sandbox.admin_url
        async with aiohttp.ClientSession(url, raise_for_status=True) as session, session.put(path, json=body):
            pass

    async def books(self) -> Compared:
        return await compare_books(self.ground.stage)

    # what a reviewer would see

    async def looks(self, called: str | None = None) -> list[str]:
        """What stands wrong on the present screen, at each size; pictures of it, if they are wanted."""
        name = called or str(await self.page.get_attribute("main", "data-screen"))
        wrong = []
        for size in ("pos", "kiosk", "atm"):
            await resized(self.page, size)
            wrong += [f"{name} {size}: {it}" for it in await misplaced(self.page)]
            await photograph(self.page, self.pictures and self.pictures / "tour", f"{name}-{size}")
        return wrong

    async def leaves(self) -> None:
        """Put everything back as it was found, however the test ended."""
        await self.sandbox("/faults", {})
        await self.hand("reader", plugged=True)
        await self.hand("printer", roll="full", cover_open=False)
        await self.takes_card()
        if self.page.url == "about:blank":
            return
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.page.evaluate(WAY_OUT) != "welcome":
                await self.takes_card()
                await self.page.wait_for_timeout(50)


@pytest.fixture(scope="session")
def browser_program() -> dict[str, Any]:
    """What Playwright launches: Debian's Chromium, never one of its own."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"{CHROMIUM} is not there: apt install chromium")
    return {"executable_path": CHROMIUM, "args": FLAGS}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ground(browser_program, tmp_path_factory) -> AsyncIterator[Playground]:
    async with playground(tmp_path_factory.mktemp("ground"), timers=TIMERS) as running:
        yield running
        assert (await settled(running)).agree


async def settled(ground: Playground) -> Compared:
    """The books, once nothing is open in them but what e-port itself leaves open."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            compared = await compare_books(ground.stage)
            undone = [line for line in compared.books.lines if line.open]
            if all(row.status == "PENDING" for line in undone for row in line.eport):
                return compared
            await asyncio.sleep(0.2)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(browser_program) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**browser_program)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def person(request, ground, browser) -> AsyncIterator[Person]:
    width, height = SIZES["atm"]
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    person = Person(page, ground, request.config.getoption("--screenshots", default=None))
    await person.watch()
    yield person
    await person.leaves()
    await person.page.context.close()
    assert person.wrong == []
