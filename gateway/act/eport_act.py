"""e-port's own act of a month as a file, in the manner of its registries (PROTOCOLS §2.5). Pure.

    H;1;ACT;<point>;<yyyy-mm>;KZT
    P;<provider>;<count>;<sum>;<fee>;<total>
    T;<count>;<sum>;<fee>;<total>;<sha256 of every byte before this line>

`;`, CRLF, UTF-8 without a BOM, no quoting; sums such as 1500.00, one line for each provider, by its code in the agreed
list. Refused whole, with the line and the reason. `written` is the other direction, for a sandbox and for tests.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.act.document import Sums, sum_of
from gateway.act.month import Month, NotAMonthError
from gateway.money import CURRENCY

_PROVIDER: Final = re.compile(r"[a-z0-9-]{1,64}")
_COUNT: Final = re.compile(r"0|-?[1-9]\d{0,11}", re.ASCII)
_SUM: Final = re.compile(r"(-?)(0|[1-9]\d{0,14})\.(\d\d)", re.ASCII)
_POINT: Final = re.compile(r"\d{1,10}", re.ASCII)
_END: Final = "\r\n"


class EportActError(ValueError):
    """`line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line


@dataclass(frozen=True)
class EportAct:
    point: str
    month: Month
    providers: Mapping[str, Sums]


def read(content: bytes) -> EportAct:
    """Raises EportActError; nothing of a file is taken that is not whole."""
    try:
        lines = content.decode("utf-8").split(_END)
    except UnicodeDecodeError as error:
        raise EportActError(content[: error.start].count(b"\n") + 1, "is not UTF-8") from None
    if len(lines) < 3 or lines[-1] != "":
        raise EportActError(len(lines), "is cut off: a header, lines and a trailer, each with CRLF behind it")
    lines.pop()
    point, month = _header(lines[0])
    providers: dict[str, Sums] = {}
    for number, line in enumerate(lines[1:-1], start=2):
        provider, sums = _provider(number, line)
        if provider in providers:
            raise EportActError(number, "names a provider that another line has")
        providers[provider] = sums
    _check_trailer(len(lines), lines[-1], content, sum_of(providers.values()))
    return EportAct(point, month, providers)


def written(point: str, month: Month, providers: Iterable[tuple[str, Sums]]) -> bytes:
    rows = sorted(providers)
    lines = [f"H;1;ACT;{point};{month};{CURRENCY}", *(f"P;{code};{_fields(sums)}" for code, sums in rows)]
    body = "".join(f"{line}{_END}" for line in lines).encode()
    total = sum_of(sums for _, sums in rows)
    return body + f"T;{_fields(total)};{hashlib.sha256(body).hexdigest()}{_END}".encode()


def _fields(sums: Sums) -> str:
    return ";".join((str(sums.count), _money(sums.sum), _money(sums.fee), _money(sums.total)))


def _money(minor: int) -> str:
    """Corrections of earlier months may be more than what a provider accepted in this one."""
    whole, tiyn = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}.{tiyn:02d}"


def _header(line: str) -> tuple[str, Month]:
    fields = line.split(";")
    if len(fields) != 6 or fields[:3] != ["H", "1", "ACT"] or fields[5] != CURRENCY:
        raise EportActError(1, f"is no header H;1;ACT;<point>;<yyyy-mm>;{CURRENCY}")
    if _POINT.fullmatch(fields[3]) is None:
        raise EportActError(1, "point is not 1 to 10 digits")
    try:
        return fields[3], Month.parse(fields[4])
    except NotAMonthError:
        raise EportActError(1, "names no month such as 2026-10") from None


def _provider(number: int, line: str) -> tuple[str, Sums]:
    kind, *fields = line.split(";")
    if kind != "P" or len(fields) != 5:
        raise EportActError(number, "is no line P;<provider>;<count>;<sum>;<fee>;<total>")
    if _PROVIDER.fullmatch(fields[0]) is None:
        raise EportActError(number, "provider is not a code of the agreed list")
    return fields[0], _sums(number, fields[1:])


def _sums(number: int, fields: list[str]) -> Sums:
    count, *sums = fields
    if _COUNT.fullmatch(count) is None:
        raise EportActError(number, "count is not a whole number")
    amount, fee, total = (_minor(number, text) for text in sums)
    if amount + fee != total:
        raise EportActError(number, "total is not the sum and the fee")
    return Sums(count=int(count), sum=amount, fee=fee)


def _minor(number: int, text: str) -> int:
    found = _SUM.fullmatch(text)
    if found is None:
        raise EportActError(number, "has a sum that is not written as 1500.00")
    return int(f"{found[1]}{found[2]}{found[3]}")


def _check_trailer(number: int, line: str, content: bytes, expected: Sums) -> None:
    kind, *fields = line.split(";")
    if kind != "T" or len(fields) != 5:
        raise EportActError(number, "is no trailer T;<count>;<sum>;<fee>;<total>;<sha256>")
    if _sums(number, fields[:4]) != expected:
        raise EportActError(number, "its count and sums are not those of the lines")
    body = content[: len(content) - len(f"{line}{_END}".encode())]
    if hashlib.sha256(body).hexdigest() != fields[4]:
        raise EportActError(number, "its sha256 is not that of the lines")
