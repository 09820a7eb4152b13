"""The page's port: whom it answers, and what a browser gets of it."""

import asyncio
import re
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from agent.kiosk.attendant import Attendant
from agent.kiosk.desk import Desk
from agent.kiosk.server import LARGEST_BODY_BYTES, Pages
from agent.kiosk.wording import Wording
from tests.agent.kiosk import scenes


async def _nothing(*_):
    return ()


class Site:
    def __init__(self, port, attendant, browser):
        self.port, self.attendant, self.browser = port, attendant, browser
        self.url = f"http://127.0.0.1:{port}"

    async def get(self, path="/", **headers):
        async with self.browser.get(self.url + path, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers

    async def press(self, action, value="", *, seq=None, origin=None, path="/press", **more):
        form = {"action": action, "value": value, "seq": seq or self.attendant.scene.seq}
        headers = {"Origin": self.url if origin is None else origin, **more}
        async with self.browser.post(self.url + path, data=form, headers=headers) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def _site(framed_by=None):
    desk = Desk(_nothing, _nothing, _nothing, _nothing, None)
    attendant = Attendant(desk, facts=scenes.FACTS, languages=scenes.LANGUAGES, life="life")
    attendant.look(obstacles=(), catalogue=scenes.CATALOGUE, shortcuts=())
    origins = set()

    async def picture():
        return None

    pages = Pages(attendant, Wording(scenes.FACTS), picture, framed_by=framed_by)
    runner = web.AppRunner(pages.application(lambda: frozenset(origins)), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    origins.add(f"http://127.0.0.1:{port}")
    async with aiohttp.ClientSession() as browser:
        yield Site(port, attendant, browser)
        pages.closing.set()
    await runner.cleanup()


@pytest.fixture
async def site():
    async with _site() as running:
        yield running


async def test_the_page_holds_the_present_screen_and_nothing_inline(site):
    status, page, headers = await site.get()
    assert status == 200
    assert 'data-screen="welcome"' in page
    assert not re.search(r"<style|<script[^>]*>[^<]| style=| on\w+=|https?://", page)
    csp = headers["Content-Security-Policy"]
    assert "default-src 'none'" in csp
    assert "unsafe" not in csp
    assert "frame-ancestors 'none'" in csp
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


async def test_everything_that_the_page_asks_for_is_there(site):
    _, page, _ = await site.get()
    css = (await site.get("/static/kiosk.css"))[1]
    paths = re.findall(r'(?:src|href)="(/[^"]+)"', page) + [
        f"/static/{name}" for name in re.findall(r"url\(([^)]+)\)", css)
    ]
    assert len(paths) >= 7
    for path in paths:
        async with site.browser.get(site.url + path) as answer:
            assert answer.status == 200, path


async def test_a_press_answers_with_the_next_screen(site):
    status, screen = await site.press("language", "kk")
    assert status == 200
    assert 'data-screen="groups"' in screen
    assert 'lang="kk"' in screen


async def test_a_press_from_an_old_screen_gets_the_present_one(site):
    old = site.attendant.scene.seq
    await site.press("language", "ru")
    _, screen = await site.press("language", "en", seq=old)
    assert 'data-screen="groups"' in screen
    assert 'lang="ru"' in screen


async def test_a_reload_in_the_middle_shows_where_the_person_is(site):
    await site.press("language", "ru")
    await site.press("product", "dala-mobile")
    assert (await site.press("", "70112", path="/typed"))[0] == 204
    _, page, _ = await site.get()
    assert 'data-screen="requisite"' in page
    assert 'value="+7 (701) 12"' in page


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_press_from_another_origin_is_refused_and_does_nothing(site, origin):
    status, _ = await site.press("language", "ru", origin=origin)
    assert status == 403
    assert site.attendant.screen.name == "welcome"


async def test_a_press_without_an_origin_is_refused(site):
    async with site.browser.post(site.url + "/press", data={"action": "language"}) as answer:
        assert answer.status == 403


async def test_a_name_that_leads_to_loopback_is_not_ours(site):
    for path in ("/", "/screen", "/events"):
        status, _, _ = await site.get(path, Host=f"evil.example:{site.port}")
        assert status == 403


async def test_another_page_cannot_read_the_stream(site):
    assert (await site.get("/events", Origin="http://evil.example"))[0] == 403


async def test_only_a_form_is_a_press(site):
    headers = {"Origin": site.url}
    async with site.browser.post(site.url + "/press", json={"action": "x"}, headers=headers) as answer:
        assert answer.status == 403


async def test_a_form_that_is_too_large_is_refused(site):
    assert (await site.press("enter", "1" * LARGEST_BODY_BYTES))[0] == 413


@pytest.mark.parametrize("path", ["/nothing", "/receipt.png", "/static/../server.py", "/static/"])
async def test_what_is_not_there_is_not_found_and_has_the_same_policy(site, path):
    status, _, headers = await site.get(path)
    assert status in {403, 404}
    assert "default-src 'none'" in headers["Content-Security-Policy"]


async def test_the_stream_tells_the_present_screen_and_each_new_one(site):
    async with site.browser.get(site.url + "/events", headers={"Origin": site.url}) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        first = await stream.content.readuntil(b"\n\n")
        await site.press("language", "en")
        second = await stream.content.readuntil(b"\n\n")
    assert first.startswith(b"event: screen\n")
    assert b'data-screen="welcome"' in first
    assert b'data-screen="groups"' in second
    assert all(line.startswith(b"data: ") for line in second.splitlines()[2:] if line)


async def test_a_browser_that_went_away_leaves_the_screen_alone(site):
    async with site.browser.get(site.url + "/events") as stream:
        await stream.content.readuntil(b"\n\n")
    await site.press("language", "en")
    await asyncio.sleep(0)
    assert site.attendant.screen.name == "groups"


async def test_a_demos_panel_may_frame_the_page_and_nobody_else():
    async with _site("http://127.0.0.1:9000") as site:
        _, _, headers = await site.get()
        assert "frame-ancestors http://127.0.0.1:9000" in headers["Content-Security-Policy"]
