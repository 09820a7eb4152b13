"""Takes what is due, hands it to the function that delivers its kind, and writes down what became of it.

One for a store. Nothing that a deliver function does stops it: an exception is logged and tried again by
the schedule, and an entry that fails so several times in a row goes to a person.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Final

from spool.agenda import Agenda, Quota
from spool.attempts import STORE_PAUSE_SECONDS, Attempts
from spool.breaker import CircuitState
from spool.breakers import Breakers
from spool.errors import CommitFailed, StoreClosed, StoreOverloaded
from spool.expiry import Expiry
from spool.lease import Claim, claim, heads, take_back
from spool.store import Spool
from spool.transaction import Ready, Transaction
from spool.verdicts import Route

log = logging.getLogger(__name__)

LARGEST_CLAIM: Final = 64  # entries in one transaction


class Forwarder:
    def __init__(  # noqa: PLR0913 - limits by keyword
        self,
        spool: Spool,
        routes: Mapping[str, Route],
        *,
        breakers: Breakers,
        per_lane: int = 4,
        per_destination: int = 64,
        delivery_seconds: float = 300.0,
    ) -> None:
        """`delivery_seconds` ends a deliver function that hangs; its own timers are shorter."""
        self._spool = spool
        self._breakers = breakers
        self._attempts = Attempts(spool, routes, breakers=breakers, delivery_seconds=delivery_seconds)
        self._agenda = Agenda(per_lane=per_lane, per_destination=per_destination)
        self._expiry = Expiry(spool, [kind for kind, route in routes.items() if route.expires == "to_person"])
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._running = False
        breakers.listen(lambda _destination: self.wake())

    async def run(self) -> None:
        """Forward until cancelled, which comes before the store is closed.

        Attempts in flight are then cut off, and are made again after the next start, as ones that may
        have been sent.
        """
        if self._running:
            raise RuntimeError("this forwarder runs already")
        self._running = True
        try:
            with self._spool.listening(self._hint):
                if not await self._started():
                    return
                async with asyncio.TaskGroup() as attempts:
                    while await self._round(attempts):
                        await self._sleep()
        finally:
            self._running = False

    def wake(self) -> None:
        """Look again now."""
        self._wake.set()

    async def drain(self, timeout_seconds: float) -> bool:
        """Wait until nothing is due or in flight. False if that did not come about in time."""
        self._idle.clear()
        self.wake()
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def _started(self) -> bool:
        """Once the store can write. False: it was closed."""
        while True:
            try:
                await self._start()
            except (CommitFailed, StoreOverloaded) as error:
                log.warning("spool.start_failed", extra={"why": str(error)})
                await asyncio.sleep(STORE_PAUSE_SECONDS)
            except StoreClosed:
                return False
            else:
                return True

    async def _start(self) -> None:
        await self._spool.write(self._resume)
        for destination, lane, due_ms in await self._spool.read(heads):
            self._agenda.hint(destination, lane, due_ms)
        await self._expiry.start()

    def _resume(self, tx: Transaction) -> None:
        """An attempt that was cut off, by the end of its process or of its forwarder, ends like one without an
        answer: a crash loop sends nothing more often than the schedule says.
        """
        take_back(tx, self._attempts.delay_ms)

    async def _round(self, attempts: asyncio.TaskGroup) -> bool:
        """Begin every attempt that may begin now. False: the store was closed."""
        self._wake.clear()
        try:
            await self._expiry.sweep()
            for destination in self._agenda.destinations:
                for held in await self._claim(destination):
                    attempt = attempts.create_task(self._attempt(held), name=f"deliver {held.entry.key}")
                    attempt.add_done_callback(partial(self._ended, held))
        except (CommitFailed, StoreOverloaded) as error:
            log.warning("spool.claim_failed", extra={"why": str(error)})
            await asyncio.sleep(STORE_PAUSE_SECONDS)
            self.wake()
        except StoreClosed:
            return False
        return True

    async def _claim(self, destination: str) -> list[Claim]:
        clock_ms = self._spool.clock.ms()
        if not self._agenda.has_due(destination, clock_ms) or not self._breakers.allow(destination):
            return []
        probe = self._breakers.state(destination) is not CircuitState.CLOSED
        quotas = self._agenda.take(destination, clock_ms, 1 if probe else LARGEST_CLAIM)
        held = await self._claim_by(quotas)
        if probe and not held:
            self._breakers.unused(destination)
        return held

    async def _claim_by(self, quotas: list[Quota]) -> list[Claim]:
        try:
            taken = await self._spool.write(lambda tx: claim(tx, quotas), durable=False)
        except BaseException:
            for quota in quotas:
                self._agenda.hint(quota.destination, quota.lane, 0)
            raise
        for lane in taken:
            self._agenda.took(lane.quota, len(lane.claims), lane.next_due_ms)
        return [held for lane in taken for held in lane.claims]

    async def _sleep(self) -> None:
        clock_ms = self._spool.clock.ms()
        if self._agenda.has_work(clock_ms):
            self._idle.clear()
        else:
            self._idle.set()
        next_ms = self._next_ms()
        seconds = None if next_ms is None else max(next_ms - clock_ms, 0) / 1000
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _next_ms(self) -> int | None:
        times = [self._expiry.next_ms]
        for destination in self._agenda.destinations:
            due_ms = self._agenda.next_due_ms(destination)
            if due_ms is not None and self._breakers.state(destination) is not CircuitState.CLOSED:
                due_ms = max(due_ms, self._breakers.next_probe_ms(destination))
            times.append(due_ms)
        return min((time for time in times if time is not None), default=None)

    async def _attempt(self, held: Claim) -> None:
        try:
            await self._attempts.make(held)
        except StoreClosed:
            log.warning("spool.closed_in_attempt", extra={"entry": held.entry.id})

    def _ended(self, held: Claim, _: asyncio.Task[None]) -> None:
        self._agenda.ended(held.entry.destination, held.entry.lane)
        self.wake()

    def _hint(self, ready: Ready) -> None:
        self._agenda.hint(ready.destination, ready.lane, ready.due_ms)
        self._expiry.hint(ready)
        self.wake()
