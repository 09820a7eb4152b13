"""Every screen in every language at every size: nothing outside, cut or overlapping, and axe has no objection.

Screens are drawn from scenes as the server draws them, with its headers and its files, and shown one after another
in one page: nobody walks to them (a walk is in test_a_tour).
"""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from agent.kiosk.guard import headers
from agent.kiosk.screens import screen
from agent.kiosk.session import Mode
from agent.kiosk.wording import Wording
from tests.agent.kiosk.scenes import FACTS, LANGUAGES, every
from tests.browser.looking import SIZES, misplaced, objections, photograph, resized

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.processes, pytest.mark.timeout(240)]

ORIGIN = "http://127.0.0.1:1"
FOLDER = files("agent.kiosk")
RECEIPT = Path(__file__).parents[2] / "docs/receipt.png"
SHOW = """(html) => {
  document.querySelector("main").outerHTML = html;
  htmx.process(document.querySelector("main"));
  document.dispatchEvent(new Event("htmx:afterSettle"));
}"""
WITH_MODES = (
    "welcome",
    "groups",
    "providers",
    "requisite.faulty",
    "requisite.letters",
    "search",
    "amount",
    "review.two",
)
WITH_MODES += (
    "paid",
    "in_processing",
    "mine_found",
    "card_left",
    "out_of_service",
    "more_time",
    "insert_card",
)


class Gallery:
    """One page that shows any scene."""

    def __init__(self, page, pictures):
        self.page = page
        self.pictures = pictures
        self.wording = Wording(FACTS)
        self.wrong = []

    async def opens(self, scene):
        """The document; nobody tells it of other scenes, and nobody hears what is pressed."""
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("console", lambda said: said.type == "error" and self.wrong.append(said.text))
        html = self.wording.page(screen(scene)).replace(' sse-connect="/events"', "")
        await self.page.route("**/*", lambda route: self._answer(route, html))
        await self.page.goto(f"{ORIGIN}/")

    async def _answer(self, route, html):
        path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        if path == "/":
            await route.fulfill(body=html, content_type="text/html", headers=headers(None))
        elif path == "/receipt.png":
            await route.fulfill(path=RECEIPT)
        elif path.startswith("/static/"):
            await route.fulfill(path=str(FOLDER / path[1:]))
        else:
            await route.fulfill(status=204)

    async def shows(self, scene):
        await self.page.evaluate(SHOW, self.wording.screen(screen(scene)))

    async def judges(self, name, language, size):
        self.wrong += [f"{name} {language} {size}: {it}" for it in await misplaced(self.page)]
        await photograph(self.page, self.pictures and self.pictures / language, f"{name}-{size}")
        if size == "atm":
            self.wrong += [f"{name} {language}: {it}" for it in await objections(self.page)]


def in_modes(scene, modes):
    return replace(scene, session=replace(scene.session, modes=frozenset(modes)))


def scenes_of(language):
    """Name → scene: each, and those at which a mode could break something with all of them at once."""
    plain = every(language)
    moded = {f"{name}.modes": in_modes(plain[name], Mode) for name in WITH_MODES}
    alone = {f"review.{mode}": in_modes(plain["review"], {mode}) for mode in Mode}
    return {**plain, **moded, **alone}


@pytest_asyncio.fixture(loop_scope="session")
async def gallery(browser, request):
    context = await browser.new_context(reduced_motion="reduce")
    yield Gallery(await context.new_page(), request.config.getoption("--screenshots", default=None))
    await context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_outside_cut_or_overlapping_and_axe_is_content(gallery, language, size):
    scenes = scenes_of(language)
    await gallery.opens(scenes["welcome"])
    await resized(gallery.page, size)
    for name, scene in scenes.items():
        await gallery.shows(scene)
        await gallery.judges(name, language, size)
    assert gallery.wrong == []


async def test_the_letters_of_a_digit_are_told_beside_the_field_in_every_language(gallery):
    for language in LANGUAGES:
        scenes = every(language)
        await gallery.opens(scenes["search.new"])
        for size in SIZES:
            await resized(gallery.page, size)
            for name in ("search.new", "requisite.letters"):
                await gallery.shows(scenes[name])
                await gallery.page.keyboard.type("22")
                await expect(gallery.page.locator(".taps b")).to_be_visible()
                await gallery.judges(f"{name}.taps", language, size)
    assert gallery.wrong == []
