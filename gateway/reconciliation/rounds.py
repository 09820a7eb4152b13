"""Every day by itself: the registry of each day that is over, fetched until it is there, and then reconciled.

To close a day stays a person's word.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.alarms import raise_alarm
from gateway.reconciliation import daily
from gateway.reconciliation.book import NotClosableError
from gateway.reconciliation.calendar import DAY, day_of, days, midnight
from gateway.reconciliation.download import DailySource, NotClosed
from gateway.reconciliation.intake import Intake, Outcome, Taken
from gateway.reconciliation.reconciler import Reconciler
from gateway.times import from_ms
from spool import SpoolError, Store, Transaction

_log = logging.getLogger(__name__)

LATE: Final = "daily_registry_late"
LONGEST_BACKFILL: Final = timedelta(days=92)  # e-port is asked for nothing older
_FIRST_PAYMENT: Final = "SELECT min(accepted_ms) FROM payment"


class DailyRounds:
    """`late_seconds` after its end a day without a registry is a person's business."""

    def __init__(  # noqa: PLR0913 - what fetches and what reconciles, and what of the world is injected
        self,
        spool: Store,
        intake: Intake,
        reconciler: Reconciler,
        source: DailySource | None,
        *,
        zone: ZoneInfo,
        now: Callable[[], datetime],
        look_seconds: float,
        retry_seconds: float,
        late_seconds: float,
    ) -> None:
        self._spool = spool
        self._intake = intake
        self._reconciler = reconciler
        self._source = source
        self._zone = zone
        self._now = now
        self._look_seconds = look_seconds
        self._retry_seconds = retry_seconds
        self._late = timedelta(seconds=late_seconds)
        self._next: dict[date, float] = {}  # not asked again before, by the loop's clock
        self._alarmed: set[date] = set()
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """For ever. A store that cannot write now is tried again."""
        while self._source is not None:
            try:
                await self.look()
            except SpoolError as error:
                _log.warning("reconciliation.round_failed", extra={"why": str(error)})
            await asyncio.sleep(self._look_seconds)

    async def look(self) -> None:
        """Ask for every day that is over, was not taken and may be asked for again; the oldest first."""
        clock = asyncio.get_running_loop().time
        for day in await self._spool.read(self._due):
            if self._next.get(day, 0.0) <= clock():
                outcome = await self.fetch(day)
                if not isinstance(outcome, Taken):
                    await self._alarm_if_late(day)

    async def fetch(self, day: date) -> Outcome | None:
        """One attempt, now; and what it brings is reconciled. None: there is nobody to ask."""
        if self._source is None:
            return None
        async with self._one_at_a_time:
            outcome = await self._intake.take(day, self._source)
            wait = outcome.retry_after_seconds if isinstance(outcome, NotClosed) else None
            self._next[day] = asyncio.get_running_loop().time() + (wait or self._retry_seconds)
            if isinstance(outcome, Taken) and not outcome.known:
                self._next.pop(day, None)
                await self._reconcile(day)
            return outcome

    async def _reconcile(self, day: date) -> None:
        """And the day before once more: what the new one lists may be what the old one lacked."""
        for one in (day - DAY, day):
            if one == day or await self._spool.read(lambda tx: daily.taken(tx, one)) is not None:  # noqa: B023 - awaited in this round
                try:
                    await self._reconciler.reconcile(one)
                except NotClosableError:
                    _log.info("reconciliation.day_is_closed", extra={"day": one.isoformat()})

    def _due(self, tx: Transaction) -> list[date]:
        found = tx.one(_FIRST_PAYMENT)
        if found is None or found[0] is None:
            return []
        today = day_of(self._now(), self._zone)
        first = max(day_of(from_ms(int(found[0])), self._zone), today - LONGEST_BACKFILL)
        taken = daily.taken_days(tx)
        return [day for day in days(first, today - DAY) if day not in taken]

    async def _alarm_if_late(self, day: date) -> None:
        if day in self._alarmed or self._now() < midnight(day + DAY, self._zone) + self._late:
            return
        self._alarmed.add(day)
        detail = f"{self._late} after the end of {day.isoformat()} e-port has not given its registry"
        await self._spool.write(lambda tx: raise_alarm(tx, LATE, subject=day.isoformat(), detail=detail))
