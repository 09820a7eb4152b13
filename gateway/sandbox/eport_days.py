"""e-port's days: when one is closed, and its daily registry (PROTOCOLS §2.5).

A day of Asia/Almaty is closed by the sandbox's own API, or by the clock some time after its end. What was
accepted in it is written down once. From then on no payment is accepted that this would have belonged to:
neither one whose txn_id is of that day, nor one that would finish in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.sandbox import eport_slips
from gateway.sandbox.ledger import Ledger
from gateway.sandbox.registry_layout import Head, Operation, write

SCHEMA: Final = (
    eport_slips.SCHEMA
    + """
CREATE TABLE IF NOT EXISTS day (
    point TEXT NOT NULL, day TEXT NOT NULL,
    registry_id TEXT NOT NULL, file_name TEXT NOT NULL, body BLOB NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (point, day)
) STRICT;
"""
)
_ALMATY: Final = ZoneInfo("Asia/Almaty")
_DAY_ONE: Final = date(1969, 12, 31)  # n of a DAY registry counts days, so that it has no gaps either
_LINES: Final = """
SELECT txn_id, CAST(:first_eport_id + number AS TEXT) AS eport_id, terminal, product, account, sum, fee, total,
       received_at AS accepted_at, finished_at, status, CAST(result AS TEXT) AS result, rrn, 'CARD' AS tool
FROM payment WHERE point = :point AND
"""
_ACCEPTED: Final = f"{_LINES} status = 'ACCEPTED' AND substr(finished_at, 1, 10) = :day ORDER BY number"
_ONE: Final = f"{_LINES} txn_id = :txn_id"


@dataclass(frozen=True)
class DayRegistry:
    registry_id: str
    file_name: str
    body: bytes


class Days:
    """`closes_after`: how long after its end the clock closes a day. The caller holds the transaction."""

    def __init__(
        self, ledger: Ledger, *, closes_after: timedelta, first_eport_id: int, now: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._closes_after = closes_after
        self._first_eport_id = first_eport_id
        self._now = now

    def today(self) -> date:
        return self._now().astimezone(_ALMATY).date()

    def is_closed(self, point: str, day: date) -> bool:
        return self.seconds_left(day) <= 0 or self._stored(point, day) is not None

    def shuts_out(self, point: str, txn_id: str) -> bool:
        """Whether a payment that ended now would have to be in a registry that is closed."""
        first_sent = datetime.strptime(txn_id[:6], "%y%m%d").replace(tzinfo=_ALMATY).date()
        return any(self.is_closed(point, day) for day in (first_sent, self.today()))

    def registry(self, point: str, day: date) -> DayRegistry | None:
        """The same bytes for ever; None while the day is open."""
        if not self.is_closed(point, day):
            return None
        return self._stored(point, day) or self.close(point, day)

    def seconds_left(self, day: date) -> float:
        """Until the clock closes it."""
        ends = datetime.combine(day + timedelta(days=1), time(), _ALMATY)
        return (ends + self._closes_after - self._now()).total_seconds()

    def close(self, point: str, day: date) -> DayRegistry:
        """Now and for ever; a day that is closed already stays as it was."""
        if stored := self._stored(point, day):
            return stored
        n = (day - _DAY_ONE).days
        midnights = [datetime.combine(day + timedelta(days=more), time(), _ALMATY) for more in (0, 1)]
        created = self._now().astimezone(_ALMATY)
        from_, to, at = (moment.isoformat(timespec="seconds") for moment in (*midnights, created))
        head = Head("DAY", point, f"{point}-DAY-{n}", from_, to, at)
        by = {"point": point, "first_eport_id": self._first_eport_id}
        found = eport_slips.slipped(
            self._ledger,
            day,
            self._ledger.rows(_ACCEPTED, day=day.isoformat(), **by),
            lambda txn_id: self._ledger.row(_ONE, txn_id=txn_id, **by),
        )
        registry = DayRegistry(
            head.registry_id, head.file_name, write(head, [_operation(row) for row in found])
        )
        self._ledger.insert("day", {"point": point, "day": day.isoformat(), **vars(registry), "at": at})
        return registry

    def slip(self, txn_id: str, slip: eport_slips.Slip | None) -> None:
        """What is written wrong about a payment, from now on."""
        eport_slips.tell(self._ledger, txn_id, slip)

    def closed(self) -> list[dict[str, Any]]:
        """The days that were written down, newest first."""
        return self._ledger.rows("SELECT point, day, registry_id, at FROM day ORDER BY day DESC, point")

    def _stored(self, point: str, day: date) -> DayRegistry | None:
        row = self._ledger.row(
            "SELECT registry_id, file_name, body FROM day WHERE point = :point AND day = :day",
            point=point,
            day=day.isoformat(),
        )
        return None if row is None else DayRegistry(**row)


def _operation(row: dict[str, Any]) -> Operation:
    received = datetime.fromisoformat(row["accepted_at"])
    return Operation(**{**row, "accepted_at": received.astimezone(_ALMATY).isoformat(timespec="seconds")})
