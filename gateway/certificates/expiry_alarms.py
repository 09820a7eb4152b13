"""An alarm 60, 30, 7 and 1 day before a certificate ends, and one when it has: each once for each certificate.

What was raised is remembered by the certificate's fingerprint, so that closing an alarm does not bring
it back, and a new certificate begins anew.
"""

from datetime import datetime
from typing import Final

from gateway.alarms import raise_alarm
from gateway.certificates.watch import Seen
from spool import Transaction

THRESHOLDS: Final = (60, 30, 7, 1)  # days left
ENDED: Final = 0


def threshold_of(days_left: int) -> int | None:
    """The nearest threshold that was passed; ENDED once it is over; None while there is time."""
    if days_left < 0:
        return ENDED
    return min((days for days in THRESHOLDS if days_left <= days), default=None)


def alarm_if_new(tx: Transaction, seen: Seen, threshold: int) -> bool:
    """Raise what this certificate's threshold asks for, unless that was done. True: raised now."""
    fingerprint = seen.identity.fingerprint
    tx.execute(
        """INSERT INTO certificate_alarm (fingerprint, days, raised_ms) VALUES (:fingerprint, :days, :now)
           ON CONFLICT DO NOTHING""",
        {"fingerprint": fingerprint, "days": threshold, "now": tx.now_ms},
    )
    if not tx.changed():
        return False
    subject = f"{seen.watched.part} {fingerprint[:16]}"
    raise_alarm(tx, _name(threshold), subject=subject, detail=_detail(seen.identity.not_after))
    return True


def _name(threshold: int) -> str:
    return "certificate_expired" if threshold == ENDED else f"certificate_ends_in_{threshold}_days"


def _detail(ends: datetime) -> str:
    return (
        f"it ends at {ends.isoformat()}: `tolem certs csr` asks for a new one, `tolem certs rotate` takes it"
    )
