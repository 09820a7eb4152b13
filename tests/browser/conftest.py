"""A real Chromium before the demo's real stage: sandbox, gateway and a terminal with its screen, once a module.

`pytest tests/browser --screenshots DIR` also keeps what was looked at, by language, screen and size.
"""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Request, async_playwright
from playwright.async_api import TimeoutError as NotSeenError

from agent.demo.comparison import Compared, compare_books
from agent.demo.stage import Playground, playground
from agent.sample_settings import quick_repeats

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
SIZES = {"atm": (1024, 768), "kiosk": (1080, 1920), "pos": (480, 800)}
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

DRAWN = """() => Promise.all([document.fonts.ready, ...[...document.images].map((image) => image.decode())])
  .then(() => new Promise(requestAnimationFrame))"""
SCREENS_SHOWN = """(() => {
  const note = () => shown(document.querySelector("main")?.dataset.screen ?? "");
  document.addEventListener("DOMContentLoaded", () => {
    note();
    new MutationObserver(note).observe(document.body, {childList: true, subtree: true});
  });
})()"""
LAYOUT = """() => {
  const wrong = [], page = document.documentElement;
  if (page.scrollWidth > innerWidth) wrong.push(`${page.scrollWidth} px wide, the screen has ${innerWidth}`);
  if (page.scrollHeight > innerHeight) wrong.push(`${page.scrollHeight} px high, the screen has ${innerHeight}`);
  const seen = [...document.querySelectorAll("main button")].filter((button) => button.checkVisibility());
  const places = seen.map((button) => [button.innerText.trim().replace(/\\s+/g, " "), button.getBoundingClientRect(), button]);
  for (const [name, box, button] of places) {
    if (box.left < -.5 || box.top < -.5 || box.right > innerWidth + .5 || box.bottom > innerHeight + .5) wrong.push(`${name}: outside`);
    if (box.height < 79.5) wrong.push(`${name}: ${box.height.toFixed(1)} px high`);
    if (button.scrollWidth > button.clientWidth + 1 || button.scrollHeight > button.clientHeight + 1) wrong.push(`${name}: cut`);
  }
  for (const [index, [name, one]] of places.entries())
    for (const [other, two] of places.slice(index + 1))
      if (one.left < two.right - 1 && two.left < one.right - 1 && one.top < two.bottom - 1 && two.top < one.bottom - 1)
        wrong.push(`${name} overlaps ${other}`);
  for (const [name, , button] of places)
    for (const text of button.querySelectorAll("span, small")) {
      if (text.children.length) continue;
      for (const word of text.textContent.matchAll(/\\S+/g)) {
        const range = document.createRange();
        range.setStart(text.firstChild, word.index);
        range.setEnd(text.firstChild, word.index + word[0].length);
        if (!/[-–/]/.test(word[0]) && range.getClientRects().length > 1) wrong.push(`${name}: “${word[0]}” is broken`);
      }
    }
  const frame = document.querySelector("main").getBoundingClientRect();
  for (const part of document.querySelectorAll("main h1, main p, main dt, main dd, main kbd, main input:not([type=hidden])")) {
    if (!part.checkVisibility() || part.closest("button") || part.querySelector("button")) continue;
    const box = part.getBoundingClientRect();
    if (box.right > frame.right + .5 || box.bottom > innerHeight + .5 || box.top < -.5) wrong.push(`“${part.innerText?.slice(0, 40)}”: outside`);
    if (part.scrollWidth > part.clientWidth + 1 && part.clientWidth && getComputedStyle(part).display !== "inline") wrong.push(`“${part.innerText?.slice(0, 40)}”: cut`);
    const under = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (under?.closest("button")) wrong.push(`“${part.innerText?.slice(0, 40)}”: under ${under.closest("button").innerText.trim()}`);
  }
  return wrong;
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

    async def looks(self, called: str | None = None, *, axe: bool = True) -> list[str]:
        """Everything that is wrong with the present screen, at each size; pictures of it, if they are wanted."""
        name = called or str(await self.page.get_attribute("main", "data-screen"))
        language = await self.page.get_attribute("main", "lang")
        wrong = []
        for size, (width, height) in SIZES.items():
            await self.page.set_viewport_size({"width": width, "height": height})
            await self.page.evaluate(DRAWN)
            wrong += [f"{name} {language} {size}: {it}" for it in await self.page.evaluate(LAYOUT)]
            if self.pictures is not None:
                folder = self.pictures / str(language)
                folder.mkdir(parents=True, exist_ok=True)
                await self.page.screenshot(path=folder / f"{name}-{size}.png", caret="initial")
        if axe:
            wrong += [f"{name} {language}: {it}" for it in await self._axe()]
        width, height = SIZES["atm"]
        await self.page.set_viewport_size({"width": width, "height": height})
        return wrong

    async def _axe(self) -> list[str]:
        found = (await Axe().run(self.page)).response["violations"]
        return [f"{it['id']}: {[node['html'][:120] for node in it['nodes']]}" for it in found]

    async def leaves(self) -> None:
        """Put everything back as it was found, however the test ended."""
        await self.sandbox("/faults", {})
        await self.hand("reader", plugged=True)
        await self.hand("printer", roll="full", cover_open=False)
        if self.page.url == "about:blank":
            return
        for _ in range(50):
            await self.hand("pull")
            await self.hand("tear")
            name = await self.page.get_attribute("main", "data-screen")
            if name == "welcome":
                return
            for way_out in ('[data-keys~="CANCEL"]', '[data-action="again"]', '[data-action="back"]'):
                if await self.page.is_visible(f"main {way_out}"):
                    await self.page.click(f"main {way_out}")
                    break
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"the terminal is still at {name}")


@pytest.fixture(scope="session")
def browser_program() -> dict[str, Any]:
    """What Playwright launches: Debian's Chromium, never one of its own."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"{CHROMIUM} is not there: apt install chromium")
    return {"executable_path": CHROMIUM, "args": FLAGS}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(request, browser_program, tmp_path_factory) -> AsyncIterator[Playground]:
    timers = {**TIMERS, **getattr(request.module, "OTHER_TIMERS", {})}
    async with playground(tmp_path_factory.mktemp("ground"), timers=timers) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(ground, browser_program) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**browser_program)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def person(request, ground, browser) -> AsyncIterator[Person]:
    width, height = SIZES["atm"]
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    person = Person(page, ground, request.config.getoption("--screenshots", default=None))
    await person.watch()
    yield person
    await person.leaves()
    await context.close()
    assert person.wrong == []
