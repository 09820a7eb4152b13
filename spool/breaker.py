"""A circuit breaker as a value: what it allows, and what an answer or its absence makes of it. Pure.

CLOSED lets everything through. So many attempts without an answer in a row open it; OPEN lets nothing
through until `probe_ms`; then it is HALF_OPEN and lets one probe through. Any answer closes it, silence
opens it again for longer. Times are milliseconds of the store's clock.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class CircuitState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"  # a probe may go, or is on its way


@dataclass(frozen=True, kw_only=True)
class BreakerSettings:
    opens_after: int = 5  # unanswered in a row
    first_probe_seconds: float = 5.0  # doubles with each probe that stays unanswered
    longest_probe_seconds: float = 60.0  # jitter included
    jitter: float = 0.10
    probe_limit_seconds: float = 60.0  # a probe of which nothing was heard by then is forgotten


@dataclass(frozen=True)
class Circuit:
    breaker: CircuitState = CircuitState.CLOSED
    unanswered: int = 0
    probes: int = 0
    probe_ms: int = 0
    last_answer_ms: int | None = None  # UTC

    def state(self, clock_ms: int) -> CircuitState:
        if self.breaker is CircuitState.OPEN and clock_ms >= self.probe_ms:
            return CircuitState.HALF_OPEN
        return self.breaker

    def allows(self, clock_ms: int) -> bool:
        return self.breaker is CircuitState.CLOSED or clock_ms >= self.probe_ms

    def probing(self, clock_ms: int, settings: BreakerSettings) -> "Circuit":
        """After a probe was let through: the next one has to wait for this one's fate."""
        return replace(
            self,
            breaker=CircuitState.HALF_OPEN,
            probe_ms=clock_ms + int(settings.probe_limit_seconds * 1000),
        )

    def answered(self, now_ms: int) -> "Circuit":
        return Circuit(last_answer_ms=now_ms)

    def silent(self, clock_ms: int, settings: BreakerSettings, share: float) -> "Circuit":
        """After an attempt without an answer. `share` of the jitter, 0 to 1."""
        unanswered = self.unanswered + 1
        if self.breaker is CircuitState.OPEN or (
            self.breaker is CircuitState.CLOSED and unanswered < settings.opens_after
        ):
            return replace(self, unanswered=unanswered)
        seconds = min(
            settings.first_probe_seconds * 2.0 ** min(self.probes, 16),
            settings.longest_probe_seconds / (1.0 + settings.jitter),
        )
        return Circuit(
            breaker=CircuitState.OPEN,
            unanswered=unanswered,
            probes=self.probes + 1,
            probe_ms=clock_ms + int(seconds * (1.0 + settings.jitter * share) * 1000),
            last_answer_ms=self.last_answer_ms,
        )
