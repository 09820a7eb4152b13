"""The file of a registry, read strictly and written: H, D and T lines (PROTOCOLS §2.5). Pure.

The first line that is wrong is told with its number, and nothing of the file is taken.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

from gateway.sandbox.eport_answers import money
from gateway.sandbox.eport_fields import (
    CARD,
    KZT,
    MONEY,
    PRODUCT,
    REQUISITE_VALUE,
    ROOT_ATTRIBUTES,
    RRN,
    TXN_ID,
)
from gateway.sandbox.registry_rules import RegistryRefused, RegistryRule

WINDOW: Final = timedelta(minutes=60)
STEP: Final = timedelta(minutes=30)
_LINE_END: Final = "\r\n"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


_MOMENT: Final = _form(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_MOMENT_OR_NONE: Final = _form(rf"({_MOMENT.pattern})?")
_SUM_OF_MANY: Final = _form(r"(0|[1-9]\d{0,17})\.\d\d")
_REGISTRY_ID: Final = _form(r"(?P<point>\d{1,10})-(?P<kind>[A-Z]{3,4})-(?P<n>[1-9]\d{0,17})")

FIELDS: Final[Mapping[str, Mapping[str, re.Pattern[str]]]] = {
    "H": {
        "record": _form("H"),
        "version": _form("1"),
        "kind": _form("TECH|BANK|DAY"),
        "point": ROOT_ATTRIBUTES["point"],
        "registry_id": _REGISTRY_ID,
        "from": _MOMENT,
        "to": _MOMENT,
        "currency": KZT,
        "created": _MOMENT,
    },
    "D": {
        "record": _form("D"),
        "txn_id": TXN_ID,
        "eport_id": _form(r"[^;\r\n]{0,64}"),
        "terminal": ROOT_ATTRIBUTES["terminal"],
        "product": PRODUCT,
        "account": REQUISITE_VALUE,
        "sum": MONEY,
        "fee": MONEY,
        "total": MONEY,
        "accepted_at": _MOMENT,
        "finished_at": _MOMENT_OR_NONE,
        "status": _form("ACCEPTED|REFUSED|PENDING|CANCELLED"),
        "result": _form(r"(\d{1,4})?"),
        "rrn": RRN,
        "tool": CARD,
    },
    "T": {
        "record": _form("T"),
        "count": _form(r"0|[1-9]\d{0,8}"),
        "sum": _SUM_OF_MANY,
        "fee": _SUM_OF_MANY,
        "total": _SUM_OF_MANY,
        "sha256": _form(r"[0-9a-f]{64}"),
    },
}


class Head(NamedTuple):
    """The H line. `from_` and `to` as written: the file's name has their digits."""

    kind: str
    point: str
    registry_id: str
    from_: str
    to: str
    created: str

    @property
    def n(self) -> int:
        return int(self.registry_id.rsplit("-", 1)[1])

    @property
    def ends(self) -> datetime:
        return datetime.fromisoformat(self.to)

    @property
    def file_name(self) -> str:
        stamps = (re.sub(r"[-:]", "", moment[: len("2026-11-22T14:05")]) for moment in (self.from_, self.to))
        return f"EP_{self.point}_{self.kind}_{'_'.join(stamps)}_{self.n}.csv"


class Operation(NamedTuple):
    """A D line; sums in tiyn. What is empty in the file is None."""

    txn_id: str
    eport_id: str | None
    terminal: str
    product: str
    account: str
    sum: int
    fee: int
    total: int
    accepted_at: str
    finished_at: str | None
    status: str
    result: str | None
    rrn: str
    tool: str


@dataclass(frozen=True)
class Sums:
    """Of all D lines, in tiyn."""

    count: int
    sum: int
    fee: int
    total: int

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> "Sums":
        columns = (sum(getattr(one, name) for one in operations) for name in ("sum", "fee", "total"))
        return cls(len(operations), *columns)


@dataclass(frozen=True)
class Registry:
    head: Head
    operations: Sequence[Operation]
    sha256: str  # of the whole body, as the acknowledgement has it

    @property
    def sums(self) -> Sums:
        return Sums.of(self.operations)


def read(body: bytes, *, kind: str) -> Registry:
    """A technical registry (kind TECH or BANK); RegistryRefused names rule and line."""
    lines = list(_lines(body))
    if len(lines) < 2:
        raise RegistryRefused(RegistryRule.RECORD, f"line {len(lines) + 1}")
    head = _head(lines[0], kind)
    operations = _operations(lines[1:-1], head)
    _check_trailer(lines[-1], f"line {len(lines)}", operations, body)
    return Registry(head, operations, sha256(body).hexdigest())


def write(head: Head, operations: Sequence[Operation]) -> bytes:
    """The same layout the other way round."""
    first = ("H", "1", head.kind, head.point, head.registry_id, head.from_, head.to, "KZT", head.created)
    lines = [first, *(("D", *_texts(operation._asdict())) for operation in operations)]
    before = "".join(";".join(line) + _LINE_END for line in lines).encode()
    sums = Sums.of(operations)
    trailer = ("T", *_texts(asdict(sums)), sha256(before).hexdigest())
    return before + (";".join(trailer) + _LINE_END).encode()


