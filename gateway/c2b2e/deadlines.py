"""When to ask, to resend and to give up: functions of instants, so that they hold after a restart (PROTOCOLS §3.5).

Nothing here reads a clock. An instant that has passed while nobody was there is due at once; it is asked
about once, and the instants after it stand where they stood.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class PayerQuestions:
    """pacs.028 of the payer's bank, for as long as it takes: `first_seconds` from AccptncDtTm, then in gaps
    that double from `gap_seconds` to `longest_gap_seconds`: 30, 45, 75, 135, 255, 495, 975, 1875, 2775…
    """

    first_seconds: float = 30
    gap_seconds: float = 15
    longest_gap_seconds: float = 900

    def due_at(self, accepted_at: datetime, *, last_asked_at: datetime | None) -> datetime:
        """The instant of the next question: the first one after the last that was asked."""
        asked = last_asked_at - accepted_at if last_asked_at else timedelta()
        due = timedelta(seconds=self.first_seconds)
        gap, longest = timedelta(seconds=self.gap_seconds), timedelta(seconds=self.longest_gap_seconds)
        while due <= asked and gap < longest:
            due, gap = due + gap, gap * 2
        if due <= asked:
            due += ((asked - due) // longest + 1) * longest
        return accepted_at + due


@dataclass(frozen=True)
class PayeeQuestions:
    """pacs.028 of the payee's bank: `times` questions, from `first_seconds` after the first attempt of its PDNG."""

    first_seconds: float = 30
    gap_seconds: float = 5
    times: int = 3

    def due_at(self, sent_at: datetime, *, asked: int, last_asked_at: datetime | None) -> datetime | None:
        """The instant of the next question; None once all are asked. `sent_at`: of the PDNG's first attempt."""
        if asked >= self.times:
            return None
        return self._instant(sent_at, asked, last_asked_at)

    def over_at(self, sent_at: datetime, *, last_asked_at: datetime | None) -> datetime:
        """When a bank gives up that has asked all its questions: a gap after the last one."""
        return self._instant(sent_at, self.times, last_asked_at)

    def _instant(self, sent_at: datetime, number: int, last_asked_at: datetime | None) -> datetime:
        """All questions are asked, a gap apart, however late the first of them was."""
        planned = sent_at + timedelta(seconds=self.first_seconds + number * self.gap_seconds)
        earliest = last_asked_at + timedelta(seconds=self.gap_seconds) if last_asked_at else planned
        return max(planned, earliest)


@dataclass(frozen=True)
class TransferTimers:
    """Seconds, as PROTOCOLS §3.5 has them; settings replace them."""

    details_seconds: float = 15  # the payer waits for admi.010
    order_life_seconds: float = 40  # of a pacs.008: the platform's right to commit
    unknown_grace_seconds: float = 300  # after that life, until a 404 to a pacs.028 proves something
    link_life_seconds: float = 1200
    resend_seconds: Sequence[float] = (1, 2, 4)
    payer: PayerQuestions = PayerQuestions()
    payee: PayeeQuestions = PayeeQuestions()

    def details_overdue_at(self, asked_at: datetime) -> datetime:
        return asked_at + timedelta(seconds=self.details_seconds)

    def link_expires_at(self, made_at: datetime) -> datetime:
        return made_at + timedelta(seconds=self.link_life_seconds)

    def order_is_over(self, accepted_at: datetime, *, asked_at: datetime) -> bool:
        """Whether a 404 to a pacs.028 that left at `asked_at` counts as RJCT: the platform takes that order no more."""
        grace = timedelta(seconds=self.order_life_seconds + self.unknown_grace_seconds)
        return asked_at > accepted_at + grace

    def resend_after_seconds(self, attempts: int) -> float | None:
        """How long after unanswered attempt 1, 2, … the same bytes leave again; None: no more."""
        return self.resend_seconds[attempts - 1] if attempts <= len(self.resend_seconds) else None
