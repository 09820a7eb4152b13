"""An emulated barcode scanner on a pseudo-terminal: a person holds a code before it."""

from dataclasses import dataclass
from typing import Self

from devices.emulators.terminals import PseudoTerminal


@dataclass
class ScannerFaults:
    noise: bytes = b""  # before each code
    split: bool = False  # each byte leaves on its own
    end: bytes = b"\r"  # or b"\r\n", b"\n", and b"" for a code whose end gets lost


class EmulatedScanner:
    """Use as an async context manager."""

    def __init__(self, terminal: PseudoTerminal) -> None:
        self.faults = ScannerFaults()
        self._terminal = terminal

    @property
    def path(self) -> str:
        """What a driver opens."""
        return self._terminal.path

    @property
    def plugged(self) -> bool:
        return self._terminal.plugged

    async def scan(self, text: str) -> None:
        """Raises UnpluggedError."""
        data = self.faults.noise + text.encode() + self.faults.end
        for piece in [data[at : at + 1] for at in range(len(data))] if self.faults.split else [data]:
            await self._terminal.write(piece)

    def unplug(self) -> None:
        self._terminal.unplug()

    def plug(self) -> None:
        self._terminal.plug()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._terminal.unplug()
