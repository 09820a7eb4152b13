"""Every certificate of this gateway, looked at whenever somebody asks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from certs.causes import Cause
from certs.clock import Validity, clock_fault
from certs.errors import CertError
from certs.expiry import days_left
from certs.identity import Identity
from certs.standing import Standing, authorities_of, standing_of
from gateway.certificates.line import LineHealth


@dataclass(frozen=True)
class Watched:
    """`part` is the key of the settings. `payments`: none can be finished without it."""

    part: str
    identity: Callable[[], Identity]  # the one in use now
    ca: Path | None = None
    crl: Path | None = None
    payments: bool = False


@dataclass(frozen=True)
class Seen:
    watched: Watched
    identity: Identity
    standing: Standing


class CertificateWatch:
    """`last_change`: an instant that is surely over, by which a clock that lost its battery is known."""

    def __init__(
        self,
        certificates: Sequence[Watched],
        *,
        line: LineHealth,
        now: Callable[[], datetime],
        last_change: datetime,
    ) -> None:
        self._certificates = certificates
        self._line = line
        self._now = now
        self._last_change = last_change

    def seen(self) -> list[Seen]:
        """Each certificate with its standing now."""
        return [self._look(watched) for watched in self._certificates]

    def reasons(self) -> list[str]:
        """Why no payment may begin, as codes of readiness; empty: nothing is wrong."""
        causes = [seen.standing.cause for seen in self.seen() if seen.watched.payments]
        return list(dict.fromkeys(reason_of(cause) for cause in (*causes, self._line_cause()) if cause))

    def faults(self) -> Iterator[tuple[str, Cause]]:
        """What is wrong with which part, for the metrics."""
        for seen in self.seen():
            if seen.standing.cause is not None:
                yield seen.watched.part, seen.standing.cause
        cause = self._line_cause()
        if cause is not None:
            yield "eport", cause

    def _look(self, watched: Watched) -> Seen:
        identity, now = watched.identity(), self._now()
        try:
            standing = standing_of(
                identity,
                now=now,
                ca=watched.ca,
                crl=watched.crl,
                others_time=self._line.others_time(),
                known_past=self._last_change,
            )
        except CertError as error:  # a file beside it was taken away meanwhile; what is in use goes on
            standing = Standing(days_left(identity.not_after, now=now), None, str(error))
        return Seen(watched, identity, standing)

    def _line_cause(self) -> Cause | None:
        """An expiry that the other side's or our OpenSSL saw may be the clock's doing."""
        fault = self._line.fault
        if fault is None or fault.cause is not Cause.EXPIRED:
            return None if fault is None else fault.cause
        broken = clock_fault(
            self._now(),
            authorities=self._authorities(),
            others_time=self._line.others_time(),
            known_past=self._last_change,
        )
        return fault.cause if broken is None else Cause.CLOCK_BROKEN

    def _authorities(self) -> list[Validity]:
        paths = [watched.ca for watched in self._certificates if watched.ca is not None]
        try:
            return [span for path in paths for span in authorities_of(path)]
        except CertError:  # taken away meanwhile: no witness
            return []


def reason_of(cause: Cause) -> str:
    """The code of readiness, which the staff's screen shows: certificate_expired, clock_broken…"""
    return cause.value if cause is Cause.CLOCK_BROKEN else f"certificate_{cause.value}"
