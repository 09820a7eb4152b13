"""Long polls: who waits for a payment, an order or a sale is woken by its next move."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
V = TypeVar("V")


@dataclass(eq=False)
class _Waiter(Generic[S]):
    wanted: Callable[[S], bool]
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Waiters(Generic[S]):
    """Lives on the loop, where moves are told after their commit. `S` are the states of what is waited for."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, list[_Waiter[S]]] = defaultdict(list)

    def tell(self, name: str, after: S) -> None:
        """What bears this name has moved."""
        for waiter in self._waiting.get(name, ()):
            if waiter.wanted(after):
                waiter.moved.set()

    @contextmanager
    def watching(self, name: str, wanted: Callable[[S], bool]) -> Iterator[asyncio.Event]:
        """An event that is set by the next move into a wanted state. Watch before reading, or miss a move."""
        waiter = _Waiter(wanted)
        self._waiting[name].append(waiter)
        try:
            yield waiter.moved
        finally:
            self._waiting[name].remove(waiter)
            if not self._waiting[name]:
                del self._waiting[name]

    async def view(
        self,
        name: str,
        read: Callable[[], Awaitable[V]],
        wait_seconds: float,
        *,
        enough: Callable[[V], bool],
        wanted: Callable[[S], bool],
    ) -> V:
        """What `read` sees: at once where that is `enough` or nobody waits, else after the next move into a
        wanted state. When the time is over, how far it is then is the answer.
        """
        with self.watching(name, wanted) as moved:
            seen = await read()
            if wait_seconds <= 0 or enough(seen):
                return seen
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await moved.wait()
        return await read()
