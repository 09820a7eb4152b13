"""The parts of a running terminal, put together once; nothing here is begun yet."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from agent.certificate_renewal import CertificateRenewal
from agent.device_events import DeviceEvents
from agent.device_tests import DeviceTests
from agent.gateway_link import routes, transfer_routes
from agent.journal import Journal, noted
from agent.journeys.bill_book import BillBook, Observer
from agent.journeys.ports import Parts
from agent.journeys.sale_book import SaleBook
from agent.journeys.sale_record import Sale
from agent.journeys.sale_run import SaleParts
from agent.kept_receipts import ReceiptFolder
from agent.left_card import LeftCard
from agent.maintenance import Maintenance, Note
from agent.readiness import ReadinessGate, gateways_time, questions
from agent.receipt import receipt_job
from agent.receipt_facts import TerminalFacts
from agent.registry import Reporter, TerminalRegistry, series_of, terminal_registry
from agent.retention import kept_by_terminal
from agent.settings import Settings
from agent.settings_sections import Timers
from agent.slip import slip_job
from agent.terminal_devices import TerminalDevices
from gateway.client import GatewayClient
from gateway.retention import Retention
from spool import Breakers, Forwarder, Schedule, Spool


@dataclass(frozen=True)
class Assembly:
    journal: Journal
    book: BillBook
    forwarder: Forwarder
    gate: ReadinessGate
    parts: Parts
    sale_parts: SaleParts
    registry: TerminalRegistry
    customers: asyncio.Lock  # held by whoever serves one
    maintenance: Maintenance
    device_events: DeviceEvents
    note: Note
    tests: DeviceTests
    left_card: LeftCard
    retention: Retention

    def in_background(self) -> Sequence[Coroutine[Any, Any, None]]:
        """What goes on for as long as the terminal runs."""
        return (
            self.forwarder.run(),
            self.journal.run(),
            self.registry.rounds.run(),
            self.maintenance.run(),
            self.device_events.run(self.note),
            self.left_card.run(),
            self.retention.run(),
        )


def assemble(  # noqa: PLR0913 - everything that the parts are made of
    settings: Settings,
    *,
    spool: Spool,
    client: GatewayClient,
    devices: TerminalDevices,
    now: Callable[[], datetime],
    random: Random,
    observe: Observer | None = None,
    folder: ReceiptFolder | None = None,
    renewal: CertificateRenewal | None = None,
    installed: str,
    card_left: bool,
) -> Assembly:
    timers, time_zone = settings.timers, ZoneInfo(settings.node.time_zone)
    journal = Journal(spool, batch_seconds=timers.journal_batch_seconds)
    report = Reporter(journal, terminal=settings.node.id, time_zone=time_zone)
    note, customers = partial(noted, spool, journal), asyncio.Lock()
    left_card = LeftCard(devices.ports.reader, note, left=card_left)
    observers = [it for it in (observe, folder) if it is not None]
    book = BillBook(spool, journal, random.randbytes, observers, report=report, card_left=left_card.leave)
    questions_again, registries_again = _schedules(timers)
    gate = _gate(settings, spool, client, devices, now=now, renewal=renewal, left_card=left_card)
    facts = terminal_facts(settings)
    parts = Parts(
        gateway=client,
        gate=gate,
        devices=devices.ports,
        book=book,
        receipt=lambda journey: receipt_job(journey, facts, devices.profile),
        local_time=lambda at: at.astimezone(facts.time_zone),
        now=now,
        random_bytes=random.randbytes,
        timers=timers.journey(),
    )
    sales = SaleBook(spool, journal, [] if folder is None else [folder.sale])
    sale_parts = SaleParts(
        client.transfers, devices.ports.printer, sales, _slip(facts, devices), now, timers.journey()
    )
    series, gateways_clock = series_of(settings.node.id, installed, time_zone), partial(gateways_time, client)
    registry = terminal_registry(
        spool, series, client, journal, schedule=registries_again, now=now, others_time=gateways_clock
    )
    ways = {
        **routes(client, book, questions_again),
        **transfer_routes(client.transfers, book, sales, questions_again),
        **registry.exchange.routes(),
    }
    forwarder = Forwarder(spool, ways, breakers=Breakers(spool))
    maintenance = Maintenance(customers, gate, note, idle_seconds=timers.service_idle_seconds)
    tests = DeviceTests(devices.supervisor.devices, maintenance, note)
    return Assembly(
        *(journal, book, forwarder, gate, parts, sale_parts, registry, customers, maintenance),
        *(devices.events, note, tests, left_card, Retention(spool, kept_by_terminal(settings.retention))),
    )


def _gate(  # noqa: PLR0913 - everything that it asks
    settings: Settings,
    spool: Spool,
    client: GatewayClient,
    devices: TerminalDevices,
    *,
    now: Callable[[], datetime],
    renewal: CertificateRenewal | None,
    left_card: LeftCard,
) -> ReadinessGate:
    timers, limits = settings.timers, settings.limits
    asked = questions(
        devices=devices.ports,
        gateway=client,
        spool=spool,
        now=now,
        clock_skew=timedelta(seconds=limits.clock_skew_seconds),
        free_disk_bytes=limits.free_disk_bytes,
        certificate=None if renewal is None else renewal.presented,
        not_renewed=lambda: None if renewal is None else renewal.trouble(),
        scanner=devices.scanner,
        card_left=lambda: left_card.stays,
    )
    return ReadinessGate(asked, patience_seconds=timers.gateway_connect_seconds)


def _slip(facts: TerminalFacts, devices: TerminalDevices) -> Callable[[Sale], bytes]:
    return lambda sale: slip_job(sale, facts, devices.profile)


def _schedules(timers: Timers) -> tuple[Schedule, Schedule]:
    """When a question about a payment's fate is asked again; when a registry is sent again."""
    return (
        Schedule(
            (timers.resolve_resend_seconds,) * timers.resolve_resend_count,
            then=timers.resolve_resend_then_seconds,
        ),
        Schedule(
            (timers.registry_resend_seconds,) * timers.registry_resend_count,
            then=timers.registry_resend_then_seconds,
        ),
    )


def terminal_facts(settings: Settings) -> TerminalFacts:
    agent, node = settings.agent, settings.node
    return TerminalFacts(node.id, agent.owner, agent.address, agent.phone, ZoneInfo(node.time_zone))
