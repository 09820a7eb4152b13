"""Can this machine's clock be right? Pure: what is known of the time besides is handed in.

A dead battery sets a clock back to 1970, a wrong year sets it ahead; then every certificate looks as if it
were over or had not begun, and a person would order new ones for nothing.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

RELEASED_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)  # nobody can run this before it was written
SKEW_ALLOWED: Final = timedelta(minutes=5)
Validity = tuple[datetime, datetime]  # of a CA: its first and its last instant


def clock_fault(
    now: datetime,
    *,
    authorities: Iterable[Validity] = (),
    others_time: datetime | None = None,
    known_past: datetime = RELEASED_AT,
) -> str | None:
    """Why `now` cannot be the time; None if nothing speaks against it.

    `authorities`: the CAs that are trusted, which outlive what they sign. `others_time`: the same instant by
    somebody else's clock. `known_past`: an instant that is over, such as the last change of a store.
    """
    if now < max(known_past, RELEASED_AT) - SKEW_ALLOWED:
        return f"the clock says {_told(now)}, before {_told(max(known_past, RELEASED_AT))}, which is over"
    if others_time is not None and abs(others_time - now) > SKEW_ALLOWED:
        return f"the clock says {_told(now)}, the other side's {_told(others_time)}"
    spans = list(authorities)
    if spans and all(not begins <= now <= ends for begins, ends in spans):
        return f"the clock says {_told(now)}, when not even a CA is valid that is trusted here"
    return None


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
