"""The composition root: settings become a running gateway, and a running gateway ends cleanly.

Read `Gateway.open` from top to bottom, it is the order of a start: what cannot be used is refused before
anything is opened; the store comes first; what the last life left half done goes on before anyone is
heard. The end is the same backwards, and all its parts share one deadline.
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Self

from gateway.api.listening import listen_on_ports, listen_on_socket, serving
from gateway.api.requests import shutting_out
from gateway.api.server import application
from gateway.api.table import ENROLMENT_CALLS, MONITOR_CALLS, TERMINAL_CALLS
from gateway.assembly import assemble
from gateway.bills import numbering
from gateway.bills import payment as payments
from gateway.bills.moves import Observer
from gateway.bills.readiness import ReadinessGate
from gateway.enrolment.terminals import ShutOut
from gateway.ground import Ground
from gateway.migrations import ROOMS
from gateway.office.office import Operators, open_office
from gateway.outside import Outside, connect
from gateway.parts import Life, Parts
from gateway.publishing.in_force import CatalogueInForce
from gateway.registry.layout import Kind
from gateway.settings import GatewaySettings, NodeSection
from gateway.shutdown import Shutdown
from gateway.times import from_ms
from spool import ControlServer, Spool, Transaction

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Places:
    """Where a gateway is heard."""

    socket: Path
    control: Path
    address: tuple[str, int] | None  # of the API over mutual TLS
    monitor: tuple[str, int] | None
    enrolment: tuple[str, int] | None  # for terminals without a certificate
    registries: Mapping[Kind, tuple[str, int]]  # for who fetches them
    transfers: tuple[str, int] | None  # for the transfers platform
    office: tuple[str, int] | None  # for the bank's operators


@dataclass(frozen=True)
class Gateway:
    """A running gateway. Made by `open`."""

    places: Places
    gate: ReadinessGate

    @classmethod
    @asynccontextmanager
    async def open(  # noqa: PLR0913 - settings, and what of the world is injected
        cls,
        settings: GatewaySettings,
        *,
        node: NodeSection,
        now: Callable[[], datetime],
        random: Random,
        observe: Observer | None = None,
        outside: Outside | None = None,
        ground: Ground | None = None,
        shutdown: Shutdown | None = None,
    ) -> AsyncIterator[Self]:
        """Run a gateway while the block runs.

        `observe` is told of each move after its commit, on the loop. `outside` replaces both lines that
        settings describe. `ground` is of these settings, made earlier by who touches something before;
        `shutdown` is of the process that holds more than a gateway.
        Raises SettingsError, CatalogueError, CertError or StoreError before anything is changed.
        """
        shutdown = shutdown or Shutdown(settings.timers.shutdown_seconds)
        async with AsyncExitStack() as stack:
            if ground is None:
                ground = await stack.enter_async_context(Ground.of(settings, node=node, now=now))
            time_zone = ground.time_zone
            node.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            store = node.data_dir / settings.gateway.store
            spool = await stack.enter_async_context(
                await Spool.open(store, rooms=ROOMS, now=now, random=random)
            )
            ground.contexts.eport.finish()
            if outside is None:
                lines = connect(settings, ground.contexts, time_zone=time_zone, now=now, random=random)
                outside = await stack.enter_async_context(lines)
            life = await _begin_life(spool, settings)
            catalogue = await CatalogueInForce.open(spool, ground.catalogue, now=now)
            _warn_of_a_file_without_effect(catalogue, ground)
            parts = assemble(
                spool,
                settings,
                outside,
                ground.contexts,
                catalogue,
                life,
                pins=ground.pins,
                time_zone=time_zone,
                observe=observe,
            )
            recovered = await parts.recover()
            await stack.enter_async_context(parts.running(shutdown))
            operators = Operators(spool, parts.commands, catalogue.catalogue, settings, node.data_dir)
            office = open_office(operators, ground, random_bytes=random.randbytes, shutdown=shutdown)
            places = await _listen(stack, parts, settings, node.data_dir, ground, shutdown, office)
            _log.info(
                "gateway.started", extra={"recovered": recovered, "catalogue": catalogue.catalogue().version}
            )
            try:
                yield cls(places, parts.gate)
            finally:
                parts.gate.stopping = True
        _log.info("gateway.stopped")


def _warn_of_a_file_without_effect(in_force: CatalogueInForce, ground: Ground) -> None:
    version = in_force.version()
    if version is not None and version.version != ground.catalogue.version:
        told = {"published": version.number, "version": version.version, "file": ground.catalogue.version}
        _log.warning("catalogue.file_not_published", extra=told)


async def _begin_life(spool: Spool, settings: GatewaySettings) -> Life:
    told = settings.gateway.restored_at
    copy = None if spool.restored_at is None else f"copy of {spool.restored_at.isoformat()}"
    name = copy or (None if told is None else f"backup put back at {told.isoformat()}")

    def begin(tx: Transaction) -> Life:
        numbering.set_floors(tx, configured=settings.eport.sequence_floor, restored=name)
        opened = None if copy is None else numbering.first_opened(tx, copy)
        restored = [at for at in (opened, told) if at is not None]
        last_change = from_ms(payments.last_change_ms(tx))
        return Life(last_change, max(restored, default=None), ShutOut.of(tx))

    return await spool.write(begin)


async def _listen(  # noqa: PLR0913, PLR0917 - the last step has everything behind it
    stack: AsyncExitStack,
    parts: Parts,
    settings: GatewaySettings,
    data_dir: Path,
    ground: Ground,
    shutdown: Shutdown,
    office: AbstractAsyncContextManager[tuple[str, int] | None],
) -> Places:
    """The last step of a start: from here on somebody may ask."""
    section = settings.gateway
    calls = [call for call in TERMINAL_CALLS if settings.gateway.openapi or call.name != "openapi"]
    admit = shutting_out(parts.shut_out.refuses)
    body_bytes = settings.limits.body_bytes
    api = application(calls, parts.handlers.by_name(), body_bytes=body_bytes, admit=admit)
    terminals = await stack.enter_async_context(serving(api, shutdown=shutdown))
    control = data_dir / section.control
    await stack.enter_async_context(ControlServer(control, parts.commands))
    await listen_on_socket(terminals, data_dir / section.socket)
    address = await listen_on_ports(terminals, ground.address, ssl_context=ground.contexts.listener)
    newcomers = application(ENROLMENT_CALLS, parts.handlers.by_name(), body_bytes=body_bytes)
    enrolling = await stack.enter_async_context(serving(newcomers, shutdown=shutdown))
    enrolment = await listen_on_ports(enrolling, ground.enrolment, ssl_context=ground.contexts.enrolment)
    numbers = application(MONITOR_CALLS, parts.monitor.by_name(), body_bytes=body_bytes)
    watchers = await stack.enter_async_context(serving(numbers, shutdown=shutdown))
    monitor = await listen_on_ports(watchers, ground.monitor)
    registries = {
        kind: await _serve_registries(stack, parts, ground, shutdown, kind)
        for kind in parts.registries.served
    }
    transfers = await _serve_transfers(stack, parts, ground, shutdown)
    desk = await stack.enter_async_context(office)
    return Places(
        data_dir / section.socket, control, address, monitor, enrolment, registries, transfers, desk
    )


async def _serve_transfers(
    stack: AsyncExitStack, parts: Parts, ground: Ground, shutdown: Shutdown
) -> tuple[str, int] | None:
    """To the transfers platform; nowhere, for a gateway that is no participant."""
    transfers, credentials = parts.transfers, ground.contexts.transfers
    if transfers is None or credentials is None:
        return None
    runner = await stack.enter_async_context(serving(transfers.application, shutdown=shutdown))
    return await listen_on_ports(runner, ground.transfers, ssl_context=credentials.listener)


async def _serve_registries(
    stack: AsyncExitStack, parts: Parts, ground: Ground, shutdown: Shutdown, kind: Kind
) -> tuple[str, int]:
    """Of one kind, to who fetches it."""
    app = parts.registries.served[kind].application()
    runner = await stack.enter_async_context(serving(app, shutdown=shutdown))
    place = await listen_on_ports(runner, ground.readers[kind], ssl_context=ground.contexts.readers[kind])
    assert place is not None, "settings have refused to serve registries nowhere"
    return place
