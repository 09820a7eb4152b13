"""The composition root of a terminal: settings become a running agent, and it ends cleanly.

Read `open_terminal` from top to bottom, it is the order of a start: what cannot be used is refused before
anything is touched, both stores too; then the store, so that a second process stops at once; then the gateway, whose recovery comes before ours; then the devices; then what the
last life left behind. Only after that a customer is served. The end is the same backwards.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random
from typing import Any, Final, Protocol, TypeVar

from agent.assembly import Assembly, assemble
from agent.catalogue_copy import TerminalCatalogue
from agent.certificate_renewal import CertificateRenewal
from agent.gateway_nearby import Nearby
from agent.journeys.bill_book import Observer
from agent.journeys.bill_record import Journey
from agent.journeys.bill_runner import live
from agent.journeys.card_record import CardJourney, J
from agent.journeys.customer import Customer, Unattended
from agent.journeys.link_record import LinkJourney
from agent.journeys.merchant import Merchant, UnattendedSale
from agent.journeys.sale_record import Sale
from agent.journeys.sale_runner import recover_sales, sell
from agent.kept_receipts import ReceiptFolder, folder_of
from agent.left_card import was_left
from agent.migrations import ROOMS
from agent.monitor import Monitor
from agent.orders import LinkOrder, Order, SaleWish, begun, begun_by_link, begun_sale
from agent.readiness import ReadinessGate
from agent.recovery import recover
from agent.registry import installation
from agent.settings import Settings
from agent.terminal_devices import TerminalDevices, open_devices
from certs.detached import Pins
from gateway.bills.moves import Observer as GatewayObserver
from gateway.client import GatewayClient
from gateway.ground import check_sockets
from gateway.identifiers import new_payment_id
from gateway.shutdown import Shutdown
from spool import Spool, look

log = logging.getLogger(__name__)
PART_FAILED: Final = "terminal.part_failed"  # an obstacle until the next start


T = TypeVar("T")
J_co = TypeVar("J_co", bound=CardJourney, covariant=True)


class Begin(Protocol[J_co]):
    """The first record of a journey."""

    def __call__(self, *, journey_id: str, at: datetime) -> J_co: ...


class TerminalStopsError(Exception):
    """The terminal is being stopped and serves nobody any more. Nothing was begun."""


@dataclass(frozen=True)
class Terminal:
    """A running terminal: one customer at a time. Made by `open_terminal`."""

    settings: Settings
    spool: Spool
    catalogue: TerminalCatalogue
    devices: TerminalDevices
    assembly: Assembly
    recovered: asyncio.Future[list[CardJourney]]
    shutdown: Shutdown
    _living: set[asyncio.Task[Any]] = field(default_factory=set)
    _stops: asyncio.Event = field(default_factory=asyncio.Event)

    async def pay(self, order: Order, customer: Customer) -> Journey:
        """Live one bill payment to its end. OrderError, Unreachable, TerminalStopsError: nothing was begun.

        When the terminal stops meanwhile the call is cancelled, and the next start takes the journey up.
        """
        await asyncio.shield(self.recovered)
        catalogue = await self.catalogue.current()
        return await self._served(self._lived(customer, partial(begun, order, catalogue)))

    async def pay_link(self, order: LinkOrder, customer: Customer) -> LinkJourney:
        """As `pay`, for a shop by its payment link."""
        return await self._served(self._lived(customer, partial(begun_by_link, order)))

    async def stop_serving(self, *, grace_seconds: float = 0.0) -> None:
        """Begin no journey any more; a living one has so long, and is left then in its committed state."""
        self._stops.set()
        if self._living:
            await asyncio.wait(self._living, timeout=grace_seconds)
        for living in self._living:
            living.cancel()
        await asyncio.gather(*self._living, return_exceptions=True)

    async def sell(self, wish: SaleWish, merchant: Merchant) -> Sale:
        """Live one sale to its end. OrderError, TerminalStopsError: nothing was begun; stopping is as for `pay`."""
        return await self._served(self._sold(wish, merchant))

    async def _served(self, journey: Coroutine[Any, Any, T]) -> T:
        """Live it in a task that `stop_serving` can end."""
        living = asyncio.create_task(journey)
        self._living.add(living)
        living.add_done_callback(self._living.discard)
        return await living

    async def _lived(self, customer: Customer, begin: Begin[J]) -> J:
        parts = self.assembly.parts
        async with self._turn():
            await recover(self.spool, parts, Unattended())
            at = parts.now()
            journey = begin(journey_id=new_payment_id(at, parts.random_bytes), at=at)
            await self.assembly.book.begin(journey)
            return await live(journey, parts, customer)

    async def _sold(self, wish: SaleWish, merchant: Merchant) -> Sale:
        parts, sale_parts = self.assembly.parts, self.assembly.sale_parts
        async with self._turn():
            await recover_sales(self.spool, sale_parts, UnattendedSale())
            at = parts.now()
            sale = begun_sale(wish, sale_id=new_payment_id(at, parts.random_bytes), at=at)
            await sale_parts.book.begin(sale)
            return await sell(sale, sale_parts, merchant)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One customer at a time. TerminalStopsError: nobody's turn comes any more."""
        await asyncio.shield(self.recovered)
        async with self.assembly.customers:
            if self._stops.is_set():
                raise TerminalStopsError
            yield


