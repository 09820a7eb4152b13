"""The customer's screen: from a press in Chromium to the next screen drawn; from a start to the first screen."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright

from agent.demo.stage import Stage, playground
from tests.bench.rows import Row

CHROMIUM: Final = {
    "executable_path": "/usr/bin/chromium",
    "args": ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
}
ROUND: Final = (  # there and back again, without money
    ("language", "ru"),
    ("group", "mobile"),
    ("product", "kokjiek-mobile"),
    ("back", None),
    ("back", None),
    ("back", None),
)
ROUNDS: Final = 40
UNMEASURED: Final = 3  # rounds in which Chromium and Python get warm
KIB: Final = 1024

PRESS: Final = """([action, value]) => new Promise((resolve) => {
  const before = document.querySelector("main").dataset.seq;
  const button = document.querySelector(
    `button[data-action="${action}"]` + (value === null ? "" : `[data-value="${value}"]`));
  const watch = new MutationObserver(() => {
    if (document.querySelector("main")?.dataset.seq === before) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  });
  watch.observe(document.body, { childList: true, subtree: true, attributes: true });
  const began = performance.now();
  button.click();
})"""


async def measure() -> Sequence[Row]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**CHROMIUM)
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            async with playground(Path(folder)) as ground:
                page = await chromium.new_page(viewport={"width": 1024, "height": 768})
                await page.goto(ground.kiosk_url)
                await page.wait_for_selector('main[data-screen="welcome"]')
                ready = time.monotonic() - began
                memory = _idle_memory(ground.stage)
                presses = await _presses(page)
        await chromium.close()
    return [
        Row.of("press → new screen drawn", presses, "ms", aim="95 % < 100 ms"),
        Row.of("sandbox, gateway and agent started → first screen", [ready], "s"),
        *(
            Row.of(f"memory of the idle {name}", [mib], "MiB", aim="both < 150 MiB")
            for name, mib in memory.items()
        ),
    ]


async def _presses(page: Page) -> list[float]:
    taken: list[float] = []
    for turn in range(ROUNDS):
        for action, value in ROUND:
            milliseconds = await asyncio.wait_for(page.evaluate(PRESS, [action, value]), 10)
            if turn >= UNMEASURED:
                taken.append(milliseconds)
    return taken


def _idle_memory(stage: Stage) -> dict[str, float]:
    """In MiB, by the process's name."""
    ours = [running for running in stage.processes if running.name != "sandbox"]
    return {running.name: _resident_mib(running.process.pid) for running in ours}


def _resident_mib(pid: int) -> float:
    """VmRSS of proc(5)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / KIB
