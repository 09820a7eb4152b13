"""One attempt: hand a claimed entry to its deliver function, and write its verdict down."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Final

from spool.breakers import Breakers
from spool.errors import CommitFailed, LeaseLost, StoreClosed, StoreOverloaded
from spool.lease import Claim, acknowledge
from spool.store import Spool
from spool.transaction import Transaction
from spool.verdicts import Again, Delivered, Route, ToPerson, Verdict

log = logging.getLogger(__name__)

FAULT_LIMIT: Final = 5  # failures of our own in a row, then a person
STORE_PAUSE_SECONDS: Final = 1.0  # after the store could not commit


class Attempts:
    """An exception of ours, in `deliver` or in `apply`, is logged and becomes Again, and at last ToPerson."""

    def __init__(
        self, spool: Spool, routes: Mapping[str, Route], *, breakers: Breakers, delivery_seconds: float
    ) -> None:
        self._spool = spool
        self._routes = routes
        self._breakers = breakers
        self._delivery_seconds = delivery_seconds

    async def make(self, held: Claim) -> None:
        """Raises StoreClosed, with the attempt left to the next life of the process."""
        verdict = await self._deliver(held)
        try:
            await self._store(held, verdict)
        except LeaseLost as error:
            log.warning("spool.lease_lost", extra={"entry": held.entry.id, "why": str(error)})

    def delay_ms(self, kind: str, attempts: int) -> int:
        """After attempt number `attempts` ended without a word. Nothing for a kind that has no route."""
        route = self._routes.get(kind)
        return 0 if route is None else int(route.schedule.delay_seconds(attempts, self._spool.random) * 1000)

    async def _deliver(self, held: Claim) -> Verdict:
        entry = held.entry
        route = self._routes.get(entry.kind)
        if route is None:
            return ToPerson(f"this version has no route for {entry.kind}")
        try:
            async with asyncio.timeout(self._delivery_seconds):
                verdict = await route.deliver(entry)
            answered = _answered(verdict)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _is_being_cancelled():
                raise
            log.exception("spool.deliver_failed", extra={"entry": entry.id, "kind": entry.kind})
            self._breakers.unanswered(entry.destination)
            return _fault(held, f"deliver failed: {type(error).__name__}")
        (self._breakers.answered if answered else self._breakers.unanswered)(entry.destination)
        return verdict

    async def _store(self, held: Claim, verdict: Verdict) -> None:
        """However long the store cannot commit: an answer is not thrown away."""
        while True:
            try:
                await self._spool.write(partial(self._acknowledge, held=held, verdict=verdict))
            except (CommitFailed, StoreOverloaded) as error:
                log.warning("spool.acknowledge_failed", extra={"entry": held.entry.id, "why": str(error)})
                await asyncio.sleep(STORE_PAUSE_SECONDS)
            except (LeaseLost, StoreClosed):
                raise
            except Exception as error:  # of `apply`: its transaction, the acknowledgement too, was undone
                log.exception("spool.apply_failed", extra={"entry": held.entry.id})
                verdict = _fault(held, f"apply failed: {type(error).__name__}")
            else:
                return

    def _acknowledge(self, tx: Transaction, *, held: Claim, verdict: Verdict) -> None:
        due_ms = None
        if isinstance(verdict, Again):
            due_ms = tx.clock_ms + int(self._delay_seconds(held, verdict) * 1000)
        acknowledge(tx, held, verdict, due_ms=due_ms, fault=isinstance(verdict, _Fault))

    def _delay_seconds(self, held: Claim, verdict: Again) -> float:
        schedule, random = self._routes[held.entry.kind].schedule, self._spool.random
        if verdict.after_seconds is None:
            return schedule.delay_seconds(held.entry.attempts + 1, random)
        return schedule.lengthened(max(verdict.after_seconds, 0.0), random)


class _Fault(Again):
    """Again, because of an exception of ours: it counts towards FAULT_LIMIT."""


def _fault(held: Claim, note: str) -> Verdict:
    if held.faults + 1 >= FAULT_LIMIT:
        return ToPerson(f"{note}, {FAULT_LIMIT} times in a row", answered=False)
    return _Fault(note)


def _is_being_cancelled() -> bool:
    """Is it this task that was cancelled, and not something that its deliver function waited for?"""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _answered(verdict: Verdict) -> bool:
    """What the verdict tells the breaker. Raises TypeError for what is no verdict."""
    if isinstance(verdict, Delivered | Again | ToPerson):
        return verdict.answered
    raise TypeError(f"{type(verdict).__name__} is not a verdict")
