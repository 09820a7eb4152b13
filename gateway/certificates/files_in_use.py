"""Files that a person, or an orchestrator, puts in the place of others while the gateway runs.

New connections have them, what is open stays. Files that cannot be used are an alarm, and what was read
before goes on.
"""

import logging
from typing import Protocol

from certs.errors import CertError
from certs.identity import Identity
from certs.pair import Pair
from gateway.alarms import raise_alarm
from spool import Spool

_log = logging.getLogger(__name__)


class Exchanged(Protocol):
    """`certs.presented.Presented` and `certs.shown.Shown`."""

    pair: Pair
    identity: Identity

    def refresh(self) -> bool: ...


class FilesInUse:
    """Of one certificate. `fault`: why its files, which changed, cannot be used."""

    def __init__(self, exchanged: Exchanged, spool: Spool) -> None:
        self._exchanged = exchanged
        self._spool = spool
        self._is_told = True  # an alarm says the fault
        self.fault: str | None = None

    async def look(self) -> None:
        """Take what changed. Two files are copied one after the other, so a fault is one if it lasts until
        the next look.
        """
        try:
            taken = self._exchanged.refresh()
        except CertError as error:
            self.fault, self._is_told = str(error), False
            return
        if taken:
            self.mended()
            _log.info("certificate.files_changed", extra=told_of(self._exchanged.identity))
        elif self.fault is not None and not self._is_told:
            await self._alarm(self.fault)
            self._is_told = True

    def mended(self) -> None:
        self.fault, self._is_told = None, True

    async def _alarm(self, fault: str) -> None:
        subject = self._exchanged.pair.certificate.name
        await self._spool.write(
            lambda tx: raise_alarm(tx, "certificate_files_unusable", subject=subject, detail=fault)
        )


def told_of(identity: Identity) -> dict[str, str]:
    """For the log."""
    return {"fingerprint": identity.fingerprint, "ends": identity.not_after.isoformat()}