class _Line(NamedTuple):
    where: str
    values: Mapping[str, str]


def _lines(body: bytes) -> Iterator[_Line]:
    *pieces, rest = body.split(_LINE_END.encode())
    if rest:
        raise RegistryRefused(RegistryRule.LINE_END, f"line {len(pieces) + 1}")
    for number, piece in enumerate(pieces, 1):
        where = f"line {number}"
        text = _text(piece, where)
        record = {1: "H", len(pieces): "T"}.get(number, "D") if len(pieces) > 1 else "H"
        yield _Line(where, _values(text, record, where))


def _text(piece: bytes, where: str) -> str:
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        raise RegistryRefused(RegistryRule.ENCODING, where) from None
    if text.startswith("\ufeff"):
        raise RegistryRefused(RegistryRule.ENCODING, where)
    if "\r" in text or "\n" in text:
        raise RegistryRefused(RegistryRule.LINE_END, where)
    return text


def _values(text: str, record: str, where: str) -> Mapping[str, str]:
    values = text.split(";")
    if values[0] != record:
        raise RegistryRefused(RegistryRule.RECORD, where)
    forms = FIELDS[record]
    if len(values) != len(forms):
        raise RegistryRefused(RegistryRule.FIELDS, where)
    for (name, form), value in zip(forms.items(), values, strict=True):
        if not form.fullmatch(value) or (form in {_MOMENT, _MOMENT_OR_NONE} and not _exists(value)):
            raise RegistryRefused(RegistryRule.VALUE, f"{where}, {name}")
    return dict(zip(forms, values, strict=True))


def _head(line: _Line, kind: str) -> Head:
    values = line.values
    head = Head(*(values[name] for name in ("kind", "point", "registry_id", "from", "to", "created")))
    if head.kind != kind:
        raise RegistryRefused(RegistryRule.KIND, f"{line.where}, kind")
    if not head.registry_id.startswith(f"{head.point}-{head.kind}-"):
        raise RegistryRefused(RegistryRule.ID, f"{line.where}, registry_id")
    begins = datetime.fromisoformat(head.from_)
    on_the_grid = head.ends.minute in {0, 30} and not head.ends.second
    if not on_the_grid or head.ends - begins != WINDOW:
        raise RegistryRefused(RegistryRule.WINDOW, f"{line.where}, from and to")
    return head


def _operations(lines: Iterable[_Line], head: Head) -> Sequence[Operation]:
    operations: list[Operation] = []
    known: set[str] = set()
    for where, values in lines:
        operation = _operation(values)
        for rule, name, broken in (
            (RegistryRule.DOUBLED, "txn_id", operation.txn_id in known),
            (RegistryRule.SUM_POSITIVE, "sum", operation.sum <= 0),
            (RegistryRule.TOTAL, "total", operation.total != operation.sum + operation.fee),
            (RegistryRule.ACCEPTED_AT, "accepted_at", _moment(operation.accepted_at) >= head.ends),
        ):
            if broken:
                raise RegistryRefused(rule, f"{where}, {name}")
        known.add(operation.txn_id)
        operations.append(operation)
    return operations


def _operation(values: Mapping[str, str]) -> Operation:
    sums = {name: _tiyn(values[name]) for name in ("sum", "fee", "total")}
    empty = {name: values[name] or None for name in ("eport_id", "finished_at", "result")}
    rest = {name: value for name, value in values.items() if name != "record"}
    return Operation(**{**rest, **sums, **empty})  # type: ignore[arg-type]  # by name, each of its own type


def _check_trailer(line: _Line, where: str, operations: Sequence[Operation], body: bytes) -> None:
    told, sums = line.values, Sums.of(operations)
    before = body[: body.rindex(b"\r\n", 0, -2) + 2]
    for rule, name, broken in (
        (RegistryRule.COUNT, "count", int(told["count"]) != sums.count),
        (RegistryRule.TOTALS, "sum", _tiyn(told["sum"]) != sums.sum),
        (RegistryRule.TOTALS, "fee", _tiyn(told["fee"]) != sums.fee),
        (RegistryRule.TOTALS, "total", _tiyn(told["total"]) != sums.total),
        (RegistryRule.SHA256, "sha256", told["sha256"] != sha256(before).hexdigest()),
    ):
        if broken:
            raise RegistryRefused(rule, f"{where}, {name}")


def _texts(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        is_sum = name in {"sum", "fee", "total"}
        yield money(value) if is_sum else "" if value is None else str(value)


def _tiyn(text: str) -> int:
    return int(text.replace(".", ""))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _exists(text: str) -> bool:
    """An empty moment is none; any other one names a day and a time of the calendar."""
    try:
        return not text or bool(_moment(text))
    except ValueError:
        return False
