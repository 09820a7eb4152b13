"""What a person must know, and must close: a row, a log event, and a number in the metrics."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.times import from_ms
from spool import Transaction, next_number

_log = logging.getLogger(__name__)

_COLUMNS: Final = "alarm_id, name, subject, detail, times, first_ms, last_ms, closed_ms, closed_by, remark"


@dataclass(frozen=True)
class Alarm:
    """One alarm about one subject, however often it was raised while open."""

    alarm_id: int
    name: str
    subject: str
    detail: str
    times: int
    first_at: datetime
    last_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    remark: str | None


def raise_alarm(tx: Transaction, name: str, *, subject: str = "", detail: str = "") -> None:
    """Open the alarm, or count it once more if it is open already. `detail` holds no card data."""
    tx.execute(
        """UPDATE alarm SET times = times + 1, last_ms = :now, detail = :detail
           WHERE name = :name AND subject = :subject AND closed_ms IS NULL""",
        {"now": tx.now_ms, "detail": detail, "name": name, "subject": subject},
    )
    if not tx.changed():
        tx.execute(
            """INSERT INTO alarm (alarm_id, name, subject, detail, times, first_ms, last_ms)
               VALUES (:id, :name, :subject, :detail, 1, :now, :now)""",
            {
                "id": next_number(tx, "alarm"),
                "name": name,
                "subject": subject,
                "detail": detail,
                "now": tx.now_ms,
            },
        )
    tx.after_commit(
        lambda: _log.error("alarm.raised", extra={"alarm": name, "subject": subject, "detail": detail})
    )


def close_alarm(tx: Transaction, alarm_id: int, *, by: str, remark: str) -> bool:
    """A person has dealt with it. False: there is no such open alarm."""
    tx.execute(
        """UPDATE alarm SET closed_ms = :now, closed_by = :by, remark = :remark
           WHERE alarm_id = :id AND closed_ms IS NULL""",
        {"now": tx.now_ms, "by": by, "remark": remark, "id": alarm_id},
    )
    return bool(tx.changed())


def open_alarms(tx: Transaction) -> list[Alarm]:
    """The oldest first."""
    return list(_read(tx, "WHERE closed_ms IS NULL ORDER BY alarm_id", {}))


def alarms_about(tx: Transaction, subject: str) -> list[Alarm]:
    """Open and closed ones, the oldest first."""
    return list(_read(tx, "WHERE subject = :subject ORDER BY alarm_id", {"subject": subject}))


def alarm_counts(tx: Transaction) -> list[tuple[str, int, int]]:
    """For the metrics: name, how many are open, how often it was raised in all."""
    rows = tx.execute(
        """SELECT name, sum(CASE WHEN closed_ms IS NULL THEN 1 ELSE 0 END), sum(times)
           FROM alarm GROUP BY name ORDER BY name"""
    )
    return [(name, still_open, times) for name, still_open, times in rows]


def _read(tx: Transaction, where: str, bindings: dict[str, Any]) -> Iterator[Alarm]:
    for row in tx.execute(f"SELECT {_COLUMNS} FROM alarm {where}", bindings):  # noqa: S608 - our own texts
        alarm_id, name, subject, detail, times, first_ms, last_ms, closed_ms, closed_by, remark = row
        yield Alarm(
            alarm_id=alarm_id,
            name=name,
            subject=subject,
            detail=detail,
            times=times,
            first_at=from_ms(first_ms),
            last_at=from_ms(last_ms),
            closed_at=None if closed_ms is None else from_ms(closed_ms),
            closed_by=closed_by,
            remark=remark,
        )
