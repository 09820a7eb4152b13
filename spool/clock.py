"""The store's own clock: it never goes back, and no jump of the wall clock moves it.

Elapsed time is the loop's; only the time between two lives of the process has to be taken from the wall,
and it counts as at least nothing and at most a week. So a wall clock that steps back cannot park an entry,
and one that leaps forward cannot make ninety days of idempotency keys look old.
"""

from collections.abc import Callable

LONGEST_GAP_MS = 7 * 24 * 3600 * 1000


def resume(*, clock_ms: int, wall_ms: int, now_ms: int) -> int:
    """The store's clock at the start of a life, from what was last written down and the wall's time now.

    >>> resume(clock_ms=5_000, wall_ms=1_000_000, now_ms=1_060_000)
    65000
    >>> resume(clock_ms=5_000, wall_ms=1_000_000, now_ms=0)
    5000
    """
    return clock_ms + min(max(now_ms - wall_ms, 0), LONGEST_GAP_MS)


class StoreClock:
    """Milliseconds that only grow, counted on from `resumed_ms` by `monotonic` (seconds)."""

    def __init__(self, resumed_ms: int, monotonic: Callable[[], float]) -> None:
        self._resumed_ms = resumed_ms
        self._monotonic = monotonic
        self._started = monotonic()

    def ms(self) -> int:
        return self._resumed_ms + int((self._monotonic() - self._started) * 1000)
