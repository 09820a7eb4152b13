"""How registries leave, and what an answer means: delivered only when the receiver counted what we counted.

| answer | the registry | the next one |
|---|---|---|
| acknowledged; id, count, sums and sha256 are ours | acknowledged | leaves |
| acknowledged, and something of it differs | is sent again by the schedule | waits |
| refused for good (400, 409) | goes to a person, with an alarm | leaves |
| the receiver expects an earlier number, acknowledged before | is sent again, after those | waits for them |
| it expects one that a person has | is sent again by the schedule; the person's too, if it lay an hour | waits |
| silence, or anything else | is sent again by the schedule | waits |
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from gateway.registry import book
from gateway.registry.body import body, count
from gateway.registry.book import Registry, Series
from gateway.registry.layout import Totals
from spool import (
    Again,
    Delivered,
    Entry,
    Route,
    Schedule,
    Store,
    ToPerson,
    Transaction,
    Verdict,
    requeue,
    show,
)
from spool.entry_states import State
from spool.worklist import id_of

REFUSED: Final = "registry_refused"
DAMAGED: Final = "the store no longer holds what was sealed"
# What was refused and is expected all the same: whoever refused it may have changed its mind.
LAIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Acknowledged:
    """What the receiver says that it took. `sha256`: lower-case hex, of the whole body."""

    registry_id: str
    totals: Totals
    sha256: str


@dataclass(frozen=True)
class Refused:
    """A repeat of the same bytes cannot help: a person has to see it."""

    reason: str


@dataclass(frozen=True)
class Expected:
    """The receiver lacks what came before: it expects this number."""

    number: int


@dataclass(frozen=True)
class Unanswered:
    """`spoke`: the receiver is there. `alarm`: a word for why a person must know at once."""

    detail: str
    spoke: bool = False
    alarm: str | None = None


Answer = Acknowledged | Refused | Expected | Unanswered


class Uplink(Protocol):
    async def send(self, registry: Registry, content: AsyncIterator[bytes]) -> Answer:
        """One attempt. Raises nothing but cancellation."""


RaiseAlarm = Callable[[Transaction, str, str, str], None]
"""Have a person know: a stable word, the subject, a detail."""


class Exchange:
    """The spool's routes for registries. `uplinks` by the spool's kind of entry."""

    def __init__(
        self,
        spool: Store,
        series: Sequence[Series],
        uplinks: Mapping[str, Uplink],
        *,
        schedule: Schedule,
        raise_alarm: RaiseAlarm,
    ) -> None:
        self._spool = spool
        self._series = {one.entry_kind: one for one in series}
        self._uplinks = uplinks
        self._schedule = schedule
        self._raise_alarm = raise_alarm

    def routes(self) -> Mapping[str, Route]:
        return {kind: Route(self._deliver, self._schedule) for kind in self._uplinks}

    async def _deliver(self, entry: Entry) -> Verdict:
        series, registry_id = self._series[entry.kind], entry.payload.decode()
        registry = await self._spool.read(lambda tx: book.load(tx, registry_id))
        if registry is None or await count(self._spool, registry) != registry.seal:
            # Only a damaged store can do that, and other bytes under the same id would be a lie.
            return self._refused(series, registry_id, DAMAGED)
        answer = await self._uplinks[entry.kind].send(registry, body(self._spool, registry))
        match answer:
            case Acknowledged():
                return self._judged(series, registry, answer)
            case Refused(reason):
                return self._refused(series, registry_id, reason)
            case Expected(number):
                return await self._expected(series, registry, number)
            case Unanswered(detail, spoke, alarm):
                return self._unanswered(registry_id, detail, spoke=spoke, alarm=alarm)

    def _judged(self, series: Series, registry: Registry, answer: Acknowledged) -> Verdict:
        registry_id, ours = registry.header.registry_id, registry.seal
        assert ours is not None, "it was compared with what was counted"
        differing = [
            name
            for name, here, there in (
                ("registry_id", registry_id, answer.registry_id),
                ("count", ours.totals.count, answer.totals.count),
                ("sum", ours.totals.sum, answer.totals.sum),
                ("fee", ours.totals.fee, answer.totals.fee),
                ("total", ours.totals.total, answer.totals.total),
                ("sha256", ours.sha256, answer.sha256),
            )
            if here != there
        ]
        if differing:
            told = f"acknowledged with another {', '.join(differing)}"
            return self._unanswered(registry_id, told, spoke=True, alarm="registry_acknowledged_otherwise")

        def apply(tx: Transaction) -> None:
            book.acknowledged(tx, registry_id)
            book.send_next(tx, series)

        return Delivered(f"{ours.totals.count} operations", apply)

    def _refused(self, series: Series, registry_id: str, reason: str) -> Verdict:
        def apply(tx: Transaction) -> None:
            self._raise_alarm(tx, REFUSED, registry_id, reason)
            book.send_next(tx, series)

        return ToPerson(reason, apply)

    async def _expected(self, series: Series, registry: Registry, number: int) -> Verdict:
        registry_id = registry.header.registry_id
        found = await self._spool.read(lambda tx: book.load(tx, f"{series.name}{number}"))
        if found is None or number >= registry.header.number:
            return self._refused(series, registry_id, f"the receiver expects number {number}")
        if found.acknowledged_at is None:
            return self._after_those_before(series, registry, number)
        return self._again_from(series, number)

    def _after_those_before(self, series: Series, registry: Registry, number: int) -> Verdict:
        """A person's that has lain there for LAIN is tried once more: it holds up all that follow."""

        def apply(tx: Transaction) -> None:
            for one in book.unacknowledged(tx, series.kind):
                if number <= one.header.number < registry.header.number and _lies(tx, one):
                    requeue(tx, one.key, "the receiver expects it")

        return Again(f"number {number} comes first, and is not acknowledged", apply, answered=True)

    def _again_from(self, series: Series, number: int) -> Verdict:
        def apply(tx: Transaction) -> None:
            book.rewind(tx, series, n=number)
            book.send_next(tx, series)

        return Delivered(f"the receiver expects number {number}: sent again from there", apply)

    def _unanswered(self, registry_id: str, detail: str, *, spoke: bool, alarm: str | None) -> Verdict:
        def apply(tx: Transaction) -> None:
            if alarm is not None:
                self._raise_alarm(tx, alarm, registry_id, detail)

        return Again(detail, apply, answered=spoke)


def _lies(tx: Transaction, registry: Registry) -> bool:
    if not registry.sendings:
        return False
    entry = show(tx, id_of(tx, registry.key)).listed
    return entry.state is State.TO_PERSON and tx.now - entry.changed_at >= LAIN
