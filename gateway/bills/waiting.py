"""Long polls: who waits for a payment is woken by its next move."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.bills.moves import Move
from gateway.bills.payment_states import State


@dataclass(eq=False)
class _Waiter:
    wanted: Callable[[State], bool]
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Waiters:
    """An observer of moves. Lives on the loop, where moves are told after their commit."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, list[_Waiter]] = defaultdict(list)

    def __call__(self, move: Move) -> None:
        for waiter in self._waiting.get(move.payment_id, ()):
            if waiter.wanted(move.after):
                waiter.moved.set()

    @contextmanager
    def watching(self, payment_id: str, wanted: Callable[[State], bool]) -> Iterator[asyncio.Event]:
        """An event that is set by the next move into a wanted state. Watch before reading, or miss a move."""
        waiter = _Waiter(wanted)
        self._waiting[payment_id].append(waiter)
        try:
            yield waiter.moved
        finally:
            self._waiting[payment_id].remove(waiter)
            if not self._waiting[payment_id]:
                del self._waiting[payment_id]
