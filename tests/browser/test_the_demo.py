"""`tolem demo`: one address, and behind it a terminal that one person plays from both sides."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

import agent

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.processes]

URL = re.compile(r"http://127\.0\.0\.1:\d+")


class Demo:
    """A running demo with its page open in a browser."""

    def __init__(self, process, folder, page):
        self.process = process
        self.folder = folder
        self.page = page
        self.wrong = []
        page.on("console", lambda said: said.type == "error" and self.wrong.append(said.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.screen = page.frame_locator("#screen")

    async def sees(self, name, *, within_seconds=15):
        await self.screen.locator(f'main[data-screen="{name}"]').wait_for(timeout=within_seconds * 1000)

    async def touches(self, action, value=None):
        with_value = "" if value is None else f'[data-value="{value}"]'
        await self.screen.locator(f'button[data-action="{action}"]{with_value}').click()

    async def types(self, digits):
        for digit in digits:
            await self.screen.locator(f'button.key[data-type="{digit}"]').click()
        await self.touches("enter")

    def left(self):
        """Command lines of processes that know the run's folder."""
        lines = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:
                continue
            if os.fsencode(self.folder) in line and path.parent.name != str(self.process.pid):
                lines.append(line)
        return lines


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(browser_program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "run"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent.cli", "demo", "--folder", str(folder)),
        env={**os.environ, "PYTHONPATH": str(Path(agent.__file__).parent.parent), "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        while (found := URL.search((await process.stdout.readline()).decode())) is None:
            assert process.returncode is None
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**browser_program)
        page = await chromium.new_page(viewport={"width": 1600, "height": 1000})
        page.set_default_timeout(15_000)
        running = Demo(process, folder, page)
        await page.goto(found[0])
        yield running
        await chromium.close()
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_a_bill_is_paid_by_hand_on_both_sides_of_the_glass(demo):
    await demo.sees("welcome")
    await demo.touches("language", "en")
    await demo.touches("group", "mobile")
    await demo.touches("product", "dala-mobile")
    await demo.sees("requisite")
    await demo.types("7011234567")
    await demo.sees("amount")
    await demo.types("1500")
    await demo.touches("agree")
    await demo.sees("insert_card")
    await demo.page.click('[data-card="good"]')
    await demo.page.wait_for_selector("#pad.asked")
    for digit in "1234":
        await demo.page.click(f'[data-key="{digit}"]')
    await expect(demo.page.locator("#display")).to_have_text(re.compile(r"\*{4}$"))
    await demo.page.click('[data-key="enter"]')
    await demo.sees("take_card")
    await demo.page.click("#pull")
    await demo.sees("paid")
    await demo.page.wait_for_selector("#receipt[src='/receipt/1.png']")
    await demo.page.locator("#receipt").evaluate("(image) => image.decode()")
    await demo.page.wait_for_selector("#lines td.captured")
    await expect(demo.page.locator("#verdict")).to_contain_text("they agree")
    await demo.page.click("#tear")
    await demo.page.wait_for_selector("#paper", state="hidden")
    await demo.touches("again")
    await demo.sees("welcome")


async def test_a_provider_that_is_told_to_refuse_refuses_until_all_works_again(demo):
    await demo.sees("welcome")
    await demo.page.select_option("[data-place=check]", "refuses")
    await demo.page.wait_for_selector("#calm")
    await demo.touches("language", "en")
    for ending in ("refused", "amount"):
        await demo.touches("group", "mobile")
        await demo.touches("product", "dala-mobile")
        await demo.sees("requisite")
        await demo.types("7011234567")
        await demo.sees(ending)
        if ending == "refused":
            await demo.page.click("#calm")
            await demo.page.wait_for_selector("#calm", state="hidden")
            await demo.touches("another")
    await demo.touches("cancel")
    await demo.touches("again")
    await demo.sees("welcome")


async def test_paper_and_cables_are_in_the_players_hands(demo):
    await demo.sees("welcome")
    await demo.page.uncheck("#reader")
    await demo.sees("out_of_service")
    await demo.page.check("#reader")
    await demo.sees("welcome")
    await demo.page.check("input[name=roll][value=out]", force=True)
    await demo.touches("language", "en")
    await demo.touches("group", "mobile")
    await demo.touches("product", "dala-mobile")
    await demo.sees("requisite")
    await demo.types("7011234567")
    await demo.sees("amount")
    await demo.types("1500")
    await demo.touches("agree")
    await demo.sees("no_paper")
    await demo.page.check("input[name=roll][value=full]", force=True)
    await demo.touches("without_receipt", "no")
    await demo.sees("unavailable")
    await demo.touches("again")
    await demo.sees("welcome")


async def test_a_bill_is_scanned_and_a_device_that_fails_is_well_again(demo):
    await demo.sees("welcome")
    await demo.touches("language", "en")
    await demo.sees("groups")
    await demo.page.click('[data-do="scan"] >> nth=0')
    await demo.sees("requisite")
    await expect(demo.screen.locator("main")).to_contain_text("204 817 36 58")
    await demo.page.select_option("[data-device=pad]", "hangs")
    await demo.page.wait_for_selector("#heal:not([hidden])")
    await demo.page.click("#heal")
    await demo.page.wait_for_selector("#heal", state="hidden")
    await expect(demo.page.locator("[data-device=pad]")).to_have_value("well")
    await demo.touches("again")
    await demo.sees("welcome")


async def test_a_terminal_whose_power_is_cut_comes_back(demo):
    await demo.sees("welcome")
    await demo.touches("language", "en")
    await demo.sees("groups")
    assert demo.wrong == []  # from now on a browser complains, and rightly
    await demo.page.click("#power")
    await demo.page.wait_for_selector("#no-power:not([hidden])")
    await demo.page.wait_for_selector("#no-power", state="hidden", timeout=30_000)
    await demo.sees("welcome")


async def test_each_size_fits_the_page_and_axe_is_content(demo):
    for size in ("1080x1920", "480x800", "1024x768"):
        await demo.page.check(f'input[name=frame][value="{size}"]', force=True)
        width, height = (int(side) for side in size.split("x"))
        frame = demo.page.frames[1]
        assert await frame.evaluate("[innerWidth, innerHeight]") == [width, height]
        page = await demo.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert page[0] <= page[1]
    found = (await Axe().run(demo.page, context={"exclude": ["iframe"]})).response["violations"]
    assert [(it["id"], [node["html"] for node in it["nodes"]]) for it in found] == []


async def test_ctrl_c_stops_everything(demo):
    demo.process.send_signal(signal.SIGINT)
    async with asyncio.timeout(60):
        assert await demo.process.wait() == 0
        while demo.left():  # noqa: ASYNC110 - the kernel tells nobody when it has ended them
            await asyncio.sleep(0.05)
