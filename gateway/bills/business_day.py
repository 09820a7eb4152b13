"""The business day that a paid bill belongs to: whose registry of e-port must list it (DESIGN §7).

It is the day of e-port's own `finished_at` in the node's time zone, and where e-port told none, the day on which we
learnt of it. What ends late never enters a day that is closed: it belongs to the first one that is open.
"""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from spool import Transaction

_DAY: Final = timedelta(days=1)
_LAST_CLOSED: Final = "SELECT max(day) FROM reconciled_day WHERE closed_ms IS NOT NULL"


def first_open_day(tx: Transaction) -> date | None:
    """The day after the last closed one; None: none was closed yet. Days are closed in their order."""
    found = tx.one(_LAST_CLOSED)
    return None if found is None or found[0] is None else date.fromisoformat(found[0]) + _DAY


def business_day(tx: Transaction, told: str | None, zone: ZoneInfo) -> date:
    """`told` is e-port's finished_at, RFC 3339. A time that is more than a day ahead is not believed."""
    today = tx.now.astimezone(zone).date()
    day = today if told is None else datetime.fromisoformat(told).astimezone(zone).date()
    if day > today + _DAY:
        day = today
    return max(day, first_open_day(tx) or day)
