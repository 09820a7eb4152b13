"""May a terminal start taking money through this gateway? (DESIGN §3.7)

Ready is what has proved it: the card host's echo is answered, e-port's breaker is closed, the store can
write and has room, the clock is not behind what the store already holds, no certificate that e-port must
see is over or refused.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from gateway.bills.steps import EPORT
from gateway.contract import Readiness
from gateway.funds.interface import Funds
from spool import Breakers, CircuitState, Spool

_NOT_BEFORE: Final = datetime(2025, 1, 1, tzinfo=UTC)  # a clock that lost its battery says less
_STEP_BACK_ALLOWED: Final = timedelta(seconds=60)


class Dated(Protocol):
    """A move of a payment, or of a transfer."""

    @property
    def at(self) -> datetime: ...


class ReadinessGate:
    """Also an observer of moves: the latest one says what time it is at least."""

    def __init__(  # noqa: PLR0913 - everything that has to be proved
        self,
        *,
        spool: Spool,
        breakers: Breakers,
        funds: Funds,
        now: Callable[[], datetime],
        free_disk: Callable[[], int],
        free_disk_needed: int,
        last_change: datetime,
        certificates: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._spool = spool
        self._breakers = breakers
        self._funds = funds
        self._now = now
        self._free_disk = free_disk
        self._free_disk_needed = free_disk_needed
        self._last_change = last_change
        self._certificates = certificates
        self.stopping = False

    def __call__(self, move: Dated) -> None:
        self._last_change = max(self._last_change, move.at)

    def answer(self) -> Readiness:
        reasons = self.reasons()
        return Readiness(ready=not reasons, reasons=reasons, time=self._now())

    def reasons(self) -> list[str]:
        """Why not; empty: ready. The same words are codes of problems where a call is refused for them."""
        now = self._now()
        asked = (
            ("stopping", self.stopping),
            ("card_host_unreachable", not self._funds.reachable()),
            ("eport_breaker_open", self._breakers.state(EPORT) is not CircuitState.CLOSED),
            ("disk_full", self._spool.disk_full or self._free_disk() < self._free_disk_needed),
            ("store_failing", self._spool.fault is not None),
            ("clock_wrong", now < max(_NOT_BEFORE, self._last_change - _STEP_BACK_ALLOWED)),
        )
        return [*(reason for reason, is_so in asked if is_so), *self._certificates()]
