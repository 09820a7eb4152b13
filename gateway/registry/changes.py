"""What is written when an operation changes: its line of a registry, at an instant no closed window covers.

A change and its line are one commit with the move that made it, and never change again. So a window that is
closed has its content for ever: it is built from these lines however often, and whenever, with the same bytes.
Only the instant of a change that no closed window covers may still be corrected, after a clock that was ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.registry.layout import Kind, Operation, operation_line
from spool import Transaction

_CLOSED: Final = "SELECT max(closed_to_ms) FROM registry_series"
_LAST: Final = "SELECT n, changed_ms FROM registry_change WHERE subject = :subject ORDER BY n DESC LIMIT 1"
_INSERT: Final = """
INSERT INTO registry_change (changed_ms, subject, n, sum_minor, fee_minor, line)
VALUES (:changed_ms, :subject, :n, :sum, :fee, :line)
"""
_BRING_BACK: Final = "UPDATE registry_change SET changed_ms = :now WHERE changed_ms > :now"
_PAGE: Final = """
SELECT changed_ms, subject, n, sum_minor, fee_minor, line FROM registry_change AS this
WHERE (changed_ms, subject, n) > (:changed_ms, :subject, :n) AND changed_ms < :to_ms
  AND NOT EXISTS (SELECT 1 FROM registry_change AS later
                  WHERE later.subject = this.subject AND later.n > this.n AND later.changed_ms < :to_ms)
ORDER BY changed_ms, subject, n LIMIT :limit
"""
PAGE_LINES: Final = 2_000


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this change."""

    changed_ms: int
    subject: str = ""
    n: int = 0


@dataclass(frozen=True)
class Change:
    """The last change of an operation within a window. `line` ends with its CRLF."""

    place: Place
    sum_minor: int
    fee_minor: int
    line: bytes


def record(tx: Transaction, subject: str, operation: Operation, kind: Kind) -> None:
    """Write down how `subject` stands after a change.

    It counts as made now, but never before its last change nor inside a closed window: so a clock that steps
    back loses nothing, and what happens then belongs to the first window that is still open (PROTOCOLS §2.5,
    changed_at). Raises UnwritableError, with nothing written.
    """
    line = operation_line(operation, kind)
    n, last_ms = tx.one(_LAST, {"subject": subject}) or (0, 0)
    tx.execute(
        _INSERT,
        {
            "changed_ms": max(tx.now_ms, last_ms, _closed_ms(tx)),
            "subject": subject,
            "n": n + 1,
            "sum": operation.sum.minor,
            "fee": operation.fee.minor,
            "line": line,
        },
    )


def bring_back(tx: Transaction) -> int:
    """What a clock that was ahead dated later than now belongs to the first window that is still open; how many.

    Else it would be told when that date comes. No closed window covers it, so none changes.
    """
    tx.execute(_BRING_BACK, {"now": max(tx.now_ms, _closed_ms(tx))})
    return tx.changed()


def page(tx: Transaction, after: Place, *, to_ms: int, limit: int = PAGE_LINES) -> Sequence[Change]:
    """The next changes before `to_ms`, one for each operation, in the order of time.

    Costs in proportion to the changes that it reads, however many the table holds.
    """
    rows = tx.execute(
        _PAGE,
        {
            "changed_ms": after.changed_ms,
            "subject": after.subject,
            "n": after.n,
            "to_ms": to_ms,
            "limit": limit,
        },
    )
    return [Change(Place(ms, subject, n), sum_, fee, line) for ms, subject, n, sum_, fee, line in rows]


def _closed_ms(tx: Transaction) -> int:
    """Up to here every window is closed."""
    found = tx.one(_CLOSED)
    return 0 if found is None or found[0] is None else int(found[0])
