"""When to try again, as data."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Schedule:
    """`seconds[n-1]` after the end of attempt n, then `then` for ever. `jitter` is a share that only lengthens.

    >>> Schedule((60, 60), then=300, jitter=0).delay_seconds(3, Random())
    300.0
    """

    seconds: tuple[float, ...] = (300, 300, 300, 300)
    then: float = 1800
    jitter: float = 0.10

    def delay_seconds(self, attempts: int, random: Random) -> float:
        """How long to wait after attempt number `attempts` (1, 2, …) ended."""
        base = self.seconds[attempts - 1] if attempts <= len(self.seconds) else self.then
        return self.lengthened(base, random)

    def lengthened(self, seconds: float, random: Random) -> float:
        return seconds * (1.0 + self.jitter * random.random())
