# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem kiosk`: the browser that shows the customer's screen, for as long as the terminal stands."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from agent import logs
from agent.browser import Browser, Machine, NoBrowserError, command
from agent.cli.failures import CommandFailed, Failure
from agent.cli.options import Config
from agent.cli.process import run_until_stopped
from agent.settings import Settings, load
from gateway.settings import SettingsError


def kiosk(
    config: Config,
    headless: Annotated[bool, typer.Option("--headless", help="Show it nowhere: to try the start.")] = False,
) -> None:
    """Show the customer's screen: Chromium, full screen, started again whenever it ends."""
    run_until_stopped(lambda stop: _kiosk(load(config), stop, headless=headless))


async def _kiosk(settings: Settings, stop: asyncio.Event, *, headless: bool) -> None:
    url, machine, folder = _url(settings), Machine.this(), settings.in_data_dir(Path("browser"))
    try:
        command(machine, url, folder, headless=headless)
    except NoBrowserError as error:
        raise CommandFailed(Failure("The screen cannot be shown", (str(error),), error.to_do)) from None
    logs.configure()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keeping = asyncio.create_task(Browser(machine, url, folder, headless=headless).keep())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((keeping, stopping), return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            keeping.result()
    finally:
        for task in (keeping, stopping):
            task.cancel()
        await asyncio.gather(keeping, stopping, return_exceptions=True)


def _url(settings: Settings) -> str:
    kiosk = settings.agent.kiosk
    if kiosk is None:
        raise SettingsError("agent.kiosk: this node has no customer's screen; add [agent.kiosk] with listen")
    if kiosk.listen.endswith(":0"):
        raise SettingsError("agent.kiosk.listen: port 0 is any free one, and the browser has to know which")
    return f"http://{kiosk.listen}/"
