"""The terminal's own registry: what it told its customers, told to its gateway every half hour (PROTOCOLS §1).

The machinery is the gateway's (`gateway.registry`), over the terminal's store: a line with each move that
changes what is known of a payment, windows that are closed, counted and sent in order. Its numbers belong to an
installation: a terminal whose store was lost begins again at 1, under another name.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from agent.journal import Journal
from agent.journeys.bill_record import Journey
from agent.journeys.card_record import CardJourney
from gateway.client import Refusal, Unreachable
from gateway.contract import PaymentView, RegistryTaken
from gateway.registry.book import Registry, Series
from gateway.registry.changes import record
from gateway.registry.commands import RegistryCommands
from gateway.registry.exchange import Acknowledged, Answer, Exchange, Expected, Refused, Unanswered
from gateway.registry.layout import Kind, Operation, Status, Totals
from gateway.registry.rounds import OthersTime, Rounds
from spool import Schedule, Store, Transaction

ENTRY_KIND: Final = "registry.term"
GAP: Final = "registry_gap"
# What no repeat of the same bytes can mend. All else may pass: who was shut out is let in again one day.
_ABOUT_THE_BYTES: Final = frozenset(
    {"registry_invalid", "registry_conflict", "malformed_request", "body_too_large"}
)
NOT_TAKEN: Final = "registry_not_taken"
_STATUSES: Final[Mapping[str, Status]] = {
    # of a payment at the gateway; any other: pending
    "PAID": Status.ACCEPTED,
    "REFUSED": Status.REFUSED,
    "RELEASING": Status.REFUSED,
    "RELEASED": Status.REFUSED,
}
_INSTALL: Final = "INSERT INTO installation (one, id) VALUES (1, :id) ON CONFLICT (one) DO NOTHING"


class RegistryCalls(Protocol):
    """What of `gateway.client.GatewayClient` a registry needs."""

    async def put_registry(self, terminal: str, number: str, content: bytes) -> RegistryTaken: ...


@dataclass(frozen=True)
class TerminalRegistry:
    rounds: Rounds
    exchange: Exchange
    commands: RegistryCommands


def installation(tx: Transaction, random_bytes: Callable[[int], bytes]) -> str:
    """What this store's registries are numbered under; given once."""
    tx.execute(_INSTALL, {"id": random_bytes(4).hex()})
    found = tx.one("SELECT id FROM installation")
    assert found is not None, "it was just written"
    return str(found[0])


def series_of(terminal: str, installed: str, time_zone: ZoneInfo) -> tuple[Series]:
    return (
        Series(
            kind=Kind.TERM,
            holder=terminal,
            name=f"{terminal}-{Kind.TERM}-{installed}-",
            time_zone=time_zone,
            entry_kind=ENTRY_KIND,
            destination="gateway",
        ),
    )


def terminal_registry(  # noqa: PLR0913 - what its parts are made of
    store: Store,
    series: tuple[Series],
    gateway: RegistryCalls,
    journal: Journal,
    *,
    schedule: Schedule,
    now: Callable[[], datetime],
    others_time: OthersTime,
) -> TerminalRegistry:
    raise_alarm = partial(_journalled, journal)
    uplink = TerminalUplink(gateway)
    exchange = Exchange(store, series, {ENTRY_KIND: uplink}, schedule=schedule, raise_alarm=raise_alarm)
    rounds = Rounds(store, series, now=now, raise_alarm=raise_alarm, others_time=others_time)
    return TerminalRegistry(rounds, exchange, RegistryCommands(store, rounds))


def registry_commands(
    store: Store, terminal: str, installed: str, time_zone: ZoneInfo, *, now: Callable[[], datetime]
) -> RegistryCommands:
    """For a terminal that does not run: what is sent waits for its next start."""
    series = series_of(terminal, installed, time_zone)
    raise_alarm = partial(_journalled, Journal(store, batch_seconds=0))
    return RegistryCommands(store, Rounds(store, series, now=now, raise_alarm=raise_alarm))


