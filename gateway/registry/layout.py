"""A registry's bytes as a table: header, one line for each operation, trailer (PROTOCOLS §2.5). Pure.

    H;1;<kind>;<holder>;<registry_id>;<from>;<to>;KZT;<created>
    D;<one field for each column of the kind>
    T;<count>;<sum>;<fee>;<total>;<sha256 of every byte before this line>

`;`, CRLF after every line, UTF-8 without a BOM, no quoting. `holder` is e-port's point, or the terminal of
a TERM registry. What a column may hold says its row; both directions go through it. `reading` reads.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.money import CURRENCY, Amount

SEPARATOR: Final = ";"
END: Final = b"\r\n"
VERSION: Final = "1"
MEDIA_TYPE: Final = "text/csv"

_INSTANT: Final = re.compile(
    r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(?:Z|[+-][0-2]\d:[0-5]\d)", re.ASCII
)
_TOTAL: Final = re.compile(r"(0|[1-9]\d{0,17})\.(\d\d)", re.ASCII)


class Kind(StrEnum):
    TECH = "TECH"  # ours to e-port, every 30 minutes for the previous 60
    BANK = "BANK"  # the same to the bank's central system
    TERM = "TERM"  # a terminal's to its gateway
    DAY = "DAY"  # e-port's to us, when a day is closed


class Status(StrEnum):
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    PENDING = "PENDING"
    CANCELLED = "CANCELLED"


class UnwritableError(ValueError):
    """A value does not fit its column. The text names the column, never the value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One line: an operation as it stands at the end of the registry's time. Empty text: not known."""

    txn_id: str
    eport_id: str = ""
    terminal: str
    product: str
    account: str
    sum: Amount
    fee: Amount
    total: Amount
    accepted_at: datetime
    finished_at: datetime | None = None
    status: Status
    result: str = ""
    rrn: str
    tool: str = "CARD"
    payment_id: str = ""  # of a TERM registry only, like the two below
    ending: str = ""  # as the customer was told
    receipt_number: str = ""


@dataclass(frozen=True)
class Column:
    """`read` makes the value of a text that fits `pattern`; a text may be empty where `optional` says so."""

    name: str
    pattern: re.Pattern[str]
    optional: bool = False
    read: Callable[[str], object] = str


@dataclass(frozen=True)
class Header:
    """`opens_at` and `closes_at` are the half-open time that the registry covers; all times are aware."""

    kind: Kind
    holder: str
    registry_id: str
    opens_at: datetime
    closes_at: datetime
    created_at: datetime

    @property
    def number(self) -> int:
        """The n at the end of registry_id."""
        return int(self.registry_id.rpartition("-")[2])


@dataclass(frozen=True)
class Totals:
    """Count and sums of all lines, in minor units. They may be larger than any Amount."""

    count: int = 0
    sum: int = 0
    fee: int = 0
    total: int = 0

    def plus(self, *, sum_minor: int, fee_minor: int) -> "Totals":
        return Totals(
            self.count + 1, self.sum + sum_minor, self.fee + fee_minor, self.total + sum_minor + fee_minor
        )


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text)


