"""What a reviewer would see on a screen: what is outside, cut, covered, too small to hit, or hard to read."""

from collections.abc import Sequence
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

SIZES = {"atm": (1024, 768), "kiosk": (1080, 1920), "pos": (480, 800)}
DRAWN = """() => Promise.all([document.fonts.ready, ...[...document.images].map((image) =>
    image.decode().catch((error) => { if (image.isConnected) throw error; }))])
  .then(() => new Promise(requestAnimationFrame))"""
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
  const texts = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return [...range.getClientRects()];
  };
  for (const [name, , tile] of places.filter(([, , button]) => button.matches(".tile"))) {
    const cap = tile.querySelector("kbd").getBoundingClientRect();
    for (const line of [...tile.querySelectorAll("span")].flatMap(texts))
      if (cap.left < line.right - 1 && line.left < cap.right - 1 && cap.top < line.bottom - 3 && line.top < cap.bottom - 3)
        wrong.push(`${name}: written over its key`);
  }
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
    for (const [name, it] of places)
      if (it.left < box.right - 1 && box.left < it.right - 1 && it.top < box.bottom - 1 && box.top < it.bottom - 1)
        wrong.push(`“${part.innerText?.slice(0, 40)}”: under ${name}`);
  }
  return wrong;
}"""


async def resized(page: Page, size: str) -> None:
    width, height = SIZES[size]
    await page.set_viewport_size({"width": width, "height": height})


async def misplaced(page: Page) -> Sequence[str]:
    """What does not stand as it should at the present size."""
    await page.evaluate(DRAWN)
    return await page.evaluate(LAYOUT)


async def objections(page: Page, context: object = None) -> Sequence[str]:
    """axe's, to the whole page or to a `context` of it."""
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate(
        "(context) => axe.run(context ?? document, {resultTypes: ['violations']})", context
    )
    return [f"{it['id']}: {[node['html'][:120] for node in it['nodes']]}" for it in found["violations"]]


async def photograph(page: Page, folder: Path | None, name: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else goes on in this loop
        await page.screenshot(path=folder / f"{name}.png", caret="initial")
