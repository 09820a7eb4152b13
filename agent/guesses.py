"""How often somebody may be wrong. Pure: the caller's clock is asked by the caller."""

from collections import deque
from dataclasses import dataclass, field


@dataclass
class Guesses:
    """`most` wrong ones within `window_seconds` lock for `lock_seconds`. Times are of one monotonic clock."""

    most: int = 5
    window_seconds: float = 600.0
    lock_seconds: float = 900.0
    _wrong: deque[float] = field(default_factory=deque, repr=False)
    _locked_until: float | None = field(default=None, repr=False)

    def locked_seconds(self, at: float) -> float:
        """How long it stays locked; 0.0: it is open."""
        return 0.0 if self._locked_until is None else max(0.0, self._locked_until - at)

    def wrong(self, at: float) -> bool:
        """Count one; True if this one has locked."""
        self._wrong.append(at)
        while self._wrong[0] <= at - self.window_seconds:
            self._wrong.popleft()
        if len(self._wrong) < self.most:
            return False
        self._wrong.clear()
        self._locked_until = at + self.lock_seconds
        return True
