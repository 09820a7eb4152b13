"""A new personal certificate is taken while payments go on.

It is tried with a question of its own that moves no money. Only when e-port has answered that, new
connections have it; the old pair is kept beside. If e-port refuses it, it is set aside and the old goes
on. No payment is ever sent with a certificate that has not worked.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from certs.errors import CertError
from certs.presented import Presented, Staged
from gateway.alarms import raise_alarm
from gateway.certificates.files_in_use import FilesInUse, told_of
from spool import Spool

_log = logging.getLogger(__name__)
_FIRST_PAUSE_SECONDS: Final = 5.0
_LONGEST_PAUSE_SECONDS: Final = 300.0


class Verdict(StrEnum):
    WORKED = "worked"
    REFUSED = "refused"
    UNANSWERED = "unanswered"  # says nothing about the certificate


@dataclass(frozen=True)
class Trial:
    """What became of one question under a new certificate."""

    verdict: Verdict
    detail: str = ""


TryOut = Callable[[ssl.SSLContext], Awaitable[Trial]]


class Rotation:
    """`look` does the next step, if there is one; an interrupted one goes on at the next start."""

    def __init__(self, presented: Presented, spool: Spool, try_out: TryOut) -> None:
        self._presented = presented
        self._spool = spool
        self._try_out = try_out
        self._not_before = 0.0  # of the loop's clock: the next trial
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._files = FilesInUse(presented, spool)

    async def look(self) -> None:
        """Take files that changed, and try what is staged.

        Raises OSError or CertError if the disk, or a file that changes meanwhile, does not let it.
        """
        await self._files.look()
        try:
            staged = self._presented.staged()
        except CertError as error:
            if self._files.fault is None:  # else it may be the CA's file, and not what is staged
                await self._set_aside(str(error))
            return
        if staged is not None and asyncio.get_running_loop().time() >= self._not_before:
            await self._try(staged)

    async def _try(self, staged: Staged) -> None:
        trial = await self._try_out(staged.context)
        if trial.verdict is Verdict.WORKED:
            self._try_at_once()
            if self._presented.accept(staged):
                self._files.mended()
                _log.info("certificate.taken", extra=told_of(self._presented.identity))
        elif trial.verdict is Verdict.REFUSED:
            await self._set_aside(trial.detail)
        else:
            _log.warning("certificate.trial_unanswered", extra={"detail": trial.detail})
            self._not_before = asyncio.get_running_loop().time() + self._pause_seconds
            self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)

    async def _set_aside(self, detail: str) -> None:
        """The alarm comes first: whatever ends us in between, a person reads of it, and it is only tried again."""
        subject = self._presented.pair.certificate.name
        await self._spool.write(
            lambda tx: raise_alarm(tx, "certificate_refused", subject=subject, detail=detail)
        )
        self._presented.set_aside()
        self._try_at_once()

    def _try_at_once(self) -> None:
        self._not_before, self._pause_seconds = 0.0, _FIRST_PAUSE_SECONDS
