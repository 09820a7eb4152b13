"""Reads a registry line by line and refuses it whole: every error names its line and the reason. Pure.

Nothing that was yielded may be kept before `read` has come to its end: only the trailer proves that the
registry is complete, of one piece and unchanged. Memory does not grow with the registry, except for the
identifiers that the default `is_new` remembers.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from gateway.money import CURRENCY
from gateway.registry.layout import (
    COLUMNS,
    IDENTITY,
    SEPARATOR,
    VERSION,
    Header,
    Kind,
    Operation,
    Totals,
    instant_of,
    minor_of,
)
from gateway.registry.window import EVERY, LENGTH, is_end_of_window

LONGEST_LINE_BYTES: Final = 4096
Refuse = Callable[[str], "RegistryError"]


class RegistryError(ValueError):
    """The registry is refused. `line` counts from 1; the text quotes nothing of it."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def read(
    chunks: Iterable[bytes], kind: Kind, *, is_new: Callable[[str], bool] | None = None
) -> Iterator[Header | Operation | Totals]:
    """The header, then each operation, at last the totals when all of it has proved right.

    `chunks` are the body's bytes, cut anywhere. `is_new` is asked once for each operation's identifier and
    says whether it is the first of this registry; a set in memory, unless the caller has better.
    Raises RegistryError.
    """
    is_new = is_new or _Seen()
    lines = _lines(chunks)
    number, line = next(lines)
    header = _header(_fields(number, line), kind, lambda reason: RegistryError(number, reason))
    yield header
    digest, totals = hashlib.sha256(line), Totals()
    for number, line in lines:
        fields = _fields(number, line)
        if fields[0] == "T":
            _check_trailer(number, fields, totals, digest.hexdigest())
            break
        operation = _operation(number, fields, kind)
        if not is_new(getattr(operation, IDENTITY[kind])):
            raise RegistryError(number, f"{IDENTITY[kind]} occurs twice")
        digest.update(line)
        totals = totals.plus(sum_minor=operation.sum.minor, fee_minor=operation.fee.minor)
        yield operation
    else:
        raise RegistryError(number + 1, "the registry ends without its trailer")
    for number, _ in lines:
        raise RegistryError(number, "something follows the trailer")
    yield totals


class _Seen:
    def __init__(self) -> None:
        self._known: set[str] = set()

    def __call__(self, identifier: str) -> bool:
        before = len(self._known)
        self._known.add(identifier)
        return len(self._known) > before


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each line with its CRLF, numbered from 1. There is at least one."""
    rest, number = b"", 0
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            number += 1
            yield number, _ended(number, line)
        if len(rest) > LONGEST_LINE_BYTES:
            raise RegistryError(number + 1, "the line is too long")
    if rest or not number:
        raise RegistryError(number + 1, "the registry breaks off" if rest else "the registry is empty")


def _ended(number: int, line: bytes) -> bytes:
    if len(line) > LONGEST_LINE_BYTES:
        raise RegistryError(number, "the line is too long")
    if not line.endswith(b"\r") or b"\r" in line[:-1]:
        raise RegistryError(number, "the line does not end with CRLF, or has a CR within")
    return line + b"\n"


def _fields(number: int, line: bytes) -> list[str]:
    try:
        return line[:-2].decode("utf-8").split(SEPARATOR)
    except UnicodeDecodeError:
        raise RegistryError(number, "the line is not UTF-8") from None


def _header(fields: list[str], kind: Kind, refuse: Refuse) -> Header:
    if fields[0] != "H" or len(fields) != 9:
        raise refuse("is no header: H and eight fields are expected")
    _, version, told, holder, registry_id, *times, currency, created = fields
    if version != VERSION:
        raise refuse(f"version is not {VERSION}")
    if told != kind:
        raise refuse(f"kind is not {kind}")
    if currency != CURRENCY:
        raise refuse(f"currency is not {CURRENCY}")
    if not _is_named(registry_id, f"{holder}-{kind}-"):
        raise refuse(f"registry_id is not <holder>-{kind}-<n>")
    opens_at, closes_at, created_at = (_instant(text, refuse) for text in (*times, created))
    if kind is Kind.DAY:
        if not timedelta() < closes_at - opens_at <= timedelta(hours=25):  # daylight saving
            raise refuse("the registry does not cover a day")
    elif closes_at - opens_at != LENGTH or not is_end_of_window(closes_at):
        raise refuse(f"does not cover {LENGTH} up to a full {EVERY}")
    return Header(kind, holder, registry_id, opens_at, closes_at, created_at)


def _is_named(registry_id: str, prefix: str) -> bool:
    number = registry_id.rpartition("-")[2]
    return registry_id.startswith(prefix) and number.isascii() and number.isdecimal() and number[0] != "0"


def _instant(text: str, refuse: Refuse) -> datetime:
    try:
        return instant_of(text)
    except ValueError:
        raise refuse("a time is not one with seconds and offset") from None


def _operation(number: int, fields: list[str], kind: Kind) -> Operation:
    columns = COLUMNS[kind]
    if fields[0] != "D" or len(fields) != len(columns) + 1:
        raise RegistryError(number, f"is no line of an operation: D and {len(columns)} fields are expected")
    values = {}
    for column, text in zip(columns, fields[1:], strict=True):
        if text == "" and column.optional:
            continue
        if column.pattern.fullmatch(text) is None:
            raise RegistryError(number, f"{column.name} does not fit {column.pattern.pattern}")
        try:
            values[column.name] = column.read(text)
        except ValueError:
            raise RegistryError(number, f"{column.name} cannot be") from None
    operation = Operation(**{**_UNKNOWN, **values})  # type: ignore[arg-type]  # each column reads its field's type
    if operation.sum.minor + operation.fee.minor != operation.total.minor:
        raise RegistryError(number, "total is not sum + fee")
    if not operation.sum.minor:
        raise RegistryError(number, "sum is zero")
    return operation


_UNKNOWN: Final = {"txn_id": "", "rrn": ""}


def _check_trailer(number: int, fields: list[str], totals: Totals, sha256: str) -> None:
    if len(fields) != 6:
        raise RegistryError(number, "is no trailer: T and five fields are expected")
    _, count, *sums, told = fields
    if count != str(totals.count):
        raise RegistryError(number, f"count is not {totals.count}")
    for name, text in zip(("sum", "fee", "total"), sums, strict=True):
        try:
            differs = minor_of(text) != getattr(totals, name)
        except ValueError as fault:
            raise RegistryError(number, f"{name} {fault}") from None
        if differs:
            raise RegistryError(number, f"{name} is not that of the lines")
    if not hmac.compare_digest(told.encode(), sha256.encode()):
        raise RegistryError(number, "sha256 is not that of the bytes before this line")
