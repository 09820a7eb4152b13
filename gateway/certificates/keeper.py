"""Looks at the certificates every few seconds, for as long as the gateway runs.

Polling, and no signal: one way for `tolem certs rotate`, for a file that a person copied into its place
and for a volume that an orchestrator mounts, and a process that does not run yet finds the same files.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from certs.errors import CertError
from gateway.certificates.expiry_alarms import alarm_if_new, threshold_of
from gateway.certificates.files_in_use import FilesInUse
from gateway.certificates.rotation import Rotation
from gateway.certificates.watch import CertificateWatch, Seen
from spool import CommitFailed, Spool, StoreOverloaded

_log = logging.getLogger(__name__)


class CertificateKeeper:
    """`rotation` None: the line to e-port is somebody else's, as in a test. `files`: of every other certificate."""

    def __init__(  # noqa: PLR0913 - what is looked at, and where it is written
        self,
        *,
        spool: Spool,
        watch: CertificateWatch,
        rotation: Rotation | None,
        files: Sequence[FilesInUse] = (),
        pause_seconds: float,
        diagnose: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._spool = spool
        self._diagnose = diagnose
        self._watch = watch
        self._rotation = rotation
        self._files = files
        self._pause_seconds = pause_seconds
        self._told: set[tuple[str, int]] = set()

    async def run(self) -> None:
        """Until cancelled. What cannot be done now is tried at the next look."""
        while True:
            try:
                await self.look()
            except (CommitFailed, StoreOverloaded, OSError, CertError) as error:
                _log.warning("certificate.look_failed", extra={"why": type(error).__name__})
            await asyncio.sleep(self._pause_seconds)

    async def look(self) -> None:
        if self._rotation is not None:
            await self._rotation.look()
        for files in self._files:
            await files.look()
        if self._diagnose is not None:
            await self._diagnose()
        for seen in self._watch.seen():
            await self._alarm(seen)

    async def _alarm(self, seen: Seen) -> None:
        threshold = threshold_of(seen.standing.days_left)
        if threshold is None or (seen.identity.fingerprint, threshold) in self._told:
            return
        await self._spool.write(lambda tx: alarm_if_new(tx, seen, threshold))
        self._told.add((seen.identity.fingerprint, threshold))
