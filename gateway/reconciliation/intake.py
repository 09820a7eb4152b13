"""A daily registry comes in: its bytes are kept, proved and read, and only then does it count (PROTOCOLS §2.5).

Each step is a short transaction, so that a registry of a million lines keeps no payment waiting; whatever is wrong
with it refuses it whole, with the line and the reason.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from gateway.alarms import raise_alarm
from gateway.reconciliation import daily
from gateway.reconciliation.calendar import DAY, midnight
from gateway.reconciliation.daily import PIECE_BYTES, Daily
from gateway.reconciliation.download import DailySource, NotClosed, Received, Unanswered
from gateway.registry.layout import Header, Kind, Operation, Status, Totals
from gateway.registry.reading import RegistryError, read
from spool import Store, Transaction

_log = logging.getLogger(__name__)

SLICE_LINES: Final = 500
REFUSED: Final = "daily_registry_refused"
CHANGED: Final = "daily_registry_changed"
Part = Header | Operation | Totals


@dataclass(frozen=True)
class Taken:
    """`known`: it was taken before, and came with the same bytes."""

    registry: Daily
    known: bool = False


@dataclass(frozen=True)
class Refused:
    """Nothing of it was kept. `line` counts from 1; 0: it is not about one line."""

    line: int
    reason: str


Outcome = Taken | Refused | NotClosed | Unanswered


class Intake:
    """For one `point` of e-port, with days of `zone`."""

    def __init__(self, spool: Store, *, point: str, zone: ZoneInfo) -> None:
        self._spool = spool
        self._point = point
        self._zone = zone

    async def take(self, day: date, source: DailySource) -> Outcome:
        """Fetch the registry of `day`. What is taken already is compared byte for byte, and stays."""
        await self._forget()
        known = await self._spool.read(lambda tx: daily.taken(tx, day))
        body = _Body(self._spool, day, keeps=known is None)
        answer = await source.fetch(day, body.add)
        if not isinstance(answer, Received):
            await self._forget()
            return await self._told(day, answer)
        await body.end()
        if known is not None:
            return await self._again(day, known, answer, body)
        outcome = await self._prove(day, answer, body)
        if isinstance(outcome, Refused):
            await self._forget()
            await self._alarm(REFUSED, day, outcome, body)
        return outcome

    async def _told(self, day: date, answer: NotClosed | Unanswered) -> Outcome:
        if isinstance(answer, Unanswered) and answer.alarm is not None:
            name, why = answer.alarm, answer.why
            await self._spool.write(lambda tx: raise_alarm(tx, name, subject=day.isoformat(), detail=why))
        return answer

    async def _again(self, day: date, known: Daily, answer: Received, body: "_Body") -> Outcome:
        if (answer.registry_id, body.sha256) == (known.registry_id, known.sha256):
            return Taken(known, known=True)
        refused = Refused(
            0, f"{known.registry_id} was taken before, with other bytes or another id; it stays"
        )
        await self._alarm(CHANGED, day, refused, body)
        return refused

    async def _prove(self, day: date, answer: Received, body: "_Body") -> Taken | Refused:
        if body.sha256 != answer.sha256:
            return Refused(0, "the body has another digest than Repr-Digest promised")
        if await self._spool.read(lambda tx: daily.by_id(tx, answer.registry_id)) is not None:
            return Refused(0, f"{answer.registry_id} is the registry of another day")
        try:
            totals = await self._read(day, answer.registry_id, body.daily_id)
        except RegistryError as fault:
            return Refused(fault.line, fault.reason)

        def take(tx: Transaction) -> Daily | None:
            daily.take(
                tx,
                body.daily_id,
                registry_id=answer.registry_id,
                sha256=body.sha256,
                length=body.length,
                totals=totals,
            )
            return daily.taken(tx, day)

        registry = await self._spool.write(take)
        assert registry is not None, "it was just taken"
        extra = {"registry": registry.registry_id, "day": day.isoformat(), "operations": totals.count}
        _log.info("daily_registry.taken", extra=extra)
        return Taken(registry)

    async def _read(self, day: date, registry_id: str, daily_id: int) -> Totals:
        """Every line into the table; what the trailer says. Raises RegistryError."""
        slices = _Slices(daily_id, partial(self._check, day, registry_id))
        totals = Totals()
        while parts := await self._spool.read(slices.take):
            lines = [(number, part) for number, part in parts if isinstance(part, Operation)]
            await self._spool.write(lambda tx: daily.add_lines(tx, daily_id, lines), durable=False)  # noqa: B023 - awaited in this round
            totals = next((part for _, part in parts if isinstance(part, Totals)), totals)
        return totals

    def _check(self, day: date, registry_id: str, number: int, part: Part) -> None:
        """What only its receiver can know of a line. Raises RegistryError."""
        match part:
            case Header():
                self._check_header(part, day, registry_id)
            case Operation():
                self._check_line(number, part, day)

    def _check_header(self, header: Header, day: date, registry_id: str) -> None:
        if header.holder != self._point:
            raise RegistryError(1, "it is the registry of another point")
        if header.registry_id != registry_id:
            raise RegistryError(1, "registry_id is not that of Registry-Id")
        if (header.opens_at, header.closes_at) != (
            midnight(day, self._zone),
            midnight(day + DAY, self._zone),
        ):
            raise RegistryError(1, f"it does not cover {day.isoformat()} in {self._zone.key}")

    def _check_line(self, number: int, operation: Operation, day: date) -> None:
        if operation.status is not Status.ACCEPTED:
            raise RegistryError(number, "status is not ACCEPTED")
        at = operation.finished_at
        if at is None or not midnight(day, self._zone) <= at < midnight(day + DAY, self._zone):
            raise RegistryError(number, "finished_at is not within the day")

    async def _alarm(self, name: str, day: date, refused: Refused, body: "_Body") -> None:
        where = f"line {refused.line}: " if refused.line else ""
        detail = f"{where}{refused.reason} ({body.length} bytes, sha256 {body.sha256})"
        await self._spool.write(lambda tx: raise_alarm(tx, name, subject=day.isoformat(), detail=detail))

    async def _forget(self) -> None:
        """What was received and never taken, now or before a crash."""
        while await self._spool.write(daily.forget_some, durable=False):
            pass


@dataclass
class _Body:
    """The bytes of an answer, into the store piece by piece; or, of what is known, counted only."""

    spool: Store
    day: date
    keeps: bool
    daily_id: int = 0
    length: int = 0
    pieces: int = 0
    _rest: bytearray = field(default_factory=bytearray)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def add(self, content: bytes) -> None:
        self._digest.update(content)
        self.length += len(content)
        if self.keeps:
            self._rest += content
            if len(self._rest) >= PIECE_BYTES:
                await self._keep()

    async def end(self) -> None:
        if self.keeps:
            await self._keep()

    async def _keep(self) -> None:
        content = bytes(self._rest)
        self._rest.clear()
        if not self.daily_id:
            self.daily_id = await self.spool.write(lambda tx: daily.begin(tx, self.day), durable=False)
        await self.spool.write(
            lambda tx: daily.add_piece(tx, self.daily_id, self.pieces, content), durable=False
        )
        self.pieces += 1


class _Slices:
    """A stored body, read some lines at a time, each time in a snapshot of its own."""

    def __init__(self, daily_id: int, check: Callable[[int, Part], None]) -> None:
        self._daily_id = daily_id
        self._check = check
        self._tx: Transaction | None = None  # of the slice that is being read
        self._new: set[str] = set()
        self._parts = enumerate(read(self._pieces(), Kind.DAY, is_new=self._is_new), start=1)

    def take(self, tx: Transaction) -> Sequence[tuple[int, Part]]:
        """The next ones with the numbers of their lines, none after the last. Raises RegistryError."""
        self._tx, self._new = tx, set()
        parts = []
        for number, part in islice(self._parts, SLICE_LINES):
            self._check(number, part)
            parts.append((number, part))
        self._tx = None
        return parts

    def _pieces(self) -> Iterator[bytes]:
        n = 0
        while (content := daily.piece(self._now(), self._daily_id, n)) is not None:
            yield content
            n += 1

    def _is_new(self, txn_id: str) -> bool:
        """Neither in this slice, nor among the lines that are in the table already."""
        before = len(self._new)
        self._new.add(txn_id)
        return len(self._new) > before and not daily.has_line(self._now(), self._daily_id, txn_id)

    def _now(self) -> Transaction:
        assert self._tx is not None, "read inside a snapshot only"
        return self._tx
