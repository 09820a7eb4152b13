"""The browser in front of the customer: Chromium, full screen, offline, started again whenever it ends.

It keeps nothing: every start has an empty profile, so that no crash bubble, cookie or cache comes back.
The page and the journey live in the agent; a browser that is started again shows where they are.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from agent import x_display
from agent.processes import Running, start_program

log = logging.getLogger(__name__)

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
HEALTHY_SECONDS: Final = 60.0  # a browser that lived so long is started again at once
_LOOK_AGAIN_SECONDS: Final = 0.5
_WITHOUT: Final = ("Translate", "MediaRouter", "OptimizationHints", "AutofillServerCommunication")
_FLAGS: Final = (
    "--kiosk",
    "--window-position=0,0",  # where no window manager places it
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--noerrdialogs",
    "--hide-crash-restore-bubble",
    "--overscroll-history-navigation=0",
    "--password-store=basic",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-infobars",
    "--disable-pinch",
    "--disable-quic",
    "--disable-sync",
    f"--disable-features={','.join(_WITHOUT)}",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other name or address is reached
)


class NoBrowserError(Exception):
    """`what` is missing on this machine, and `to_do` is what a person installs or sets."""

    def __init__(self, what: str, to_do: str) -> None:
        super().__init__(what)
        self.to_do = to_do


@dataclass(frozen=True)
class Machine:
    """What there is to show a browser with."""

    environment: Mapping[str, str]
    which: Callable[[str], str | None] = shutil.which
    is_root: bool = False
    x_size: Callable[[str], x_display.Size | None] = x_display.size_of

    @classmethod
    def this(cls) -> "Machine":
        return cls(os.environ, is_root=os.geteuid() == 0)


def command(machine: Machine, url: str, profile: Path, *, headless: bool = False) -> Sequence[str]:
    """What to run. NoBrowserError if there is no browser here, or nothing to show it on."""
    program = next(filter(None, map(machine.which, PROGRAMS)), None)
    if program is None:
        raise NoBrowserError("there is no Chromium here", "apt install chromium")
    browser = (
        program,
        *_FLAGS,
        *_by_place(machine, headless=headless),
        f"--user-data-dir={profile}",
        f"--app={url}",
    )
    return browser if headless else (*_screen(machine), *browser)


def _by_place(machine: Machine, *, headless: bool) -> Iterator[str]:
    if headless:
        yield "--headless=new"
        yield "--disable-gpu"
    elif not (display := machine.environment.get("DISPLAY")):
        yield "--ozone-platform=wayland"  # there is one already, or cage makes it
    elif (size := machine.x_size(display)) is not None:
        # Where no window manager makes it as large as the screen. A window of just that size Chromium makes a
        # pixel smaller, so that no manager takes it for a full-screen one; what is beyond the edge nobody sees.
        yield f"--window-size={size.width + 1},{size.height + 1}"
    if machine.is_root:
        yield "--no-sandbox"  # Chromium does not start as root with it: run the kiosk as a user of its own


def _screen(machine: Machine) -> Sequence[str]:
    """What makes a screen where there is none yet: cage, a compositor that shows one program."""
    if machine.environment.get("DISPLAY") or machine.environment.get("WAYLAND_DISPLAY"):
        return ()
    cage = machine.which("cage")
    if cage is None:
        raise NoBrowserError(
            "there is no display: neither WAYLAND_DISPLAY nor DISPLAY is set, and cage is not installed",
            "apt install cage, or start this inside an X or Wayland session",
        )
    return (cage, "-d", "--")


class Browser:
    """Shows `url` until it is cancelled. `folder` is its own: the profile, emptied at each start, and a log."""

    def __init__(self, machine: Machine, url: str, folder: Path, *, headless: bool = False) -> None:
        self._machine = machine
        self._url = url
        self._profile = folder / "profile"
        self._log = folder / "browser.log"
        self._headless = headless
        self.starts = 0

    async def keep(self) -> None:
        """Start it when the page answers, and again whenever it ends, for ever. NoBrowserError."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        while True:
            await _until_answered(self._url)
            began = loop.time()
            await self._live()
            if loop.time() - began >= HEALTHY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            log.warning("browser.ended", extra={"again_in_seconds": pause})
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _live(self) -> None:
        """From one start to its end."""
        arguments = command(self._machine, self._url, self._profile, headless=self._headless)
        shutil.rmtree(self._profile, ignore_errors=True)
        self._log.unlink(missing_ok=True)
        running: Running = await start_program("browser", arguments, log=self._log)
        self.starts += 1
        log.info("browser.started", extra={"starts": self.starts, "pid": running.process.pid})
        try:
            await running.process.wait()
        finally:
            await running.stop()
            running.sweep()


async def _until_answered(url: str) -> None:
    waits = False
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.head(url):
                    return
            except aiohttp.ClientError:
                if not waits:
                    log.info("browser.waits", extra={"for": url})
                waits = True
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