_AMOUNT: Final = re.compile(r"(0|[1-9]\d{0,12})\.\d\d", re.ASCII)
_TXN_ID: Final = Column("txn_id", re.compile(r"\d{20}", re.ASCII))
_RRN: Final = Column("rrn", re.compile(r"\d{12}", re.ASCII))
_COLUMNS: Final = (
    _TXN_ID,
    Column("eport_id", re.compile(r"[0-9A-Za-z._-]{1,64}"), optional=True),
    Column("terminal", re.compile(r"[0-9A-Za-z]{1,8}")),
    Column("product", re.compile(r"[a-z0-9-]{1,64}")),
    Column("account", re.compile(r"[^;\r\n]{1,255}")),
    Column("sum", _AMOUNT, read=Amount.parse),
    Column("fee", _AMOUNT, read=Amount.parse),
    Column("total", _AMOUNT, read=Amount.parse),
    Column("accepted_at", _INSTANT, read=_when),
    Column("finished_at", _INSTANT, optional=True, read=_when),
    Column("status", re.compile("|".join(Status)), read=Status),
    Column("result", re.compile(r"\d{1,4}", re.ASCII), optional=True),
    _RRN,
    Column("tool", re.compile("CARD")),
)
# A terminal does not know these before the gateway has told it.
_LATER: Final = frozenset({_TXN_ID, _RRN})
_OF_TERMINAL: Final = (
    *(Column(c.name, c.pattern, c.optional or c in _LATER, c.read) for c in _COLUMNS),
    Column("payment_id", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    Column("ending", re.compile(r"[a-z_]{1,32}"), optional=True),
    Column("receipt_number", re.compile(r"\d{1,18}", re.ASCII)),
)
COLUMNS: Final[Mapping[Kind, tuple[Column, ...]]] = {
    Kind.TECH: _COLUMNS,
    Kind.BANK: _COLUMNS,
    Kind.DAY: _COLUMNS,
    Kind.TERM: _OF_TERMINAL,
}
# What names an operation among the lines of one registry.
IDENTITY: Final[Mapping[Kind, str]] = {**dict.fromkeys(Kind, "txn_id"), Kind.TERM: "payment_id"}


def header_line(header: Header) -> bytes:
    times = (instant(at) for at in (header.opens_at, header.closes_at))
    return _line(
        "H",
        VERSION,
        header.kind,
        header.holder,
        header.registry_id,
        *times,
        CURRENCY,
        instant(header.created_at),
    )


def operation_line(operation: Operation, kind: Kind) -> bytes:
    """Raises UnwritableError, so that no line is ever written that a reader would refuse."""
    fields = []
    for column in COLUMNS[kind]:
        text = _text(getattr(operation, column.name))
        if not (text == "" and column.optional) and column.pattern.fullmatch(text) is None:
            raise UnwritableError(f"{column.name} does not fit {column.pattern.pattern}")
        fields.append(text)
    return _line("D", *fields)


def trailer_line(totals: Totals, sha256: str) -> bytes:
    """`sha256`: lower-case hex, of every byte before this line."""
    sums = (money(minor) for minor in (totals.sum, totals.fee, totals.total))
    return _line("T", str(totals.count), *sums, sha256)


def money(minor: int) -> str:
    """As an Amount is written, and without its upper limit."""
    whole, cents = divmod(minor, 100)
    return f"{whole}.{cents:02d}"


def minor_of(text: str) -> int:
    """What `money` wrote. Raises ValueError."""
    found = _TOTAL.fullmatch(text)
    if found is None:
        raise ValueError("is not a sum such as 1500.00")
    return int(found[1]) * 100 + int(found[2])


def instant(at: datetime) -> str:
    """RFC 3339 to the second, with its offset."""
    return at.isoformat(timespec="seconds")


def instant_of(text: str) -> datetime:
    """Raises ValueError for anything but RFC 3339 with seconds and an offset."""
    if _INSTANT.fullmatch(text) is None:
        raise ValueError("is not a time with seconds and offset")
    return datetime.fromisoformat(text)


def file_name(header: Header) -> str:
    """`EP_<point>_TECH_<yyyymmddThhmm>_<yyyymmddThhmm>_<n>.csv`, in the time zone of the header's times."""
    opens_at, closes_at = (f"{at:%Y%m%dT%H%M}" for at in (header.opens_at, header.closes_at))
    return f"EP_{header.holder}_{header.kind}_{opens_at}_{closes_at}_{header.number}.csv"


def _line(*fields: str) -> bytes:
    return SEPARATOR.join(fields).encode() + END


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return instant(value - timedelta(microseconds=value.microsecond))
    return "" if value is None else str(value)
