"""A technician with a laptop before a real terminal's service page: what they see, press and are asked."""

import re
import shutil
from contextlib import nullcontext
from functools import partial

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

from agent import owner
from agent.doctor import report
from agent.maintenance import State
from agent.support import support_bundle
from agent.technician.pin_file import NAME, PinFile
from agent.technician.service_page import service_page
from agent.terminal_commands import terminal_commands
from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE_MS
from tests.journeys.conftest import bank, pay, sandbox, terminal

__all__ = ["bank", "pay", "sandbox", "terminal"]
pytestmark = pytest.mark.processes

PIN = "284015"
SIZES = {"laptop": (1280, 800), "tablet": (820, 1180), "phone": (390, 844)}
TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
async def url(terminal):
    settings = terminal.settings
    PinFile(settings.in_data_dir(NAME), now=owner.now, random_bytes=owner.random_bytes).set(PIN)
    call = owner.within(terminal_commands(terminal))

    def asking(_):
        return nullcontext(call)

    async with service_page(
        terminal,
        listen="127.0.0.1:0",
        call=call,
        report=partial(report, settings, asking=asking),
        bundle=partial(support_bundle, settings, asking=asking),
        now=owner.now,
        random_bytes=owner.random_bytes,
    ) as found:
        yield found


@pytest.fixture
async def page(url):
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"{CHROMIUM} is not there: apt install chromium")
    wrong = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        width, height = SIZES["laptop"]
        page = await chromium.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.on("request", lambda asked: asked.url.startswith(url) or wrong.append(asked.url))
        await page.goto(url)
        yield page
        await chromium.close()
    assert wrong == []


async def logs_in(page, language="English"):
    await page.get_by_role("link", name=language).click()
    await page.fill("#pin", PIN)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#glance")


async def looks(page, request, name):
    """What is wrong with the page, at each size."""
    folder = request.config.getoption("--screenshots", default=None)
    wrong = []
    for size, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        if (over := await page.evaluate(TOO_WIDE)) > 0:
            wrong.append(f"{name} {size}: {over} px too wide")
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=folder / f"service-{name}-{size}.png", full_page=True)
    found = (await Axe().run(page)).response["violations"]
    wrong += [f"{name}: {it['id']}: {[node['html'][:120] for node in it['nodes']]}" for it in found]
    width, height = SIZES["laptop"]
    await page.set_viewport_size({"width": width, "height": height})
    return wrong


async def test_a_technician_sees_takes_tests_and_gives_back(page, request, terminal, pay):
    await pay(terminal)
    wrong = await looks(page, request, "login")
    await logs_in(page)
    wrong += await looks(page, request, "glance")
    await page.get_by_role("button", name="Take the terminal").click()
    await expect(page.locator("#glance")).to_contain_text("In a technician's hands")
    await page.get_by_role("button", name="Test everything").click()
    await expect(page.locator(".device").nth(1)).to_contain_text("Self-test")
    await page.get_by_role("button", name="Sample sheet").click()
    await expect(page.locator("#guided")).to_contain_text("ӘҒҚҢӨҰҮҺІ")
    wrong += await looks(page, request, "guided")
    await page.get_by_role("button", name="YES").click()
    await expect(page.locator("#guided")).to_contain_text(re.compile("PASS"))
    await page.get_by_role("link", name="Back").click()
    wrong += await looks(page, request, "maintained")
    await page.get_by_role("button", name="Give it back").click()
    await expect(page.locator("#glance")).to_contain_text("Not taken by a technician")
    assert terminal.assembly.maintenance.state is State.SERVING
    assert wrong == []


async def test_what_is_wrong_stands_first_with_who_must_come_in_every_language(page, request, terminal, pay):
    await pay(terminal)
    terminal.devices.emulators.printer.unplug()
    wrong = []
    await logs_in(page, "Қазақша")
    for button, told in {
        "Қазақша": "қызметкер, қазір",
        "Русский": "сотрудник, сейчас",
        "English": "staff, now",
    }.items():
        await page.get_by_role("button", name=button).click()
        await expect(page.locator(".visit b")).to_have_text(told)
        wrong += await looks(page, request, f"unplugged-{button}")
    assert wrong == []
