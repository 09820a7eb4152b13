"""A terminal's certificate is renewed by itself, before it ends.

At two thirds of its life, and up to a twentieth later, so that a thousand terminals that were enrolled on one
day do not come back in one minute. The key is made here; the new pair is tried with a harmless question
before the old one is let go, and a power cut anywhere leaves one that works (`certs.pair`). What still fails a
day after it was due is a line of the journal, of which the gateway makes an alarm, and a warning of doctor.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final, Protocol

from agent.enrolment import request_for
from agent.maintenance import Note
from certs.errors import CertError
from certs.expiry import days_left
from certs.issued import own_first, read_issued
from certs.keys import load_signing_key
from certs.presented import Presented, Staged
from gateway.client import Refusal, Unreachable
from gateway.contract import Enrolled, Readiness, RenewalRequest

log = logging.getLogger(__name__)
NOT_RENEWED: Final = "certificate.not_renewed"  # in the journal, and of doctor
_RENEWED_AT: Final = 2 / 3
_NOT_LET_IN: Final = frozenset({"terminal_revoked", "terminal_unidentified"})
_JITTER: Final = 1 / 20
_OVERDUE: Final = timedelta(days=1)  # until then it may be a link, or a gateway that is being mended
_FIRST_PAUSE_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 3600.0


class RenewingGateway(Protocol):
    """The calls of `gateway.client.GatewayClient` that it takes."""

    async def renew_certificate(self, request: RenewalRequest) -> Enrolled: ...
    async def readiness(self) -> Readiness: ...
    async def close(self) -> None: ...


class CertificateRenewal:
    """`connect(context)`: a client that calls with another certificate."""

    def __init__(  # noqa: PLR0913 - who, with what, and what of the world is injected
        self,
        presented: Presented,
        gateway: RenewingGateway,
        connect: Callable[[Callable[[], ssl.SSLContext]], RenewingGateway],
        *,
        terminal: str,
        now: Callable[[], datetime],
        random: Random,
        look_seconds: float,
    ) -> None:
        self.presented = presented
        self._gateway = gateway
        self._connect = connect
        self._terminal = terminal
        self._now = now
        self._late = _JITTER * random.random()
        self._look_seconds = look_seconds
        self._not_before = 0.0  # of the loop's clock: the next call
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._why: str | None = None  # it was not renewed the last time
        self._noted: str | None = None  # the fingerprint of the one of which the journal says so

    async def run(self, note: Note) -> None:
        """Until cancelled. Whatever goes wrong is tried again; the certificate in use stays."""
        while True:
            try:
                await self.look()
            except (CertError, OSError) as error:
                log.warning("certificate.look_failed", extra={"why": str(error)})
                self._later(str(error))
            await self._note_trouble(note)
            await asyncio.sleep(self._look_seconds)

    def trouble(self) -> str | None:
        """Why the certificate in use is still not renewed, long after it was due; None: it has time, or is new."""
        if self._why is None or self._now() < self.due() + _OVERDUE:
            return None
        return f"to be renewed since {self.due():%Y-%m-%d}: {self._why}"

    async def _note_trouble(self, note: Note) -> None:
        """Once for each certificate."""
        identity, trouble = self.presented.identity, self.trouble()
        if trouble is not None and self._noted != identity.fingerprint:
            self._noted = identity.fingerprint
            left = days_left(identity.not_after, now=self._now())
            await note(NOT_RENEWED, {"days_left": left, "detail": trouble})

    async def look(self) -> None:
        """The next step, if there is one."""
        self.presented.refresh()
        if asyncio.get_running_loop().time() < self._not_before:
            return
        if self.presented.staged() is None and self._now() >= self.due():
            await self._ask()
        staged = self.presented.staged()
        if staged is not None:
            await self._try(staged)

    def due(self) -> datetime:
        """From when on the certificate in use is to be renewed."""
        identity = self.presented.identity
        return identity.not_before + (_RENEWED_AT + self._late) * (identity.not_after - identity.not_before)

    async def _ask(self) -> None:
        pair = self.presented.pair
        request = RenewalRequest(request=request_for(pair, self._terminal))
        try:
            given = await self._gateway.renew_certificate(request)
        except (Unreachable, Refusal) as error:
            log.warning("certificate.not_renewed", extra={"why": str(error)})
            self._later(str(error))
            return
        key = load_signing_key(pair.requested_key)
        pair.stage(own_first(read_issued(given.certificate.encode()), key), key)

    async def _try(self, staged: Staged) -> None:
        client = self._connect(lambda: staged.context)
        try:
            await client.readiness()
        except Unreachable as error:
            self._not_taken(str(error), refused=error.fault is not None and error.fault.ours)
            return
        except Refusal as refusal:
            self._not_taken(str(refusal), refused=refusal.problem.code in _NOT_LET_IN)
            return
        finally:
            await client.close()
        if self.presented.accept(staged):
            told = {"ends": self.presented.identity.not_after.isoformat()}
            log.info("certificate.taken", extra=told)
        self._not_before, self._pause_seconds, self._why = 0.0, _FIRST_PAUSE_SECONDS, None

    def _not_taken(self, why: str, *, refused: bool) -> None:
        log.warning("certificate.refused" if refused else "certificate.trial_unanswered", extra={"why": why})
        if refused:
            self.presented.set_aside()
        self._later(why)

    def _later(self, why: str) -> None:
        self._why = why
        self._not_before = asyncio.get_running_loop().time() + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)
