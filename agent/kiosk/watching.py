"""What happens at the screen without a press: nobody is there any more, or the terminal cannot serve."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.kiosk.attendant import Attendant
from agent.kiosk.desk import NO_CATALOGUE, Desk
from agent.kiosk.screens import Patience
from agent.kiosk.session import Stage
from devices.interfaces import BarcodeReader, Completion
from gateway.client import Refusal, Unreachable
from gateway.providers.product import Catalogue

log = logging.getLogger(__name__)

SCAN_SECONDS: Final = 5.0  # of one wait; then the scanner's line may be asked whether it is still there
SCANNER_AWAY_SECONDS: Final = 1.0


@dataclass(frozen=True)
class KioskTimers:
    """Seconds of the loop's time without a touch. `start_again_seconds` counts from the last touch, too."""

    more_time_seconds: float
    start_again_seconds: float
    read_seconds: float  # an ending
    look_seconds: float  # how often readiness is asked while nobody is there


async def watch_for_leaving(attendant: Attendant, timers: KioskTimers) -> None:
    """Ask whether more time is needed, and start again if nobody answers. Never while money moves."""
    while True:
        attendant.touched.clear()
        try:
            async with asyncio.timeout(_seconds(attendant, timers)):
                await attendant.touched.wait()
        except TimeoutError:
            _nobody(attendant)


def _seconds(attendant: Attendant, timers: KioskTimers) -> float | None:
    screen = attendant.screen
    if screen.name == "more_time":
        return max(0.0, timers.start_again_seconds - timers.more_time_seconds)
    by_patience: Mapping[Patience, float | None] = {
        Patience.ENDLESS: None,
        Patience.ASKS: timers.more_time_seconds,
        Patience.READS: timers.read_seconds,
    }
    return by_patience[screen.patience]


def _nobody(attendant: Attendant) -> None:
    screen = attendant.screen
    if screen.patience is Patience.READS or screen.name == "more_time":
        attendant.walk_away()
    else:
        attendant.ask_for_time()


async def watch_readiness(attendant: Attendant, desk: Desk, timers: KioskTimers) -> None:
    """Look at once when the next person is awaited, and again and again until one comes.

    While somebody is served the devices are theirs, and would only be found busy.
    """
    while True:
        attendant.welcoming.clear()
        if attendant.scene.session.stage is Stage.WELCOME:
            await _look(attendant, desk)
        try:
            async with asyncio.timeout(timers.look_seconds):
                await attendant.welcoming.wait()
        except TimeoutError:
            continue


async def watch_left_card(attendant: Attendant, taken: Callable[[], Awaitable[None]]) -> None:
    """For ever: `taken` returns each time when a card that was left has been taken out."""
    while True:
        await taken()
        attendant.left_card_taken()


async def watch_scanner(attendant: Attendant, scanner: BarcodeReader) -> None:
    """Whatever is scanned, for ever. The supervisor looks after a scanner that is away."""
    while True:
        scanned = await scanner.read(SCAN_SECONDS)
        if scanned.value is not None:
            attendant.scan(scanned.value)
        elif scanned.completion is not Completion.TIME_OUT:
            await asyncio.sleep(SCANNER_AWAY_SECONDS)


_NOT_LOOKED: Final = "agent.not_looked"


async def _look(attendant: Attendant, desk: Desk) -> None:
    catalogue: Catalogue | None = None
    shortcuts: tuple[str, ...] = ()
    try:
        obstacles = list(await desk.obstacles())
        catalogue = await desk.catalogue()
        shortcuts = tuple(await desk.shortcuts())
    except (Unreachable, Refusal):
        obstacles = [NO_CATALOGUE]
    except Exception:
        log.exception("kiosk.not_looked")
        obstacles = [_NOT_LOOKED]
    attendant.look(obstacles=obstacles, catalogue=catalogue, shortcuts=shortcuts)
