"""A store of registries in simulated time, with a receiver that reads what it gets as a stranger would."""

import asyncio
import hashlib
import selectors
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from gateway.alarms import open_alarms, raise_alarm
from gateway.bills.moves import Evidence
from gateway.bills.payment_states import Event
from gateway.migrations import ROOMS
from gateway.money import Amount
from gateway.registry import book
from gateway.registry.book import Series
from gateway.registry.changes import record
from gateway.registry.exchange import Acknowledged, Exchange, Expected, Unanswered
from gateway.registry.layout import Kind, Operation, Status, Totals
from gateway.registry.rounds import Rounds
from gateway.registry.terminals import TerminalRegistries
from spool import Breakers, BreakerSettings, Forwarder, Schedule, Spool, SpoolSettings

ALMATY = ZoneInfo("Asia/Almaty")
BEGAN = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
SCHEDULE = Schedule((60,) * 5, then=300, jitter=0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """When there is nothing to do, the next timer is due: hours pass in no time."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        super().__init__(_NoWaiting(self))

    def time(self) -> float:
        return self.elapsed


class _NoWaiting(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        assert timeout is not None, "everybody waits, and nothing will ever happen"
        ready = super().select(0)
        if not ready:
            self._loop.elapsed += timeout
        return ready


@pytest.fixture
def simulate():
    """Runs a coroutine on a loop of its own, in virtual time."""

    def run(main):
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(main)

    return run


@dataclass
class Wall:
    """A wall clock that goes with the loop's time, and that a test may set."""

    began: datetime = BEGAN
    stepped: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.began + self.stepped + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass
class Receiver:
    """Takes registries, and imports each operation by its id: the latest registry that tells of it wins."""

    reachable: bool = True
    in_order: bool = False  # it takes none before it has those with smaller numbers
    answers: list = field(default_factory=list)  # one for each attempt, before it answers by itself
    attempts: list[str] = field(default_factory=list)
    taken: dict[str, bytes] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)  # txn_id → status
    imported: list[str] = field(default_factory=list)  # txn_ids that were new

    async def send(self, registry, content: AsyncIterator[bytes]):
        registry_id = registry.header.registry_id
        self.attempts.append(registry_id)
        if not self.reachable:
            return Unanswered("no answer in time")
        if self.answers:
            return self.answers.pop(0)
        if self.in_order and registry.header.number > len(self.taken) + 1:
            return Expected(len(self.taken) + 1)
        body = b"".join([piece async for piece in content])
        assert self.taken.setdefault(registry_id, body) == body, "other bytes under the same id"
        return self._import(registry_id, body)

    def _import(self, registry_id: str, body: bytes) -> Acknowledged:
        lines = body.decode().removesuffix("\r\n").split("\r\n")
        rows = [line.split(";") for line in lines[1:-1]]
        for row in rows:
            if row[1] not in self.operations:
                self.imported.append(row[1])
            self.operations[row[1]] = row[11]
        sums = [sum(int(row[n].replace(".", "")) for row in rows) for n in (6, 7, 8)]
        return Acknowledged(registry_id, Totals(len(rows), *sums), hashlib.sha256(body).hexdigest())

    @property
    def windows(self) -> list[tuple[str, str, str]]:
        """registry_id, from and to of what was taken, in the order of its first coming."""
        return [tuple(body.decode().split("\r\n")[0].split(";")[4:7]) for body in self.taken.values()]


def operation(n: int, status: Status = Status.PENDING, **other) -> Operation:
    facts = {
        "txn_id": f"261122{n:014d}",
        "terminal": "ATM00017",
        "product": "beeline-kz",
        "account": "7011234567",
        "sum": Amount(150_000 + n),
        "fee": Amount(4_500),
        "total": Amount(154_500 + n),
        "accepted_at": BEGAN.astimezone(ALMATY),
        "status": status,
        "rrn": f"6326{n:08d}",
    }
    return Operation(**{**facts, **other})


@pytest.fixture
def new_operation():
    return operation


SERIES = (
    Series(
        kind=Kind.TECH,
        holder="10001",
        name="10001-TECH-",
        time_zone=ALMATY,
        entry_kind="registry.tech",
        destination="eport_registry",
    ),
)


@dataclass
class House:
    """A store with its rounds and its spool running, as a test sees it."""

    spool: Spool
    rounds: Rounds
    wall: Wall

    async def changes(self, n: int, status: Status = Status.PENDING) -> None:
        await self.spool.write(lambda tx: record(tx, f"payment-{n}", operation(n, status), Kind.TECH))

    async def changes_at_once(self, numbers, status: Status = Status.ACCEPTED) -> None:
        def write(tx):
            for n in numbers:
                record(tx, f"payment-{n}", operation(n, status), Kind.TECH)

        await self.spool.write(write)

    async def registries(self):
        return await self.spool.read(lambda tx: book.latest(tx, limit=1000))

    async def alarms(self) -> list[tuple[str, str]]:
        return await self.spool.read(lambda tx: list(tx.execute("SELECT name, subject FROM alarm")))


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


def alarm(tx, name, subject, detail):
    raise_alarm(tx, name, subject=subject, detail=detail)


async def _open(path, now) -> Spool:
    return await Spool.open(
        path,
        rooms=ROOMS,
        now=now,
        random=Random(1),
        threaded=False,
        settings=SpoolSettings(reserve_bytes=4096),
    )


@pytest.fixture
def open_store(tmp_path, wall) -> Callable[..., Spool]:
    """`async with await open_store() as spool`: the gateway's store, all on the loop."""
    return lambda: _open(tmp_path / "gateway.db", wall)


@pytest.fixture
def live(open_store, wall, receiver):
    """`async with live() as house`: one life of the process; everything runs until the end of the block.

    `witness`: whoever is spoken to has a clock that is never set.
    """

    @asynccontextmanager
    async def life(*, witness=False):
        async def others_time():
            return wall() - wall.stepped if witness else None

        async with await open_store() as spool:
            rounds = Rounds(spool, SERIES, now=wall, raise_alarm=alarm, others_time=others_time)
            exchange = Exchange(
                spool, SERIES, {"registry.tech": receiver}, schedule=SCHEDULE, raise_alarm=alarm
            )
            breakers = Breakers(spool, BreakerSettings(opens_after=1000))
            forwarder = Forwarder(spool, exchange.routes(), breakers=breakers)
            running = [asyncio.create_task(forwarder.run()), asyncio.create_task(rounds.run())]
            try:
                yield House(spool, rounds, wall)
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)

    return life


@pytest.fixture
def desk(store) -> TerminalRegistries:
    return TerminalRegistries(store)


@pytest.fixture
def raised(store):
    async def names() -> set[tuple[str, str]]:
        return {(alarm.name, alarm.subject) for alarm in await store.read(open_alarms)}

    return names


@pytest.fixture
def paid(store, moves, begin):
    async def one(*events: Event):
        payment = await begin()
        for event in events or (Event.HOLD_APPROVED, Event.PAYMENT_ACCEPTED):
            payment = await store.write(
                lambda tx, event=event, payment=payment: moves.apply(
                    tx, payment.payment_id, event, Evidence()
                )
            )
        return payment

    return one
