"""The ESC/POS commands that we speak, one row each; layout writes by this table and the decoder reads by it.

Sources: [E] Epson, ESC/POS Command Reference for TM printers; [C] the manuals of 58 and 80 mm printers
compatible with it. Everything here is in both unless its row says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Tail = Callable[[bytes], int | None]
"""Of the bytes after a prefix: how many belong to the command, or None while too few are there to tell."""


@dataclass(frozen=True)
class Opcode:
    name: str
    prefix: bytes
    tail: Tail
    source: str

    def __call__(self, *parameters: int, data: bytes = b"") -> bytes:
        """The command as it goes down the wire."""
        return self.prefix + bytes(parameters) + data


def fixed(count: int) -> Tail:
    return lambda _: count


def counted(after: bytes) -> int | None:
    """Length pL pH, then that many bytes."""
    return 2 + int.from_bytes(after[:2], "little") if len(after) >= 2 else None


def rasterised(after: bytes) -> int | None:
    """Mode m, width xL xH, height yL yH, then x bytes for each of y rows."""
    if len(after) < 5:
        return None
    return 5 + int.from_bytes(after[1:3], "little") * int.from_bytes(after[3:5], "little")


def cut_mode(after: bytes) -> int | None:
    """Mode m alone cuts here; from 65 on, n follows: feed n more, then cut."""
    if not after:
        return None
    return 2 if after[0] >= 65 else 1


# fmt: off
LINE_FEED    = Opcode("print and line feed",   b"\x0a",         fixed(0),   "[E] LF")
STATUS       = Opcode("transmit status",       b"\x10\x04",     fixed(1),   "[E] DLE EOT n: real time, 1 printer 2 off-line 3 error 4 paper")
INITIALIZE   = Opcode("initialize",            b"\x1b@",        fixed(0),   "[E] ESC @: settings to their defaults, buffers stay")
EMPHASIS     = Opcode("emphasised",            b"\x1bE",        fixed(1),   "[E] ESC E n: lowest bit")
ALIGN        = Opcode("justification",         b"\x1ba",        fixed(1),   "[E] ESC a n: 0 left 1 centre 2 right; at a line's beginning")
CODE_PAGE    = Opcode("character code table",  b"\x1bt",        fixed(1),   "[E] ESC t n: 17 PC866, 53 KZ-1048")
KANJI_OFF    = Opcode("cancel kanji mode",     b"\x1c.",        fixed(0),   "[C] FS .: printers for China start with two-byte characters")
SIZE         = Opcode("character size",        b"\x1d!",        fixed(1),   "[E] GS ! n: width in bits 4-6, height in bits 0-2, times one")
PROCESS_ID   = Opcode("response with process", b"\x1d(H",       counted,    "[E] GS ( H fn 48: answers when all before it is printed")
SYMBOL       = Opcode("two-dimensional code",  b"\x1d(k",       counted,    "[E] GS ( k: see QR_* below")
CUT          = Opcode("cut",                   b"\x1dV",        cut_mode,   "[E] GS V m n: 66 feeds to the cutter and n more, then cuts partially")
RASTER       = Opcode("raster image",          b"\x1dv0",       rasterised, "[E] GS v 0 m xL xH yL yH: obsolete there, understood everywhere")
# fmt: on

TABLE: Final = (
    LINE_FEED,
    STATUS,
    INITIALIZE,
    EMPHASIS,
    ALIGN,
    CODE_PAGE,
    KANJI_OFF,
    SIZE,
    PROCESS_ID,
    SYMBOL,
    CUT,
    RASTER,
)

# Functions of SYMBOL for a QR code: cn fn, then their parameters ([E] GS ( k <Function 165…181>).
QR_MODEL: Final = b"1A"  # fn 165: n1 = 50 (model 2), n2 = 0
QR_MODULE: Final = b"1C"  # fn 167: dots of a module's side, 1–16
QR_CORRECTION: Final = b"1E"  # fn 169: 48 L, 49 M, 50 Q, 51 H
QR_STORE: Final = b"1P0"  # fn 180: the data
QR_PRINT: Final = b"1Q0"  # fn 181

PARTIAL_CUT: Final = 66  # CUT's m: feed to the cutter's position and n dots more, leave one point uncut


def sized(*, wide: bool, tall: bool) -> int:
    """SIZE's n."""
    return wide << 4 | tall


def symbol(function: bytes, data: bytes = b"") -> bytes:
    """One function of SYMBOL with its length before it."""
    body = function + data
    return SYMBOL(data=len(body).to_bytes(2, "little") + body)


def raster(row_bytes: int, rows: int, data: bytes) -> bytes:
    """An image of `rows` rows, each `row_bytes` long, 1 = black, the leftmost dot in the highest bit."""
    return RASTER(0, data=row_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little") + data)


def prove(process_id: bytes) -> bytes:
    """Ask for `proof(process_id)` once everything before is on paper. Four bytes, 20h–7Eh (PROTOCOLS §8)."""
    return PROCESS_ID(0x06, 0x00, 0x30, 0x30, data=process_id)


def proof(process_id: bytes) -> bytes:
    """The printer's answer to `prove`: header 37h, identifier 22h, the id, NUL."""
    return b"\x37\x22" + process_id + b"\x00"
