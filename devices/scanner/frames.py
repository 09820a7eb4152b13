"""What a serial scanner sends, without any input or output: a code, then CR, LF or both.

There is no check sum on this wire. A code with a byte that no code may hold, or longer than any, is dropped
whole, up to its end: half a code is never taken for one.
"""

from dataclasses import dataclass
from typing import Final

CR, LF = 0x0D, 0x0A
GS: Final = 0x1D  # separates the fields of a GS1 code
LONGEST_CODE: Final = 4296  # bytes: a QR code of version 40-L, alphanumeric


@dataclass(frozen=True, repr=False)
class Scanned:
    """One code. `repr` shows none of it: it may be somebody's account."""

    text: str

    def __repr__(self) -> str:
        return f"Scanned({len(self.text)} characters)"


@dataclass(frozen=True)
class Damaged:
    """What came before an end of line is no code."""

    why: str


Event = Scanned | Damaged


class CodeReader:
    """Bytes in any pieces in, events out. Never raises."""

    def __init__(self) -> None:
        self._code = bytearray()
        self._why = ""  # why what comes until the next end of line is dropped

    def feed(self, data: bytes) -> list[Event]:
        """The events that `data` completes, in order. Empty lines, such as between CR and LF, are none."""
        return [event for byte in data if (event := self._take(byte)) is not None]

    def _take(self, byte: int) -> Event | None:
        if byte in {CR, LF}:
            return self._end()
        if self._why:
            return None
        if byte < ord(" ") and byte != GS:
            self._why = "a byte that no code holds"
        elif len(self._code) == LONGEST_CODE:
            self._why = "longer than any code"
        else:
            self._code.append(byte)
        return None

    def _end(self) -> Event | None:
        code, why = bytes(self._code), self._why
        self._code.clear()
        self._why = ""
        if why:
            return Damaged(why)
        if not code:
            return None
        try:
            return Scanned(code.decode("utf-8"))
        except UnicodeDecodeError:
            return Damaged("not UTF-8: set the scanner so")
