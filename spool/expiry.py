"""Entries that became too old to send: they go to a person, never away."""

from collections.abc import Iterable

from spool.entry_states import Event
from spool.moves import move, standing
from spool.store import Spool
from spool.transaction import Ready, Transaction

SLICE = 100

_EXPIRED = """
SELECT id FROM entry
 WHERE kind = :kind AND state = 'ready' AND expires_ms IS NOT NULL AND expires_ms <= :clock_ms
 ORDER BY expires_ms LIMIT :slice
"""
_NEXT = "SELECT min(expires_ms) FROM entry WHERE kind = :kind AND state = 'ready' AND expires_ms IS NOT NULL"


class Expiry:
    """Watches the kinds of which an expired entry goes to a person."""

    def __init__(self, spool: Spool, kinds: Iterable[str]) -> None:
        self._spool = spool
        self._kinds = frozenset(kinds)
        self.next_ms: int | None = None  # store clock: when the next one expires, or earlier

    async def start(self) -> None:
        self.next_ms = await self._spool.read(self._next)

    def hint(self, ready: Ready) -> None:
        if ready.expires_ms is not None and ready.kind in self._kinds:
            self.next_ms = ready.expires_ms if self.next_ms is None else min(self.next_ms, ready.expires_ms)

    async def sweep(self) -> None:
        """Hand over what has expired by now, a slice at a time."""
        if self.next_ms is None or self.next_ms > self._spool.clock.ms():
            return
        while await self._spool.write(self._sweep_slice, durable=False) == SLICE:
            pass
        self.next_ms = await self._spool.read(self._next)

    def _sweep_slice(self, tx: Transaction) -> int:
        bindings = {"clock_ms": tx.clock_ms, "slice": SLICE}
        ids = [row[0] for kind in self._kinds for row in tx.execute(_EXPIRED, {"kind": kind, **bindings})]
        for entry_id in ids[:SLICE]:
            before = standing(tx, entry_id=entry_id)
            assert before is not None, "it was found in this transaction"
            move(tx, before, Event.EXPIRED, note="expired")
        return len(ids[:SLICE])

    def _next(self, tx: Transaction) -> int | None:
        times = [row[0] for kind in self._kinds for row in tx.execute(_NEXT, {"kind": kind})]
        return min((time for time in times if time is not None), default=None)
