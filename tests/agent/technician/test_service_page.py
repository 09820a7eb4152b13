"""The service page over HTTP, beside a real terminal: who gets in, what is shown, what each button does."""

import io
import json
import re
import zipfile
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial

import aiohttp
import pytest
import pytest_asyncio

from agent import owner
from agent.doctor import report
from agent.journal import latest
from agent.maintenance import State
from agent.support import support_bundle
from agent.technician.door import COOKIE
from agent.technician.pin_file import NAME, PinFile
from agent.technician.service_page import service_page
from agent.terminal_commands import terminal_commands
from tests.journeys.conftest import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
PIN = "284015"


@dataclass
class Technician:
    """Somebody with a browser."""

    url: str
    browser: aiohttp.ClientSession

    async def get(self, path="/", **headers):
        async with self.browser.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers

    async def post(self, path, *, origin=None, token=None, **form):
        token = await self.token() if token is None else token
        headers = {"Origin": self.url if origin is None else origin}
        async with self.browser.post(
            self.url + path, data={"token": token, **form}, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, await answer.read(), answer.headers

    async def token(self):
        found = re.search(r'name="token" value="(\w+)"', (await self.get("/"))[1])
        return found[1] if found else ""

    async def logs_in(self, pin=PIN, language="en"):
        status, body, headers = await self.post(f"/login?language={language}", token="", pin=pin)
        return status, body.decode(), headers


@asynccontextmanager
async def _at(terminal, *, pin=PIN, now=owner.now):
    settings = terminal.settings
    settings.in_data_dir(NAME).unlink(missing_ok=True)
    if pin is not None:
        PinFile(settings.in_data_dir(NAME), now=now, random_bytes=owner.random_bytes).set(pin)
    call = owner.within(terminal_commands(terminal))
    asking = lambda _: nullcontext(call)  # noqa: E731 - as agent.cli.services does
    async with (
        service_page(
            terminal,
            listen="127.0.0.1:0",
            call=call,
            report=partial(report, settings, asking=asking),
            bundle=partial(support_bundle, settings, asking=asking),
            now=now,
            random_bytes=owner.random_bytes,
        ) as url,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser,
    ):
        yield Technician(url.rstrip("/"), browser)


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(terminal):
    async with _at(terminal) as somebody:
        yield somebody


@pytest_asyncio.fixture(loop_scope="module")
async def technician(stranger):
    assert (await stranger.logs_in())[0] == 303
    return stranger


async def journal_of(terminal):
    return [line.name for line in await terminal.spool.read(lambda tx: latest(tx, 100))]


async def test_nobody_sees_or_does_anything_before_the_pin(stranger, terminal):
    for path in ("/", "/guide", "/report.json"):
        status, body, headers = await stranger.get(path)
        assert (status, headers["Location"], body) == (303, "/login", ""), path
    for act in ("maintenance", "test", "guide", "guide/answer", "guide/stop", "print", "bundle", "logout"):
        status, _, headers = await stranger.post(f"/{act}", order="take", test="printer.sheet")
        assert (status, headers["Location"]) == (303, "/login"), act
    assert terminal.assembly.maintenance.state is State.SERVING


async def test_what_looks_again_by_itself_is_sent_to_the_login(stranger):
    for path in ("/glance", "/guide/now"):
        status, _, headers = await stranger.get(path)
        assert (status, headers["HX-Redirect"]) == (204, "/login")


async def test_the_cookie_is_for_this_page_alone(stranger):
    _, _, headers = await stranger.logs_in()
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_wrong_pins_lock_the_page_and_stand_in_the_journal(terminal, clock):
    async with _at(terminal, now=clock) as stranger:
        for _ in range(3):
            status, page, _ = await stranger.logs_in("999998")
        assert status == 403
        assert "Wait, seconds: 30" in page
        clock.advance(seconds=29.5)
        status, page, _ = await stranger.logs_in()
        assert (status, "Wait, seconds: 1<" in page) == (403, True), "the right one has to wait, too"
        clock.advance(seconds=0.5)
        assert (await stranger.logs_in())[0] == 303
    names = await journal_of(terminal)
    assert names.count("service.pin_wrong") == 3
    assert "service.pin_locked" in names


async def test_where_no_pin_is_set_nobody_gets_in_and_is_told_how(terminal):
    async with _at(terminal, pin=None) as somebody:
        status, page, _ = await somebody.logs_in("")
        assert status == 403
        assert "tolem service pin" in page


async def test_a_form_from_another_page_is_refused(technician, terminal):
    token = await technician.token()
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        assert (await technician.post("/maintenance", origin=origin, token=token, order="take"))[0] == 403
    assert terminal.assembly.maintenance.state is State.SERVING


async def test_a_form_without_its_token_does_nothing(technician, terminal):
    for token in ("", "0" * 64):
        assert (await technician.post("/maintenance", token=token, order="take"))[0] == 303
    assert terminal.assembly.maintenance.state is State.SERVING
    assert "This page was old" in (await technician.get())[1]


async def test_who_logs_in_anew_has_put_the_former_one_out(stranger):
    former = (await stranger.logs_in())[2]["Set-Cookie"].partition(";")[0]
    await stranger.logs_in()
    assert (await stranger.get())[0] == 200
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as other:
        one = Technician(stranger.url, other)
        assert (await one.get(Cookie=former))[2]["Location"] == "/login"


async def test_everything_is_seen_at_a_glance_and_nothing_inline(technician, terminal, pay):
    await pay(terminal)
    status, page, headers = await technician.get()
    assert status == 200
    for seen in (
        "is in service",
        "Card reader",
        "PIN pad",
        "Printer",
        "Gateway and card host",
        "Clock",
        "Disk",
    ):
        assert seen in page
    for seen in ("e-port", "Certificate for e-port", "Terminal&#39;s list", "PASS", "400000******"):
        assert seen in page
    assert "7011234567" not in page, "a requisite is nobody's business here"
    assert not re.search(r"<style|<script[^>]*>[^<]| style=| on\w+=|https?://", page)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


async def test_everything_that_the_page_asks_for_is_there(technician):
    _, page, _ = await technician.get()
    css = (await technician.get("/service/service.css"))[1]
    paths = {*re.findall(r'(?:src|href)="(/s[^"]+)"', page), *re.findall(r"url\(([^)]+)\)", css)}
    assert len(paths) == 5
    for path in paths:
        async with technician.browser.get(technician.url + path) as answer:
            assert answer.status == 200, path


async def test_it_speaks_three_languages(technician):
    for language, (standing, measured) in {
        "kk": ("Терминал жұмыс істейді", "қағаз бар, қақпағы жабық"),
        "ru": ("Терминал работает", "бумага есть, крышка закрыта"),
        "en": ("The terminal is in service", "paper full, cover closed"),
    }.items():
        await technician.post("/language", language=language)
        _, page, _ = await technician.get()
        assert f'<html lang="{language}">' in page
        assert standing in page
        assert page.count(measured) == 2, "in the table, and at the device"


async def test_the_terminal_is_taken_and_given_back(technician, terminal):
    await technician.post("/maintenance", order="take")
    await terminal.assembly.maintenance.take()
    _, page, _ = await technician.get()
    assert "Out of service" in page
    assert "In a technician&#39;s hands" in page
    await technician.post("/maintenance", order="leave")
    assert terminal.assembly.maintenance.state is State.SERVING
    assert {"maintenance.maintained", "maintenance.serving", "service.logged_in"} <= set(
        await journal_of(terminal)
    )


async def test_who_logs_out_gives_the_terminal_back(technician, terminal):
    await technician.post("/maintenance", order="take")
    await terminal.assembly.maintenance.take()
    await technician.post("/logout")
    assert terminal.assembly.maintenance.state is State.SERVING
    assert (await technician.get())[0] == 303


async def test_quick_tests_are_a_button_and_their_results_stand_at_the_device(technician):
    await technician.post("/test", device="pin_pad")
    _, page, _ = await technician.get()
    assert "Serial number" in page
    assert "Self-test" in page


async def test_a_guided_test_tells_asks_and_shows_what_it_came_to(technician, terminal):
    assert (await technician.post("/guide", test="printer.sheet"))[2]["Location"] == "/"
    assert "Take the terminal first" in (await technician.get())[1]
    await terminal.assembly.maintenance.take()
    assert (await technician.post("/guide", test="printer.sheet"))[2]["Location"] == "/guide"
    guided = terminal.assembly.tests.guided
    while guided.question is None:
        await guided.change(guided.count)
    _, page, _ = await technician.get("/guide/now")
    assert "ӘҒҚҢӨҰҮҺІ" in page
    assert "hx-trigger" in page
    await technician.post("/guide/answer", answer="no")
    while guided.result is None:
        await guided.change(guided.count)
    _, page, _ = await technician.get("/guide/now")
    assert "FAIL" in page
    assert "hx-trigger" not in page, "what is over is not asked for again"


async def test_a_guided_test_can_be_stopped(technician, terminal):
    await terminal.assembly.maintenance.take()
    await technician.post("/guide", test="pin_pad.display")
    await technician.post("/guide/stop")
    assert "SKIPPED" in (await technician.get("/guide/now"))[1]


async def test_the_report_is_printed_and_saved(technician, terminal):
    jobs = terminal.devices.emulators.printer.jobs
    before = len(jobs)
    await technician.post("/print")
    assert "The report was printed." in (await technician.get())[1]
    assert len(jobs) == before + 1
    _, text, headers = await technician.get("/report.json")
    assert "attachment" in headers["Content-Disposition"]
    saved = json.loads(text)
    assert (saved["node"], saved["exit"], saved["maintenance"]) == ("ATM00017", 0, "SERVING")
    assert {"part", "verdict", "detail", "next_step", "who", "when"} <= set(saved["findings"][0])


async def test_a_bundle_is_handed_out_and_noted(technician, terminal):
    status, body, _ = await technician.post("/bundle")
    assert status == 200
    names = set(zipfile.ZipFile(io.BytesIO(body)).namelist())
    assert {"report.json", "settings.json", "versions.json", "log.txt", "metrics.txt"} <= names
    assert "support.taken" in await journal_of(terminal)


async def test_a_page_that_looks_again_by_itself_keeps_nobody_logged_in(bank, tmp_path):
    impatient = replace(bank, folder=tmp_path, timers={**bank.timers, "service_idle_seconds": 0.4})
    async with impatient.terminal() as terminal, _at(terminal) as technician:
        await technician.logs_in()
        maintenance = terminal.assembly.maintenance
        await maintenance.take()
        while maintenance.state is State.MAINTAINED:
            await technician.get("/glance")
        status, _, headers = await technician.get()
        assert (status, headers["Location"]) == (303, "/login")
        assert await terminal.assembly.gate.obstacles() == []
        await eventually(lambda: journal_of(terminal), lambda names: "service.idle" in names)
