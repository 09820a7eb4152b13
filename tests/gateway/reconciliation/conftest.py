"""A gateway's store with days behind it, and an e-port that hands out whatever file a test has written."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.bills.moves import Evidence
from gateway.bills.payment import load
from gateway.bills.payment_states import Event
from gateway.money import Amount
from gateway.reconciliation import cases
from gateway.reconciliation.calendar import DAY, midnight
from gateway.reconciliation.download import NotClosed, Received
from gateway.reconciliation.intake import Intake, Taken
from gateway.reconciliation.reconciler import Reconciler
from gateway.registry.layout import (
    Header,
    Kind,
    Operation,
    Status,
    Totals,
    header_line,
    operation_line,
    trailer_line,
)

ALMATY = ZoneInfo("Asia/Almaty")
TODAY = date(2026, 11, 22)  # of the clock that stands still until a test moves it
NEXT = TODAY + DAY


def noon(day: date = TODAY) -> datetime:
    return midnight(day, ALMATY) + timedelta(hours=12)


def line(n: int = 1, day: date = TODAY, **other) -> Operation:
    """An accepted payment that finished at noon."""
    facts = {
        "txn_id": f"{day:%y%m%d}{n:014d}",
        "eport_id": f"9{n:08d}",
        "terminal": "ATM00017",
        "product": "beeline-kz",
        "account": "7011234567",
        "sum": Amount(150_000),
        "fee": Amount(4_500),
        "accepted_at": noon(day),
        "finished_at": noon(day),
        "status": Status.ACCEPTED,
        "result": "0",
        "rrn": f"6326{n:08d}",
        **other,
    }
    return Operation(total=facts["sum"] + facts["fee"], **facts)


def line_of(payment, day: date = TODAY, **other) -> Operation:
    """The same payment, as e-port lists it."""
    facts = {
        "txn_id": payment.txn_id,
        "rrn": payment.rrn,
        "terminal": payment.terminal,
        "product": payment.check.product,
        "sum": payment.amount,
        "fee": payment.fee,
        **other,
    }
    return replace(line(1, day), total=facts["sum"] + facts["fee"], **facts)


def registry(day: date, operations: Sequence[Operation] = (), **other) -> bytes:
    """The file of a closed day; `other` are members of its header."""
    n = (day - date(1969, 12, 31)).days
    head = Header(
        Kind.DAY,
        "10001",
        f"10001-DAY-{n}",
        midnight(day, ALMATY),
        midnight(day + DAY, ALMATY),
        midnight(day + DAY, ALMATY) + timedelta(hours=2),
    )
    body, totals = header_line(replace(head, **other)), Totals()
    for operation in operations:
        body += operation_line(operation, Kind.DAY)
        totals = totals.plus(sum_minor=operation.sum.minor, fee_minor=operation.fee.minor)
    return body + trailer_line(totals, hashlib.sha256(body).hexdigest())


@dataclass
class Closed:
    """e-port's closed days. Without a digest of its own, the one that fits."""

    files: dict[date, bytes] = field(default_factory=dict)
    digest: str | None = None
    registry_id: str | None = None
    piece: int = 7
    asked: list[date] = field(default_factory=list)
    retry_after: float | None = 600.0

    async def fetch(self, day, sink):
        self.asked.append(day)
        body = self.files.get(day)
        if body is None:
            return NotClosed(self.retry_after)
        for at in range(0, len(body), self.piece):
            await sink(body[at : at + self.piece])
        named = self.registry_id or body.split(b";")[4].decode()
        return Received(named, self.digest or hashlib.sha256(body).hexdigest())


@pytest.fixture
def closed() -> Closed:
    return Closed()


@pytest.fixture
def intake(store) -> Intake:
    return Intake(store, point="10001", zone=ALMATY)


@pytest.fixture
def reconciler_of(store, moves) -> Callable[..., Reconciler]:
    return lambda *, releases_missing=False: Reconciler(
        store,
        moves,
        zone=ALMATY,
        provider_of=lambda product: {"beeline-kz": "beeline"}.get(product, ""),
        releases_missing=releases_missing,
    )


@pytest.fixture
def reconciler(reconciler_of) -> Reconciler:
    return reconciler_of()


@pytest.fixture
def listed(closed, intake):
    """`await listed(day, lines)`: e-port has closed the day, and its registry was taken."""

    async def take(day: date, operations: Sequence[Operation] = ()) -> None:
        closed.piece = 65_536
        closed.files[day] = registry(day, operations)
        outcome = await intake.take(day, closed)
        assert isinstance(outcome, Taken), outcome

    return take


@pytest.fixture
def paid(store, moves, begin):
    """`await paid()`: PAID by e-port at noon of the day; or the events that a test gives, in their order."""

    async def one(*events: Event, day: date | None = TODAY, terminal: str = "ATM00017"):
        payment = await begin(terminal)
        finished_at = None if day is None else noon(day).isoformat()
        for event in events or (Event.HOLD_APPROVED, Event.PAYMENT_ACCEPTED):
            evidence = Evidence(provider_finished_at=finished_at if event is Event.PAYMENT_ACCEPTED else None)
            payment = await store.write(
                lambda tx, payment=payment, event=event, evidence=evidence: moves.apply(
                    tx, payment.payment_id, event, evidence
                )
            )
        return payment

    return one


@pytest.fixture
def state_of(store):
    async def state(payment) -> str:
        return (await store.read(lambda tx: load(tx, payment.payment_id))).state

    return state


@pytest.fixture
def open_cases(store):
    """(class, txn_id) of each open case."""

    async def found() -> list[tuple[str, str]]:
        listed = await store.read(lambda tx: cases.worklist(tx, limit=1000))
        return [(case.kind.value, case.txn_id) for case in listed]

    return found


@pytest.fixture
def alarms(store):
    async def names() -> list[tuple[str, str, str]]:
        return await store.read(
            lambda tx: list(tx.execute("SELECT name, subject, detail FROM alarm ORDER BY 1"))
        )

    return names
