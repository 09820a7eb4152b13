"""The parts of a running gateway, put together once; nothing here is opened or heard yet."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.admission import Admission
from gateway.api_handlers import Handlers, MonitorHandlers
from gateway.billing import Billing
from gateway.checking import Checking
from gateway.deliveries import Deliveries
from gateway.eport_probe import EportProbe
from gateway.idempotency import Once
from gateway.metrics import MoveCounter
from gateway.moves import Moves, Observer
from gateway.operator import Operator
from gateway.outside import Outside
from gateway.providers.product import Catalogue
from gateway.readiness import ReadinessGate
from gateway.settings import GatewaySettings, LimitsSection, TimersSection
from gateway.steps import Steps
from gateway.waiting import Waiters
from spool import Breakers, BreakerSettings, Forwarder, Spool, spool_commands
from spool.control import Command

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Life:
    """What the store says at the beginning of this life of the process."""

    last_change: datetime
    restored_at: datetime | None


@dataclass(frozen=True)
class Parts:
    billing: Billing
    once: Once
    gate: ReadinessGate
    forwarder: Forwarder
    probe: EportProbe
    handlers: Handlers
    monitor: MonitorHandlers
    commands: Mapping[str, Command]

    @asynccontextmanager
    async def running(self, *, shutdown_seconds: float) -> AsyncIterator[None]:
        """Forward until the end of the block; then let what is in flight come back, for so long."""
        running = [
            asyncio.create_task(self.forwarder.run(), name="forwarder"),
            asyncio.create_task(self.probe.run(), name="e-port probe"),
        ]
        for task in running:
            task.add_done_callback(self._ended)
        try:
            yield
        finally:
            await self.billing.close(timeout_seconds=shutdown_seconds)
            await self.once.close()
            await self.forwarder.drain(shutdown_seconds)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Whoever must run for ever and does not: no money is taken any more, and a person reads why."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.gate.stopping = True
            _log.critical("gateway.part_failed", extra={"part": task.get_name()}, exc_info=error)


def assemble(  # noqa: PLR0913 - everything that the parts are made of
    spool: Spool,
    settings: GatewaySettings,
    outside: Outside,
    catalogue: Catalogue,
    life: Life,
    *,
    time_zone: ZoneInfo,
    observe: Observer | None,
) -> Parts:
    timers, limits, funds = settings.timers, settings.limits, outside.funds
    breakers = Breakers(spool, _breaker_settings(timers))
    waiters, counter, once = Waiters(), MoveCounter(), Once(spool)
    gate = _gate(spool, breakers, outside, limits, life)
    steps = Steps(
        funds=funds, codec=outside.codec, point=settings.eport.point, time_zone=time_zone, timers=timers
    )
    observers: Sequence[Observer] = (gate, counter, waiters, *(() if observe is None else (observe,)))
    moves = Moves(steps.effects(), observers)
    billing = Billing(
        spool=spool,
        moves=moves,
        admission=Admission(
            moves=moves,
            steps=steps,
            card_host=settings.card_host,
            time_zone=time_zone,
            restored_at=life.restored_at,
        ),
        funds=funds,
        gate=gate,
        waiters=waiters,
        in_flight_limit=limits.payments_in_flight,
    )
    checking = Checking(
        spool=spool,
        breakers=breakers,
        eport=outside.eport,
        codec=outside.codec,
        catalogue=lambda: catalogue,
        point=settings.eport.point,
        time_zone=time_zone,
        valid_seconds=timers.check_valid_seconds,
        in_flight_limit=limits.checks_in_flight,
    )
    deliveries = Deliveries(spool=spool, moves=moves, eport=outside.eport, funds=funds, timers=timers)
    return Parts(
        billing=billing,
        once=once,
        gate=gate,
        forwarder=_forwarder(spool, deliveries, breakers, limits),
        probe=EportProbe(
            spool=spool,
            breakers=breakers,
            eport=outside.eport,
            codec=outside.codec,
            point=settings.eport.point,
            time_zone=time_zone,
        ),
        handlers=Handlers(
            billing=billing, checking=checking, once=once, gate=gate, catalogue=lambda: catalogue
        ),
        monitor=MonitorHandlers(spool=spool, gate=gate, moves=counter),
        commands={**spool_commands(spool), **Operator(spool, moves).commands()},
    )


def _breaker_settings(timers: TimersSection) -> BreakerSettings:
    return BreakerSettings(
        first_probe_seconds=timers.breaker_probe_seconds,
        longest_probe_seconds=timers.breaker_longest_probe_seconds,
        probe_limit_seconds=timers.breaker_longest_probe_seconds,
    )


def _gate(
    spool: Spool, breakers: Breakers, outside: Outside, limits: LimitsSection, life: Life
) -> ReadinessGate:
    return ReadinessGate(
        spool=spool,
        breakers=breakers,
        funds=outside.funds,
        now=spool.now,
        free_disk=lambda: shutil.disk_usage(spool.path.parent).free,
        free_disk_needed=limits.free_disk_bytes,
        last_change=life.last_change,
    )


def _forwarder(spool: Spool, deliveries: Deliveries, breakers: Breakers, limits: LimitsSection) -> Forwarder:
    return Forwarder(
        spool,
        deliveries.routes(),
        breakers=breakers,
        per_lane=limits.requests_per_terminal,
        per_destination=limits.requests_per_destination,
    )