@asynccontextmanager
async def open_terminal(
    settings: Settings,
    *,
    now: Callable[[], datetime],
    random: Random,
    observe: Observer | None = None,
    observe_gateway: GatewayObserver | None = None,
) -> AsyncIterator[Terminal]:
    """Run a terminal while the block runs.

    `observe` is told of each committed record, `observe_gateway` of each move of a gateway in this
    process. Raises SettingsError, CertError, CatalogueError or StoreError before anything is changed.
    """
    shutdown = Shutdown(settings.timers.shutdown_seconds)
    pins = await _refuse_early(settings)
    async with AsyncExitStack() as stack:
        nearby = await stack.enter_async_context(Nearby.of(settings, now=now))
        settings.node.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = settings.in_data_dir(settings.agent.store)
        opening = await Spool.open(store, rooms=ROOMS, now=now, random=random)
        spool = await stack.enter_async_context(opening)
        own = nearby.gateway(now=now, random=random, observe=observe_gateway, shutdown=shutdown)
        await stack.enter_async_context(own)
        client = nearby.client(random_bytes=random.randbytes)
        stack.push_async_callback(client.close)
        devices = await stack.enter_async_context(open_devices(settings, now=now, random=random))
        renewal = _renewal(nearby, client, now=now, random=random)
        assembly = assemble(
            settings,
            spool=spool,
            client=client,
            devices=devices,
            now=now,
            random=random,
            observe=observe,
            folder=_receipt_folder(settings, devices),
            renewal=renewal,
            installed=await spool.write(lambda tx: installation(tx, random.randbytes)),
            card_left=await spool.read(was_left),
        )
        for work in assembly.in_background():
            await stack.enter_async_context(_in_background(work, assembly.gate))
        stack.push_async_callback(assembly.maintenance.close)
        catalogue = TerminalCatalogue(
            client, spool, assembly.journal, pins=pins, poll_seconds=settings.timers.catalogue_poll_seconds
        )
        await stack.enter_async_context(_in_background(catalogue.run(), assembly.gate))
        if renewal is not None:
            await stack.enter_async_context(_in_background(renewal.run(assembly.note), assembly.gate))
        monitor = Monitor(spool, assembly.gate, devices.supervisor.devices, now=now)
        await stack.enter_async_context(monitor.listening(settings.agent.monitor, shutdown))
        recovered = await stack.enter_async_context(_in_background(_recover(spool, assembly), assembly.gate))
        log.info("terminal.started", extra={"terminal": settings.node.id})
        terminal = Terminal(settings, spool, catalogue, devices, assembly, recovered, shutdown)
        stack.push_async_callback(terminal.stop_serving)
        yield terminal
        await terminal.stop_serving()
        await assembly.journal.close()
        await assembly.forwarder.drain(shutdown.left_seconds())
    log.info("terminal.stopped")


async def _refuse_early(settings: Settings) -> Pins | None:
    """What cannot be used is refused before anything is touched. The keys that sign catalogues, if any."""
    await asyncio.to_thread(look, settings.in_data_dir(settings.agent.store), rooms=ROOMS)
    check_sockets({"agent.control": settings.agent_control})
    pinned = settings.agent.catalogue_key
    return None if pinned is None else Pins.load(pinned)


async def _recover(spool: Spool, assembly: Assembly) -> list[CardJourney]:
    """What the last life left behind, of every kind; the journeys as they ended."""
    journeys = await recover(spool, assembly.parts, Unattended())
    await recover_sales(spool, assembly.sale_parts, UnattendedSale())
    return journeys


def _receipt_folder(settings: Settings, devices: TerminalDevices) -> ReceiptFolder | None:
    printer = devices.emulators.printer
    return None if printer is None else ReceiptFolder(folder_of(settings.node.data_dir), printer)


def _renewal(
    nearby: Nearby, client: GatewayClient, *, now: Callable[[], datetime], random: Random
) -> CertificateRenewal | None:
    """None where the gateway is this machine's own."""
    if nearby.tls is None:
        return None
    return CertificateRenewal(
        nearby.tls,
        client,
        partial(nearby.client_as, random_bytes=random.randbytes),
        terminal=nearby.settings.node.id,
        now=now,
        random=random,
        look_seconds=nearby.settings.timers.certificate_look_seconds,
    )


@asynccontextmanager
async def _in_background(
    work: Coroutine[Any, Any, Any], gate: ReadinessGate
) -> AsyncIterator[asyncio.Task[Any]]:
    """Run `work` during the block. If it fails the log says so, and no customer is served any more."""
    task = asyncio.create_task(work)
    task.add_done_callback(partial(_ended, gate))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _ended(gate: ReadinessGate, task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        gate.fail(PART_FAILED)
        log.critical("terminal.background_failed", exc_info=error)
