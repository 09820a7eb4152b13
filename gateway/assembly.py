"""The parts of a running gateway, put together once; nothing here is opened or heard yet."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from certs.detached import Pins
from gateway.act.acts import acts_of
from gateway.act.commands import ActCommands
from gateway.api.handlers import Handlers, MonitorHandlers
from gateway.api.transfer_handlers import TransferHandlers
from gateway.bills.admission import Admission
from gateway.bills.billing import Billing
from gateway.bills.checking import Checking
from gateway.bills.deliveries import Deliveries
from gateway.bills.eport_probe import EportProbe
from gateway.bills.moves import Moves, Observer
from gateway.bills.payment_states import State
from gateway.bills.readiness import ReadinessGate
from gateway.bills.steps import Steps
from gateway.c2b2e.commands import TransferCommands
from gateway.c2b2e.parts import Transfers, transfers_of
from gateway.certificates.files_in_use import FilesInUse
from gateway.certificates.keeper import CertificateKeeper
from gateway.certificates.line import LineHealth
from gateway.certificates.rotation import Rotation
from gateway.certificates.watch import CertificateWatch
from gateway.contexts import Contexts
from gateway.enrolment.commands import TerminalsCommands
from gateway.enrolment.signing import Signing
from gateway.eport_clock import EportClock
from gateway.eport_trial import EportTrial
from gateway.idempotency import Once
from gateway.metrics import MoveCounter
from gateway.operator import Operator
from gateway.outside import Outside
from gateway.parts import Life, Parts
from gateway.publishing.commands import CatalogueCommands
from gateway.publishing.in_force import CatalogueInForce
from gateway.reconciliation.facts import act_facts
from gateway.reconciliation.parts import Reconciliation, reconciliation_of
from gateway.registry.parts import Registries, registries_of
from gateway.retention import Retention, kept_by_gateway
from gateway.settings import GatewaySettings, TimersSection
from gateway.waiting import Waiters
from spool import Breakers, BreakerSettings, Forwarder, Spool, spool_commands
from spool.control import Command

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Ground:
    """What more than one part stands on."""

    spool: Spool
    settings: GatewaySettings
    outside: Outside
    contexts: Contexts
    catalogue: CatalogueInForce
    life: Life
    time_zone: ZoneInfo
    breakers: Breakers


def assemble(  # noqa: PLR0913, PLR0917 - everything that the parts are made of
    spool: Spool,
    settings: GatewaySettings,
    outside: Outside,
    contexts: Contexts,
    catalogue: CatalogueInForce,
    life: Life,
    *,
    pins: Pins | None,
    time_zone: ZoneInfo,
    observe: Observer | None,
) -> Parts:
    breakers = Breakers(spool, _breaker_settings(settings.timers))
    ground = _Ground(spool, settings, outside, contexts, catalogue, life, time_zone, breakers)
    watch, probe, once = _watch(ground), _probe(ground), Once(spool)
    gate, waiters, counter = _gate(ground, watch), Waiters[State](), MoveCounter()
    observers: list[Observer] = [gate, counter, lambda it: waiters.tell(it.payment_id, it.after)]
    if observe is not None:
        observers.append(observe)
    point, timers = settings.eport.point, settings.timers
    steps = Steps(funds=outside.funds, codec=outside.codec, point=point, time_zone=time_zone, timers=timers)
    moves = Moves(steps.effects(), observers, time_zone=time_zone)
    eports_time = EportClock(outside.line, outside.eport, breakers, probe.question)
    told = registries_of(spool, settings, outside.uplinks, time_zone=time_zone, others_time=eports_time)
    reconciliation = reconciliation_of(
        spool, moves, settings, outside.daily, catalogue.catalogue, time_zone=time_zone, now=spool.now
    )
    retention = Retention(spool, kept_by_gateway(settings.retention))
    billing = _billing(ground, moves, steps, gate, waiters)
    transfers = _transfers(ground, gate, counter)
    served = catalogue.served
    monitor = MonitorHandlers(spool=spool, gate=gate, moves=counter, certificates=watch, catalogue=served)
    return Parts(
        billing=billing,
        once=once,
        gate=gate,
        forwarder=_forwarder(ground, moves, told, transfers),
        transfers=transfers,
        registries=told,
        reconciliation=reconciliation,
        retention=retention,
        probe=probe,
        keeper=_keeper(ground, watch, probe),
        shut_out=life.shut_out,
        handlers=_handlers(ground, billing, once, gate, told, transfers),
        monitor=monitor,
        commands=_commands(ground, moves, told, reconciliation, pins),
    )


def _commands(
    ground: _Ground, moves: Moves, told: Registries, reconciliation: Reconciliation, pins: Pins | None
) -> Mapping[str, Command]:
    """Of the control socket."""
    spool, catalogue = ground.spool, ground.catalogue
    acts = acts_of(act_facts, ground.settings, catalogue.catalogue)
    return {
        **spool_commands(spool),
        **Operator(spool, moves).commands(),
        **TransferCommands(spool).commands(),
        **_terminals_commands(ground).commands(),
        **told.commands.commands(),
        **told.terminals.commands(),
        **reconciliation.commands.commands(),
        **Retention(spool, ()).commands(),
        **ActCommands(spool, acts).commands(),
        **CatalogueCommands(spool, catalogue, pins, spool.now).commands(),
    }


def _handlers(  # noqa: PLR0913, PLR0917 - all that is called over HTTP
    ground: _Ground,
    billing: Billing,
    once: Once,
    gate: ReadinessGate,
    told: Registries,
    transfers: Transfers | None,
) -> Handlers:
    return Handlers(
        billing=billing,
        signing=_signing(ground),
        checking=_checking(ground),
        once=once,
        gate=gate,
        catalogue=ground.catalogue.served,
        registries=told.terminals,
        transfers=_transfer_handlers(once, transfers),
    )


def _breaker_settings(timers: TimersSection) -> BreakerSettings:
    return BreakerSettings(
        first_probe_seconds=timers.breaker_probe_seconds,
        longest_probe_seconds=timers.breaker_longest_probe_seconds,
        probe_limit_seconds=timers.breaker_longest_probe_seconds,
    )


def _watch(ground: _Ground) -> CertificateWatch:
    return CertificateWatch(
        ground.contexts.watched,
        line=ground.outside.line or LineHealth(ground.spool.now),
        now=ground.spool.now,
        last_change=ground.life.last_change,
    )


def _signing(ground: _Ground) -> Signing:
    lasts = timedelta(days=ground.settings.gateway.terminal_days)
    return Signing(ground.spool, ground.contexts.authority, lasts, ground.life.shut_out)


def _terminals_commands(ground: _Ground) -> TerminalsCommands:
    spool, seconds = ground.spool, ground.settings.timers.invite_seconds
    return TerminalsCommands(
        spool, ground.life.shut_out, invite_seconds=seconds, now=spool.now, digest=spool.digest
    )


def _keeper(ground: _Ground, watch: CertificateWatch, probe: EportProbe) -> CertificateKeeper:
    outside, spool = ground.outside, ground.spool
    rotation = None
    if outside.eport_as is not None:
        bank = ground.contexts.eport
        trial = EportTrial(
            probe.question, outside.eport_as, lambda: LineHealth(spool.now), lambda: bank.context
        )
        rotation = Rotation(bank, spool, trial)
    return CertificateKeeper(
        spool=spool,
        watch=watch,
        rotation=rotation,
        files=[FilesInUse(one, spool) for one in ground.contexts.exchanged],
        pause_seconds=ground.settings.timers.certificate_look_seconds,
        diagnose=outside.diagnose,
    )


def _gate(ground: _Ground, watch: CertificateWatch) -> ReadinessGate:
    spool = ground.spool
    return ReadinessGate(
        spool=spool,
        breakers=ground.breakers,
        funds=ground.outside.funds,
        now=spool.now,
        free_disk=lambda: shutil.disk_usage(spool.path.parent).free,
        free_disk_needed=ground.settings.limits.free_disk_bytes,
        last_change=ground.life.last_change,
        certificates=watch.reasons,
    )


def _billing(
    ground: _Ground, moves: Moves, steps: Steps, gate: ReadinessGate, waiters: Waiters[State]
) -> Billing:
    admission = Admission(
        moves=moves,
        steps=steps,
        card_host=ground.settings.card_host,
        time_zone=ground.time_zone,
        restored_at=ground.life.restored_at,
        catalogue=ground.catalogue.catalogue,
    )
    return Billing(
        spool=ground.spool,
        moves=moves,
        admission=admission,
        funds=ground.outside.funds,
        gate=gate,
        waiters=waiters,
        in_flight_limit=ground.settings.limits.payments_in_flight,
    )


def _checking(ground: _Ground) -> Checking:
    return Checking(
        spool=ground.spool,
        breakers=ground.breakers,
        eport=ground.outside.eport,
        codec=ground.outside.codec,
        catalogue=ground.catalogue.catalogue,
        point=ground.settings.eport.point,
        time_zone=ground.time_zone,
        valid_seconds=ground.settings.timers.check_valid_seconds,
        in_flight_limit=ground.settings.limits.checks_in_flight,
    )


def _probe(ground: _Ground) -> EportProbe:
    spool, breakers, eport, codec = ground.spool, ground.breakers, ground.outside.eport, ground.outside.codec
    point, zone = ground.settings.eport.point, ground.time_zone
    return EportProbe(spool=spool, breakers=breakers, eport=eport, codec=codec, point=point, time_zone=zone)


def _transfers(ground: _Ground, gate: ReadinessGate, counter: MoveCounter) -> Transfers | None:
    lines = ground.outside.transfers
    if lines is None:
        return None
    return transfers_of(
        ground.spool,
        ground.settings,
        lines,
        gate=gate,
        breakers=ground.breakers,
        time_zone=ground.time_zone,
        restored_at=ground.life.restored_at,
        observers=[gate, counter.transfers],
    )


def _transfer_handlers(once: Once, transfers: Transfers | None) -> TransferHandlers:
    if transfers is None:
        return TransferHandlers(once=once, payer=None, payee=None)
    return TransferHandlers(once=once, payer=transfers.paying, payee=transfers.selling)


def _forwarder(ground: _Ground, moves: Moves, told: Registries, transfers: Transfers | None) -> Forwarder:
    eport, funds, timers = ground.outside.eport, ground.outside.funds, ground.settings.timers
    deliveries = Deliveries(spool=ground.spool, moves=moves, eport=eport, funds=funds, timers=timers)
    limits = ground.settings.limits
    return Forwarder(
        ground.spool,
        {**deliveries.routes(), **told.exchange.routes(), **({} if transfers is None else transfers.routes)},
        breakers=ground.breakers,
        per_lane=limits.requests_per_terminal,
        per_destination=limits.requests_per_destination,
    )
