import asyncio
import contextlib
import logging
import os
import shutil
import signal
from pathlib import Path

import pytest
from aiohttp import web

from agent.browser import Browser, Machine, NoBrowserError, command
from agent.x_display import Size, size_of

URL = "http://127.0.0.1:8090/"
PROFILE = Path("/var/lib/tolem/browser/profile")
EVERYTHING = {"chromium": "/usr/bin/chromium", "cage": "/usr/bin/cage"}


def machine(installed=EVERYTHING, *, is_root=False, x_size=None, **environment):
    return Machine(environment, installed.get, is_root=is_root, x_size=lambda _: x_size)


def test_an_x_session_shows_it_full_screen_without_any_frame():
    words = command(machine(DISPLAY=":0"), URL, PROFILE)
    assert words[0] == "/usr/bin/chromium"
    assert {"--kiosk", f"--app={URL}", f"--user-data-dir={PROFILE}"} <= set(words)
    assert "--no-sandbox" not in words


def test_the_window_is_no_smaller_than_an_x_display_without_a_window_manager():
    words = command(machine(DISPLAY=":0", x_size=Size(1024, 768)), URL, PROFILE)
    assert "--window-size=1025,769" in words
    assert not any("window-size" in word for word in command(machine(DISPLAY=":0"), URL, PROFILE))


def test_a_display_that_is_not_there_has_no_size():
    assert size_of(":65530") is None


def test_a_wayland_session_is_used_as_it_is():
    words = command(machine(WAYLAND_DISPLAY="wayland-0"), URL, PROFILE)
    assert words[0] == "/usr/bin/chromium"
    assert "--ozone-platform=wayland" in words


def test_without_any_session_cage_makes_a_screen():
    assert command(machine(), URL, PROFILE)[:3] == ("/usr/bin/cage", "-d", "--")


def test_no_name_and_no_address_but_the_pages_own_can_be_reached():
    assert "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1" in command(machine(), URL, PROFILE)


def test_only_root_runs_it_without_a_sandbox():
    assert "--no-sandbox" in command(machine(is_root=True), URL, PROFILE)


def test_a_browser_of_another_name_will_do():
    installed = {"google-chrome": "/opt/chrome"}
    assert command(machine(installed, DISPLAY=":0"), URL, PROFILE)[0] == "/opt/chrome"


@pytest.mark.parametrize(
    ("installed", "what", "to_do"),
    [
        ({"cage": "/usr/bin/cage"}, "no Chromium", "apt install chromium"),
        ({"chromium": "/usr/bin/chromium"}, "no display", "apt install cage"),
    ],
)
def test_what_is_missing_is_named_with_what_to_do(installed, what, to_do):
    with pytest.raises(NoBrowserError, match=what) as refused:
        command(machine(installed), URL, PROFILE)
    assert to_do in refused.value.to_do


class Page:
    """Counts who looks at it."""

    def __init__(self):
        self.visits = asyncio.Queue()

    async def serve(self, request):
        if request.method == "GET":
            self.visits.put_nowait(request.headers["User-Agent"])
        return web.Response(text="<!doctype html><title>x</title>", content_type="text/html")


@pytest.fixture
async def page():
    shown = Page()
    app = web.Application()
    app.router.add_get("/", shown.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    shown.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield shown
    await runner.cleanup()


def living(folder):
    """Processes that know the browser's folder; what is dead and not yet buried has no command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # gone since
            found.append(path.read_bytes())
    return [line for line in found if os.fsencode(folder) in line]


@pytest.mark.processes
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Debian's chromium is not installed")
async def test_a_browser_that_dies_is_started_again_and_looks_again(page, tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="agent.browser")
    browser = Browser(Machine.this(), page.url, tmp_path, headless=True)
    keeping = asyncio.create_task(browser.keep())
    async with asyncio.timeout(60):
        assert "Chrome" in await page.visits.get()
        [pid] = [record.pid for record in caplog.records if record.message == "browser.started"]
        os.killpg(pid, signal.SIGKILL)
        await page.visits.get()
    assert browser.starts == 2
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    async with asyncio.timeout(10):
        while living(tmp_path):  # noqa: ASYNC110 - the kernel tells nobody when it has ended them
            await asyncio.sleep(0.02)
