"""The line under a driver: bytes to and from one device, whatever carries them."""

from typing import Protocol


class Port(Protocol):
    """One owner at a time. Deadlines count by the running loop's clock."""

    async def open(self) -> None:
        """Open the line; nothing happens if it is open. After a loss it may be opened again.

        Raises PortLostError, or PortBusyError if another process owns it.
        """

    async def write(self, data: bytes, deadline_seconds: float) -> None:
        """Hand over all of `data`. Raises PortLostError or PortStalledError."""

    async def read(self, deadline_seconds: float, most: int = 4096) -> bytes:
        """At least one and at most `most` bytes as soon as some are there; `b""` after the deadline.

        Raises PortLostError. A cancelled read loses no bytes: the next one returns them.
        """

    async def flush_input(self) -> None:
        """Forget what came in and was not read. Raises PortLostError."""

    async def close(self) -> None:
        """End the line; whoever waits in `read` or `write` gets PortLostError. Never raises."""
