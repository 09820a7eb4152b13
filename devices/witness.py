"""Who is told what a driver sees: its frames, what its device says of itself, what each command came to.

A driver tells; it is told nothing back. What it tells holds neither card data nor a message's bytes.
"""

from typing import Any, Final, Protocol

from devices.interfaces import Result, Status


class Witness(Protocol):
    """Is told on the loop, at once, and never raises."""

    def frame(self, masked: str) -> None:
        """One frame as a technician may see it: direction, kind and length."""

    def status_told(self, status: Status) -> None:
        """What the device answered, or that it did not. Not told while a command keeps it busy."""

    def result_told(self, result: Result[Any]) -> None:
        """What a command came to."""


class _Nobody:
    def frame(self, masked: str) -> None: ...

    def status_told(self, status: Status) -> None: ...

    def result_told(self, result: Result[Any]) -> None: ...


NOBODY: Final[Witness] = _Nobody()
