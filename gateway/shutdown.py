"""One deadline for the end of a process: whatever ends after another part has what that one left."""

import asyncio
from typing import Final

_ENOUGH_TO_END_SECONDS: Final = 0.01


class Shutdown:
    """The `shutdown_seconds` of the settings; they run from the first look at how many are left.

    A part that finds none left cuts off what is in flight. It is written down, and resumes at the next start.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends_at: float | None = None

    def left_seconds(self) -> float:
        """By the loop's clock; never quite 0, which some waits take for "without end"."""
        time = asyncio.get_running_loop().time()
        if self._ends_at is None:
            self._ends_at = time + self._seconds
        return max(self._ends_at - time, _ENOUGH_TO_END_SECONDS)
