"""The customer's screen of a running terminal: opened beside it, closed before it."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

from agent.assembly import terminal_facts
from agent.earlier_payments import EarlierPayments
from agent.journeys.card_record import CardJourney
from agent.journeys.sale_book import latest
from agent.journeys.sale_record import Sale
from agent.kiosk.attendant import Attendant
from agent.kiosk.desk import NOT_RECOVERED, Desk, TransferDesk
from agent.kiosk.server import Pages
from agent.kiosk.watching import (
    KioskTimers,
    watch_for_leaving,
    watch_left_card,
    watch_readiness,
    watch_scanner,
)
from agent.kiosk.wording import Wording
from agent.popular import popular, recent
from agent.receipt import NoReceiptError
from agent.terminal import Terminal
from devices.escpos.picture import picture
from gateway.api.listening import listen_on_port, serving
from gateway.providers.product import Catalogue
from gateway.shutdown import Shutdown

log = logging.getLogger(__name__)
_SHUTDOWN_SECONDS = 2.0
_SHORTCUTS = 3
_SALES = 12  # two pages of the last ones


@dataclass(frozen=True)
class Kiosk:
    """A page that is served. `url` is where a browser finds it."""

    url: str
    attendant: Attendant

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        terminal: Terminal,
        *,
        listen: str,
        random_bytes: Callable[[int], bytes],
        framed_by: str | None = None,
    ) -> AsyncIterator[Self]:
        """Serve the screen at `listen`, a loopback address, during the block. SettingsError if it cannot.

        `framed_by`: the one origin whose page may show this one in a frame; a bank's terminal has none.
        """
        settings = terminal.settings
        facts = terminal_facts(settings)
        desk = _desk(terminal)
        attendant = Attendant(
            desk, facts=facts, languages=settings.agent.languages, life=random_bytes(4).hex()
        )
        pages = Pages(attendant, Wording(facts), lambda: _picture(terminal, attendant), framed_by=framed_by)
        origins: set[str] = set()
        app = pages.application(lambda: frozenset(origins))
        timers = KioskTimers(
            more_time_seconds=settings.timers.more_time_seconds,
            start_again_seconds=settings.timers.start_again_seconds,
            read_seconds=settings.timers.read_seconds,
            look_seconds=settings.timers.look_seconds,
        )
        async with AsyncExitStack() as stack:
            runner = await stack.enter_async_context(serving(app, shutdown=Shutdown(_SHUTDOWN_SECONDS)))
            stack.callback(pages.closing.set)
            host, port = await listen_on_port(runner, listen, key="agent.kiosk.listen")
            origins |= {f"http://{name}:{port}" for name in (host, "localhost")}
            watches = [
                watch_for_leaving(attendant, timers),
                watch_readiness(attendant, desk, timers),
                watch_left_card(attendant, terminal.assembly.left_card.taken),
            ]
            if terminal.devices.scanner is not None:
                watches.append(watch_scanner(attendant, terminal.devices.scanner))
            for watch in watches:
                stack.push_async_callback(_end, asyncio.create_task(watch))
            stack.push_async_callback(_close, attendant, terminal.shutdown)
            kiosk = cls(f"http://{host}:{port}/", attendant)
            log.info("kiosk.listening", extra={"url": kiosk.url})
            yield kiosk


async def _close(attendant: Attendant, shutdown: Shutdown) -> None:
    """The first look at what is left starts the terminal's end."""
    await attendant.close(grace_seconds=shutdown.left_seconds())


async def _end(watch: asyncio.Task[None]) -> None:
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)


def _desk(terminal: Terminal) -> Desk:
    async def obstacles() -> Sequence[str]:
        """While the last life is being put in order nobody is served."""
        try:
            await asyncio.shield(terminal.recovered)
        except Exception:
            log.exception("kiosk.not_recovered")
            return [NOT_RECOVERED]
        return await terminal.assembly.gate.obstacles()

    async def catalogue() -> Catalogue:
        return await terminal.catalogue.current()

    async def shortcuts() -> Sequence[str]:
        often = await popular(terminal.spool, limit=_SHORTCUTS)
        return (*often, *await recent(terminal.spool, limit=_SHORTCUTS))

    earlier = EarlierPayments(terminal.spool, terminal.assembly)
    return Desk(terminal.pay, obstacles, catalogue, shortcuts, earlier, _transfers(terminal))


def _transfers(terminal: Terminal) -> TransferDesk:
    parts = terminal.assembly.sale_parts

    async def sales() -> Sequence[Sale]:
        return await terminal.spool.read(lambda tx: latest(tx, _SALES))

    async def reprint(sale: Sale) -> bool:
        printed = await parts.printer.print_receipt(parts.slip(sale), parts.timers.receipt_seconds)
        await terminal.assembly.note("slip.copy", {"sale_id": sale.sale_id, "printed": printed.succeeded})
        return printed.succeeded

    services = frozenset(terminal.settings.agent.serves)
    return TransferDesk(services, terminal.pay_link, terminal.sell, sales, reprint)


async def _picture(terminal: Terminal, attendant: Attendant) -> bytes | None:
    """What the receipt of the payment on the screen looks like; of an earlier payment, its copy."""
    scene = attendant.scene
    journey = scene.session.earlier or _as_printed(scene.journey)
    if journey is None:
        return None
    try:
        job = terminal.assembly.parts.receipt(journey)
    except NoReceiptError:
        return None

    def draw() -> bytes:
        file = io.BytesIO()
        picture(job, terminal.devices.profile).save(file, "PNG")
        return file.getvalue()

    return await asyncio.to_thread(draw)


def _as_printed(journey: CardJourney | None) -> CardJourney | None:
    """The record before it said "printed", after which every receipt is a copy."""
    return None if journey is None else journey.model_copy(update={"receipt_printed": None})
