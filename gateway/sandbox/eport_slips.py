"""Slips of e-port's bookkeeping on purpose: what it writes into a daily registry is not what its ledger says.

omitted       an accepted payment is not listed
other_sum     … is listed with one tenge more
other_account … is listed with another account
twice         … is listed a second time, under a new txn_id with the same RRN
day_before    … is listed in the registry of the day before
nevertheless  a refused payment is listed as accepted
invented      a payment that never came is listed
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.sandbox.ledger import Ledger

SCHEMA: Final = "CREATE TABLE IF NOT EXISTS slip (txn_id TEXT PRIMARY KEY, slip TEXT NOT NULL) STRICT;\n"
_ALMATY: Final = ZoneInfo("Asia/Almaty")
Row = dict[str, Any]


class Slip(StrEnum):
    OMITTED = "omitted"
    OTHER_SUM = "other_sum"
    OTHER_ACCOUNT = "other_account"
    TWICE = "twice"
    DAY_BEFORE = "day_before"
    NEVERTHELESS = "nevertheless"
    INVENTED = "invented"


def tell(ledger: Ledger, txn_id: str, slip: Slip | None) -> None:
    """From now on; a registry that is written stays. None: no slip."""
    ledger.execute("DELETE FROM slip WHERE txn_id = :txn_id", txn_id=txn_id)
    if slip is not None:
        ledger.insert("slip", {"txn_id": txn_id, "slip": slip.value})


def slipped(ledger: Ledger, day: date, rows: list[Row], find: Callable[[str], Row | None]) -> list[Row]:
    """The lines of a day as e-port writes them. `find` gives any payment of the ledger as a line."""
    slips = {row["txn_id"]: Slip(row["slip"]) for row in ledger.rows("SELECT txn_id, slip FROM slip")}
    listed = [line for row in rows for line in _lines(row, slips.get(row["txn_id"]))]
    for txn_id, slip in sorted(slips.items()):
        listed += _added(txn_id, slip, day, find)
    return listed


def _lines(row: Row, slip: Slip | None) -> Iterator[Row]:
    if slip in {Slip.OMITTED, Slip.DAY_BEFORE}:
        return
    change = None if slip is None else _OTHERWISE.get(slip)
    yield row if change is None else {**row, **change(row)}
    if slip is Slip.TWICE:
        yield {**row, "txn_id": f"{row['txn_id'][:6]}9{row['txn_id'][7:]}"}


_OTHERWISE: Final[Mapping[Slip, Callable[[Row], Row]]] = {
    Slip.OTHER_SUM: lambda row: {"sum": row["sum"] + 1_00, "total": row["total"] + 1_00},
    Slip.OTHER_ACCOUNT: lambda row: {"account": f"{row['account']}0"},
}


def _added(txn_id: str, slip: Slip, day: date, find: Callable[[str], Row | None]) -> Iterator[Row]:
    """What is listed and is no accepted payment of this day."""
    row = find(txn_id)
    first_sent = datetime.strptime(txn_id[:6], "%y%m%d").replace(tzinfo=_ALMATY).date()
    if slip is Slip.DAY_BEFORE and row is not None and first_sent == day + timedelta(days=1):
        yield {**row, **_accepted(day)}
    if slip is Slip.NEVERTHELESS and row is not None and first_sent == day:
        yield {**row, **_accepted(day)}
    if slip is Slip.INVENTED and first_sent == day:
        yield {**_NOBODYS, "txn_id": txn_id, **_accepted(day)}


def _accepted(day: date) -> Row:
    at = datetime.combine(day, time(23, 59, 55), _ALMATY).isoformat(timespec="seconds")
    return {"status": "ACCEPTED", "result": "0", "finished_at": at}


_NOBODYS: Final[Row] = {
    "eport_id": "999999999",
    "terminal": "ATM99999",
    "product": "kokjiek-mobile",
    "account": "7770000000",
    "sum": 1_000_00,
    "fee": 0,
    "total": 1_000_00,
    "accepted_at": "2026-11-22T12:00:00+05:00",
    "rrn": "000000000000",
    "tool": "CARD",
}
