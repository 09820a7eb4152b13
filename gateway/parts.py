"""The parts of a running gateway, and how they run and end together."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from gateway.api.handlers import Handlers, MonitorHandlers
from gateway.bills.billing import Billing
from gateway.bills.eport_probe import EportProbe
from gateway.bills.readiness import ReadinessGate
from gateway.c2b2e.parts import Transfers
from gateway.certificates.keeper import CertificateKeeper
from gateway.enrolment.terminals import ShutOut
from gateway.idempotency import Once
from gateway.reconciliation.parts import Reconciliation
from gateway.registry.parts import Registries
from gateway.retention import Retention
from gateway.shutdown import Shutdown
from spool import Forwarder
from spool.control import Command

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Life:
    """What the store says at the beginning of this life of the process."""

    last_change: datetime
    restored_at: datetime | None
    shut_out: ShutOut


@dataclass(frozen=True)
class Parts:
    billing: Billing
    once: Once
    gate: ReadinessGate
    forwarder: Forwarder
    probe: EportProbe
    keeper: CertificateKeeper
    shut_out: ShutOut
    registries: Registries
    reconciliation: Reconciliation
    retention: Retention
    transfers: Transfers | None  # for a participant of the transfers platform
    handlers: Handlers
    monitor: MonitorHandlers
    commands: Mapping[str, Command]

    @asynccontextmanager
    async def running(self, shutdown: Shutdown) -> AsyncIterator[None]:
        """Forward until the end of the block; then let what is in flight come back, while something is left."""
        running = [
            asyncio.create_task(self.forwarder.run(), name="forwarder"),
            asyncio.create_task(self.probe.run(), name="e-port probe"),
            asyncio.create_task(self.keeper.run(), name="certificates"),
            asyncio.create_task(self.registries.rounds.run(), name="registries"),
            asyncio.create_task(self.reconciliation.rounds.run(), name="reconciliation"),
            asyncio.create_task(self.retention.run(), name="retention"),
        ]
        if self.transfers is not None:
            running.append(asyncio.create_task(self.transfers.watch(), name="revocation lists"))
        for task in running:
            task.add_done_callback(self._ended)
        try:
            yield
        finally:
            await self.billing.close(timeout_seconds=shutdown.left_seconds())
            if self.transfers is not None:
                await self.transfers.close(timeout_seconds=shutdown.left_seconds())
            await self.once.close()
            await self.forwarder.drain(shutdown.left_seconds())
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def recover(self) -> int:
        """What the last life left half done goes on. How many payments and transfers there were."""
        transfers = 0 if self.transfers is None else await self.transfers.recover()
        return transfers + await self.billing.recover()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Whoever must run for ever and does not: no money is taken any more, and a person reads why."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.gate.stopping = True
            _log.critical("gateway.part_failed", extra={"part": task.get_name()}, exc_info=error)
