"""e-port's daily registries in the store: their exact bytes, and what their lines say.

One is *begun*, its bytes are kept as they come, its lines are read into a table, and in one last commit it is *taken*.
Until then it counts for nothing, so that a refused one leaves no trace but its alarm. A taken one never changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.registry.layout import Operation, Totals, instant
from spool import Transaction

PIECE_BYTES: Final = 256 * 1024
SLICE: Final = 100  # pieces or, ten times that, lines that one write forgets

_BEGIN: Final = """
INSERT INTO daily_registry (day, registry_id, sha256, length, count, sum_minor, fee_minor, begun_ms)
VALUES (:day, '', '', 0, 0, 0, 0, :now) RETURNING daily_id
"""
_PIECE: Final = "INSERT INTO daily_piece (daily_id, n, bytes) VALUES (:daily_id, :n, :bytes)"
_PIECES: Final = "SELECT bytes FROM daily_piece WHERE daily_id = :daily_id AND n = :n"
_LINE: Final = """
INSERT INTO daily_line (daily_id, txn_id, number, eport_id, terminal, product, account, sum_minor, fee_minor,
                        finished_at, rrn)
VALUES (:daily_id, :txn_id, :number, :eport_id, :terminal, :product, :account, :sum, :fee, :finished_at, :rrn)
ON CONFLICT DO NOTHING
"""
_HAS_LINE: Final = "SELECT 1 FROM daily_line WHERE daily_id = :daily_id AND txn_id = :txn_id"
_SUMS: Final = """
SELECT count(*), coalesce(sum(sum_minor), 0), coalesce(sum(fee_minor), 0) FROM daily_line WHERE daily_id = :daily_id
"""
_TAKE: Final = """
UPDATE daily_registry SET registry_id = :registry_id, sha256 = :sha256, length = :length, count = :count, sum_minor = :sum, fee_minor = :fee,
    taken_ms = :now WHERE daily_id = :daily_id AND taken_ms IS NULL
"""
_COLUMNS: Final = "daily_id, day, registry_id, sha256, length, count, sum_minor, fee_minor"
_TAKEN: Final = f"SELECT {_COLUMNS} FROM daily_registry WHERE taken_ms IS NOT NULL"  # noqa: S608 - our own names
_UNTAKEN: Final = "SELECT daily_id FROM daily_registry WHERE taken_ms IS NULL ORDER BY daily_id LIMIT 1"
_FORGET: Final = (
    (
        "DELETE FROM daily_line WHERE daily_id = :daily_id AND txn_id IN"
        " (SELECT txn_id FROM daily_line WHERE daily_id = :daily_id LIMIT :lines)"
    ),
    (
        "DELETE FROM daily_piece WHERE daily_id = :daily_id AND n IN"
        " (SELECT n FROM daily_piece WHERE daily_id = :daily_id LIMIT :slice)"
    ),
    "DELETE FROM daily_registry WHERE daily_id = :daily_id",
)


@dataclass(frozen=True)
class Daily:
    """A registry that was taken. `sha256` is of its whole body."""

    daily_id: int
    day: date
    registry_id: str
    sha256: str
    length: int
    totals: Totals


def begin(tx: Transaction, day: date) -> int:
    """The daily_id of a registry that is being received."""
    row = tx.one(_BEGIN, {"day": day.isoformat(), "now": tx.now_ms})
    assert row is not None, "RETURNING has a row"
    return int(row[0])


def add_piece(tx: Transaction, daily_id: int, n: int, content: bytes) -> None:
    tx.execute(_PIECE, {"daily_id": daily_id, "n": n, "bytes": content})


def piece(tx: Transaction, daily_id: int, n: int) -> bytes | None:
    """The n-th from 0; None after the last."""
    found = tx.one(_PIECES, {"daily_id": daily_id, "n": n})
    return None if found is None else bytes(found[0])


def add_lines(tx: Transaction, daily_id: int, lines: Iterable[tuple[int, Operation]]) -> None:
    for number, operation in lines:
        assert operation.finished_at is not None, "an accepted payment has finished"
        tx.execute(
            _LINE,
            {
                "daily_id": daily_id,
                "txn_id": operation.txn_id,
                "number": number,
                "eport_id": operation.eport_id,
                "terminal": operation.terminal,
                "product": operation.product,
                "account": operation.account,
                "sum": operation.sum.minor,
                "fee": operation.fee.minor,
                "finished_at": instant(operation.finished_at),
                "rrn": operation.rrn,
            },
        )


def has_line(tx: Transaction, daily_id: int, txn_id: str) -> bool:
    return tx.one(_HAS_LINE, {"daily_id": daily_id, "txn_id": txn_id}) is not None


def take(  # noqa: PLR0913 - what the registry proved to be, all by keyword
    tx: Transaction, daily_id: int, *, registry_id: str, sha256: str, length: int, totals: Totals
) -> None:
    """From now on it counts. What was read into the table must be what the trailer says."""
    kept = tx.one(_SUMS, {"daily_id": daily_id})
    assert kept == (totals.count, totals.sum, totals.fee), "every line was kept"
    told = {"daily_id": daily_id, "registry_id": registry_id, "sha256": sha256, "length": length}
    tx.execute(_TAKE, {**told, "now": tx.now_ms, "count": totals.count, "sum": totals.sum, "fee": totals.fee})


def forget_some(tx: Transaction) -> bool:
    """A slice of what was never taken; False when nothing of it is left."""
    found = tx.one(_UNTAKEN)
    if found is None:
        return False
    for statement in _FORGET:
        tx.execute(statement, {"daily_id": found[0], "slice": SLICE, "lines": SLICE * 10})
        if tx.changed():
            return True
    return True


def taken(tx: Transaction, day: date) -> Daily | None:
    return next(_read(tx, "AND day = :value", day.isoformat()), None)


def by_id(tx: Transaction, registry_id: str) -> Daily | None:
    return next(_read(tx, "AND registry_id = :value", registry_id), None)


def newest(tx: Transaction, *, limit: int) -> Sequence[Daily]:
    return list(_read(tx, "ORDER BY day DESC LIMIT :value", limit))


def taken_days(tx: Transaction) -> set[date]:
    rows = tx.execute("SELECT day FROM daily_registry WHERE taken_ms IS NOT NULL")
    return {date.fromisoformat(day) for (day,) in rows}


def _read(tx: Transaction, rest: str, value: Any) -> Iterator[Daily]:
    for daily_id, day, registry_id, sha256, length, count, sum_, fee in tx.execute(
        f"{_TAKEN} {rest}", {"value": value}
    ):
        totals = Totals(count, sum_, fee, sum_ + fee)
        yield Daily(daily_id, date.fromisoformat(day), registry_id, sha256, length, totals)
