"""What the TLS of a line last came to: a fault by its name, or an answer and the other side's clock."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from certs.causes import TlsFault


class LineHealth:
    """Told by whoever speaks on the line. A fault lasts until the next answer."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ahead: timedelta | None = None
        self._heard: tuple[datetime, float] | None = None  # its clock, and when that was by the loop's
        self.fault: TlsFault | None = None
        self.suspect = False  # it was dropped, and nobody said why

    def failed(self, fault: TlsFault) -> None:
        self.fault, self.suspect = fault, False

    def dropped(self) -> None:
        self.suspect = True

    def answered(self, date: str | None) -> None:
        """`date`: the answer's Date header (RFC 9110 §6.6.1), if it had one that can be read."""
        self.fault, self.suspect = None, False
        try:
            told = parsedate_to_datetime(date or "")
        except ValueError:
            return
        told = told if told.tzinfo else told.replace(tzinfo=UTC)
        self._ahead, self._heard = told - self._now(), (told, asyncio.get_running_loop().time())

    def others_time(self) -> datetime | None:
        """The other side's clock, as far as it was ever heard in this life of the process."""
        return None if self._ahead is None else self._now() + self._ahead

    def heard(self, *, within_seconds: float) -> datetime | None:
        """The other side's clock now, if it answered so lately; whatever ours was set to meanwhile."""
        if self._heard is None:
            return None
        told, at = self._heard
        since = asyncio.get_running_loop().time() - at
        return told + timedelta(seconds=since) if since <= within_seconds else None
