"""Every half hour: close what is due, count it, send it; and once at a start, for what was missed meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from certs.clock import clock_fault
from gateway.registry import book
from gateway.registry.body import count
from gateway.registry.book import Series
from gateway.registry.changes import bring_back
from gateway.registry.exchange import RaiseAlarm
from gateway.registry.window import EVERY, last_end
from spool import CommitFailed, Store, StoreOverloaded, Transaction

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 15.0  # the wall clock may be set meanwhile
CLOCK_BEHIND: Final = "registry_clock_behind"
CLOCK_BROKEN: Final = "registry_clock_broken"
CLOCK_JUMPED: Final = "registry_clock_jumped"
# A window that is closed stays closed: more of them than this at once are closed at a person's word only.
LONGEST_ABSENCE: Final = timedelta(days=7)
Look = Callable[[Transaction], None]
OthersTime = Callable[[], Awaitable[datetime | None]]
"""The same instant by the clock of whom we speak to; None: nobody says."""


async def _nobody_says() -> None:
    return None


class ClockBrokenError(Exception):
    """No window may be closed by a clock that cannot be right."""


class Rounds:
    """Builds the registries of `series`. `after_each` runs in a write of its own after each round.

    `others_time` is asked before windows are closed by the clock alone: one that is ahead would close what
    has not happened yet. A person's word needs no witness.
    """

    def __init__(  # noqa: PLR0913 - what is built, and what of the world is injected
        self,
        spool: Store,
        series: Sequence[Series],
        *,
        now: Callable[[], datetime],
        raise_alarm: RaiseAlarm,
        after_each: Look | None = None,
        others_time: OthersTime = _nobody_says,
    ) -> None:
        self.series = tuple(series)
        self._spool = spool
        self._now = now
        self._raise_alarm = raise_alarm
        self._after_each = after_each
        self._others_time = others_time
        self._building = asyncio.Lock()
        self._distrusted: str | None = None  # the alarm that was raised about the clock
        self._next: datetime | None = None  # for the half hour before it everything is done

    async def run(self) -> None:
        """For ever. A store that cannot write now is tried again."""
        while True:
            try:
                await self._look()
            except (CommitFailed, StoreOverloaded) as error:
                _log.warning("registry.round_failed", extra={"why": str(error)})
                self._next = None
            await asyncio.sleep(self._pause_seconds())

    async def build(self, *, ahead: bool = False) -> list[str]:
        """Close every window that is due, count what closed windows hold, and spool what can leave.

        With `ahead` the window that is still open is closed too. That is what a clock that was ahead by less
        than half an hour would have done: what changes before its end counts as changed at its end, so it is in
        the next window, and nothing is lost. Nothing is closed further ahead than that one.
        Returns the ids of what was counted. Raises ClockBrokenError, with nothing closed.
        """
        fault = clock_fault(self._now())
        if fault is not None:
            raise ClockBrokenError(fault)
        async with self._building:
            until = last_end(self._now()) + (EVERY if ahead else 0 * EVERY)
            await self._spool.write(self._bring_back)
            for series in self.series:
                await self._spool.write(lambda tx: book.begin(tx, series))  # noqa: B023 - awaited in this round
                while await self._spool.write(lambda tx: book.close_due(tx, series, until=until)):  # noqa: B023 - as above
                    pass
            built = [await self._seal(registry) for registry in await self._spool.read(book.unsealed)]
            await self._spool.write(self._send)
            return built

    async def _look(self) -> None:
        now = self._now()
        if self._next is not None and self._next - EVERY <= now < self._next:
            return
        if await self._distrusts(now):
            self._next = None
            return
        await self.build()
        await self._spool.write(self._watch)
        self._next = last_end(now) + EVERY

    async def _distrusts(self, now: datetime) -> bool:
        """Alarmed once, until the clock can be right again."""
        fault = clock_fault(now) or self._ahead(now, await self._others_time())
        name, why = (CLOCK_BROKEN, fault) if fault else (CLOCK_JUMPED, await self._spool.read(self._jump))
        if why is None:
            self._distrusted = None
        elif self._distrusted != name:
            await self._spool.write(lambda tx: self._raise_alarm(tx, name, "clock", why))
            self._distrusted = name
        return why is not None

    @staticmethod
    def _ahead(now: datetime, others: datetime | None) -> str | None:
        """By more than one window: less does no harm, and whose clock is wrong nobody knows."""
        if others is None or now - others <= EVERY:
            return None
        return (
            f"the clock says {now:%Y-%m-%d %H:%M:%SZ}, the other side's {others:%Y-%m-%d %H:%M:%SZ}; "
            "if ours is right, `tolem registry build` closes the windows"
        )

    def _jump(self, tx: Transaction) -> str | None:
        most = max(book.due(tx, series, until=self._now()) for series in self.series)
        if most <= LONGEST_ABSENCE // EVERY:
            return None
        return (
            f"{most} windows would be closed at once; if the clock is right, `tolem registry build` does it"
        )

    def _bring_back(self, tx: Transaction) -> None:
        if brought := bring_back(tx):
            tx.after_commit(lambda: _log.warning("registry.changes_brought_back", extra={"changes": brought}))

    async def _seal(self, registry: book.Registry) -> str:
        """Its content is counted beside the writer; its totals and its upload are one commit."""
        found = await count(self._spool, registry)

        def write(tx: Transaction) -> None:
            book.seal(tx, registry, found)
            self._send(tx)

        await self._spool.write(write)
        extra = {"registry": registry.header.registry_id, "operations": found.totals.count}
        _log.info("registry.built", extra=extra)
        return registry.header.registry_id

    def _send(self, tx: Transaction) -> None:
        for series in self.series:
            book.send_next(tx, series)

    def _watch(self, tx: Transaction) -> None:
        for series in self.series:
            closed_to = book.closed_to(tx, series)
            if closed_to - tx.now > EVERY:
                detail = f"windows are closed up to {closed_to.isoformat()}, which is in the future"
                self._raise_alarm(tx, CLOCK_BEHIND, series.kind, detail)
        if self._after_each is not None:
            self._after_each(tx)

    def _pause_seconds(self) -> float:
        if self._next is None:
            return LOOK_SECONDS
        return min(max((self._next - self._now()).total_seconds(), 0.0), LOOK_SECONDS)