class TerminalUplink:
    """`gateway.registry.exchange.Uplink` over the gateway's own API."""

    def __init__(self, gateway: RegistryCalls) -> None:
        self._gateway = gateway
        self._alarmed: str | None = None  # the code, so that a refusal that lasts is one line of the journal

    async def send(self, registry: Registry, content: AsyncIterator[bytes]) -> Answer:
        body = b"".join([piece async for piece in content])
        terminal = registry.header.holder
        number = registry.header.registry_id.removeprefix(f"{terminal}-{Kind.TERM}-")
        try:
            taken = await self._gateway.put_registry(terminal, number, body)
        except Unreachable as error:
            return Unanswered(str(error))
        except Refusal as refusal:
            return self._refused(refusal)
        self._alarmed = None
        sums = (money.amount_minor for money in (taken.sum, taken.fee, taken.total))
        return Acknowledged(taken.registry_id, Totals(taken.count, *sums), taken.sha256)

    def _refused(self, refusal: Refusal) -> Answer:
        problem = refusal.problem
        expected = (problem.model_extra or {}).get("expected")
        if problem.code == GAP and type(expected) is int:
            return Expected(expected)
        told = f"{problem.code}: {problem.detail}"
        if problem.code in _ABOUT_THE_BYTES:
            return Refused(told)
        if problem.retryable or problem.code == self._alarmed:
            return Unanswered(told, spoke=True)
        self._alarmed = problem.code
        return Unanswered(told, spoke=True, alarm=NOT_TAKEN)


class Reporter:
    """Writes the line of a journey's payment whenever a move changed what is known of it."""

    def __init__(self, journal: Journal, *, terminal: str, time_zone: ZoneInfo) -> None:
        self._journal = journal
        self._terminal = terminal
        self._time_zone = time_zone

    def __call__(self, tx: Transaction, before: CardJourney, after: CardJourney) -> None:
        """In the commit of the move. What cannot be written stops no journey: a person is told.

        Of bills alone: an order by link is not e-port's, and has its own reconciliation.
        """
        if not isinstance(before, Journey) or not isinstance(after, Journey):
            return
        try:
            operation = self._operation(after)
            if operation is not None and operation != self._operation(before):
                record(tx, operation.payment_id, operation, Kind.TERM)
        except ValueError as fault:
            data = {"payment_id": after.payment_id, "detail": str(fault)}
            self._journal.write(tx, "alarm.registry_line_unwritable", data)

    def _operation(self, journey: Journey) -> Operation | None:
        """None before anything is sent."""
        if journey.payment_id is None or journey.sent_at is None or journey.receipt_number is None:
            return None
        if journey.amount is None or journey.fee is None or journey.total is None:
            return None
        requisites = {one.code: one.value for one in journey.requisites}
        finished_at = None if journey.view is None else journey.view.finished_at
        return Operation(
            txn_id="" if journey.view is None else journey.view.txn_id,
            eport_id="" if journey.view is None else journey.view.eport_id or "",
            terminal=self._terminal,
            product=journey.product,
            account=requisites.get("account", journey.requisites[0].value),
            sum=journey.amount.amount(),
            fee=journey.fee.amount(),
            total=journey.total.amount(),
            accepted_at=journey.sent_at.astimezone(self._time_zone),
            finished_at=None if finished_at is None else finished_at.astimezone(self._time_zone),
            status=_status(journey.view, never_received=journey.never_received),
            rrn="" if journey.view is None else journey.view.rrn,
            payment_id=journey.payment_id,
            ending=journey.ending or "",
            receipt_number=journey.receipt_number,
        )


def _journalled(journal: Journal, tx: Transaction, name: str, subject: str, detail: str) -> None:
    """A terminal's alarms are lines of its journal, which the gateway gets."""
    journal.write(tx, f"alarm.{name}", {"subject": subject, "detail": detail})


def _status(view: PaymentView | None, *, never_received: bool) -> Status:
    if never_received:
        return Status.REFUSED
    return Status.PENDING if view is None else _STATUSES.get(view.state, Status.PENDING)
