"""What the TLS of a line last came to: a fault by its name, or an answer and the other side's clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from certs.causes import TlsFault


class LineHealth:
    """Told by whoever speaks on the line. A fault lasts until the next answer."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ahead: timedelta | None = None
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
        self._ahead = (told if told.tzinfo else told.replace(tzinfo=UTC)) - self._now()

    def others_time(self) -> datetime | None:
        """The other side's clock, as far as it was ever heard in this life of the process."""
        return None if self._ahead is None else self._now() + self._ahead
