"""An operator of the bank at a desk: the month, a day, what to decide, a decision, in each language; axe has no objection."""

import re
import shutil

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE_MS
from tests.gateway.office.conftest import PASSWORD, WHO, office_at

pytestmark = pytest.mark.processes
SIZES = {"desk": (1366, 768), "tablet": (820, 1180)}
TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
async def office(tmp_path, throwaway_ca, system_time):
    async with office_at(tmp_path, throwaway_ca, system_time) as opened:
        yield opened


@pytest.fixture
async def page(office):
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"{CHROMIUM} is not there: apt install chromium")
    wrong = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        width, height = SIZES["desk"]
        page = await chromium.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.on("request", lambda asked: asked.url.startswith(office.url) or wrong.append(asked.url))
        await page.goto(office.url)
        yield page
        await chromium.close()
    assert wrong == []


async def _looks(page, request, name):
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
            await page.screenshot(path=folder / f"office-{name}-{size}.png")
    found = (await Axe().run(page)).response["violations"]
    wrong += [f"{name}: {it['id']}: {[node['html'][:120] for node in it['nodes']]}" for it in found]
    width, height = SIZES["desk"]
    await page.set_viewport_size({"width": width, "height": height})
    return wrong


async def test_an_operator_looks_at_a_month_and_decides_a_case(page, request, office):
    wrong = await _looks(page, request, "login")
    await page.fill("#name", WHO)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".calendar")).to_be_visible()
    wrong += await _looks(page, request, "this-month")
    for _ in range(2):
        await page.locator("a[rel=prev]").click()
    await expect(page).to_have_url(re.compile(f"{office.closed_month}$"))
    await expect(page.locator(".day.closed")).to_have_count(len(office.closed_month.days()))
    for language in ("Қазақша", "English", "Русский"):
        await page.get_by_role("button", name=language).click()
        wrong += await _looks(page, request, f"month-{language}")
    await page.locator(f"a[href='/days/{office.case_day}']").click()
    wrong += await _looks(page, request, "day")
    await page.get_by_role("link", name="На решение").click()
    wrong += await _looks(page, request, "worklist")
    case = page.locator("#case-1")
    await case.get_by_label("Решение").select_option("EPORT")
    await case.get_by_label("Основание").fill("письмо № 17")
    await case.get_by_role("button", name="Решить").click()
    await expect(page.get_by_role("status")).to_contain_text("верны данные e-port")
    await expect(case).to_have_count(0)
    async with page.expect_download() as download:
        await page.goto(f"{office.url}/months/{office.closed_month}")
        await page.get_by_role("link", name="json").click()
    assert (await download.value).suggested_filename == f"act-10001-{office.closed_month}.json"
    assert wrong == []
