"""A store to play with, a disk that can be told to fail, and a loop whose time is not ours."""

import asyncio
import selectors
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest

from spool import (
    Breakers,
    BreakerSettings,
    Delivered,
    Entry,
    Forwarder,
    NewEntry,
    Route,
    Schedule,
    Spool,
    SpoolSettings,
    enqueue,
)
from spool.worklist import Shown, id_of, show
from tests.spool.faulty_disk import FaultyDisk, FaultyVfs

T = TypeVar("T")


@pytest.fixture
def faulty() -> FaultyVfs:
    return FaultyVfs()


@pytest.fixture
def faulty_disk(faulty: FaultyVfs) -> FaultyDisk:
    return FaultyDisk(faulty)


Opener = Callable[..., Awaitable[Spool]]


@pytest.fixture
async def open_spool(tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[Opener]:
    """Opens `gateway.db` in the test's folder, with what a test wants different; closes it at the end."""
    opened: list[Spool] = []

    async def opener(**differs: Any) -> Spool:
        wanted = {
            "path": tmp_path / "gateway.db",
            "rooms": [],
            "now": clock,
            "random": Random(7),
            "settings": SpoolSettings(reserve_bytes=4096),
            **differs,
        }
        opened.append(await Spool.open(wanted.pop("path"), **wanted))
        return opened[-1]

    yield opener
    for spool in opened:
        await spool.close()


@pytest.fixture
async def spool(open_spool: Opener) -> Spool:
    return await open_spool()


@pytest.fixture
def letter() -> Callable[..., NewEntry]:
    """Makes a new entry of kind `letter` to `eport`, with what a test wants different."""

    def write(key: str, **differs: Any) -> NewEntry:
        usual = {"kind": "letter", "destination": "eport", "lane": "ATM00017", "payload": b"<xml/>"}
        return NewEntry(**{**usual, "key": key, **differs})

    return write


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """When there is nothing to do, the next timer is due: hours pass in no time, in a fixed order."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.rounds = 0
        super().__init__(_NoWaiting(self))

    def time(self) -> float:
        return self.elapsed


class _NoWaiting(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing will ever happen")
        self._loop.rounds += 1
        ready = super().select(0)
        if not ready:
            self._loop.elapsed += timeout
        return ready


@pytest.fixture
def simulate() -> Callable[[Coroutine[Any, Any, T]], T]:
    """Runs a coroutine on a loop of its own, in virtual time."""

    def run(main: Coroutine[Any, Any, T]) -> T:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(main)

    return run


@pytest.fixture
def open_in_virtual_time(tmp_path: Path, clock: Callable[[], datetime]) -> Callable[..., Any]:
    """`async with open_in_virtual_time() as spool`: all on the loop, and the wall moves with its time."""

    @asynccontextmanager
    async def opened(**differs: Any) -> AsyncIterator[Spool]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        wanted = {
            "rooms": [],
            "now": lambda: clock() + timedelta(seconds=loop.time() - started),
            "random": Random(7),
            "settings": SpoolSettings(reserve_bytes=4096),
            **differs,
        }
        spool = await Spool.open(tmp_path / "gateway.db", threaded=False, **wanted)
        try:
            yield spool
        finally:
            await spool.close()

    return opened


EXACT = Schedule((60, 120), then=300, jitter=0)
PATIENT = BreakerSettings(opens_after=1000)


class Peer:
    """Whom entries are delivered to: answers as it is told, and remembers what it was asked when."""

    def __init__(self, *answers: Any, takes_seconds: float = 0.0) -> None:
        self.answers = list(answers)
        self.takes_seconds = takes_seconds
        self.began = 0.0
        self.asked: list[tuple[float, Entry]] = []
        self.flying: Counter[str] = Counter()
        self.most: Counter[str] = Counter()  # in flight at a time, by lane and in all

    async def deliver(self, entry: Entry) -> Any:
        self.asked.append((round(asyncio.get_running_loop().time() - self.began, 3), entry))
        self.flying.update([entry.lane, "all"])
        self.most |= self.flying
        try:
            await asyncio.sleep(self.takes_seconds)
        finally:
            self.flying.subtract([entry.lane, "all"])
        answer = self.answers.pop(0) if self.answers else Delivered()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def times(self) -> list[float]:
        return [time for time, _ in self.asked]

    @property
    def keys(self) -> list[str]:
        return [entry.key for _, entry in self.asked]


@pytest.fixture
def new_peer() -> type[Peer]:
    return Peer


@dataclass
class Post:
    """A store with a running forwarder, as a test sees it."""

    spool: Spool
    forwarder: Forwarder
    breakers: Breakers

    async def put(self, *letters: NewEntry) -> None:
        await self.spool.write(lambda tx: [enqueue(tx, letter) for letter in letters])

    async def shown(self, key: str) -> Shown:
        return await self.spool.read(lambda tx: show(tx, id_of(tx, key)))

    async def state(self, key: str) -> str:
        return (await self.shown(key)).listed.state


@pytest.fixture
def forward(open_in_virtual_time: Any, simulate: Any) -> Callable[..., Any]:
    """Runs a test's coroutine in virtual time with a `Post` of which `peer` gets the letters."""

    def run(
        peer: Peer,
        live: Callable[[Post], Awaitable[T]],
        *,
        expires: Any = "to_person",
        breaker: BreakerSettings = PATIENT,
        disk: FaultyDisk | None = None,
        **limits: Any,
    ) -> T:
        async def main() -> T:
            async with open_in_virtual_time(**({} if disk is None else {"disk": disk})) as spool:
                peer.began = asyncio.get_running_loop().time()
                breakers = Breakers(spool, breaker)
                routes = {"letter": Route(peer.deliver, EXACT, expires=expires)}
                forwarder = Forwarder(spool, routes, breakers=breakers, **limits)
                running = asyncio.create_task(forwarder.run())
                try:
                    return await live(Post(spool, forwarder, breakers))
                finally:
                    running.cancel()
                    await asyncio.wait([running])

        return simulate(main())

    return run
