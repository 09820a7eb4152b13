"""Asks whether e-port is back, so that its breaker closes although nobody may pay while it is open.

Readiness refuses terminals while the breaker is not closed; without them nothing might be sent that could
close it. The question is the status of a check: it moves no money, and whatever is answered is an answer.
"""

import asyncio
import logging
from typing import Final
from zoneinfo import ZoneInfo

from gateway.bills.deliveries import Eport
from gateway.bills.numbering import new_txn_id
from gateway.bills.steps import EPORT
from gateway.eport.codec import Codec
from gateway.eport.messages import StatusRequest
from gateway.eport.operations import Operation
from gateway.outcomes import Verdict
from spool import Breakers, CircuitState, CommitFailed, Spool, StoreOverloaded

_log = logging.getLogger(__name__)
_STORE_PAUSE_SECONDS: Final = 1.0
_NOBODY: Final = "0"  # the terminal of a gateway that never made a check
_LATEST_CHECK: Final = "SELECT check_id, terminal FROM account_check ORDER BY check_id DESC LIMIT 1"


class EportProbe:
    def __init__(  # noqa: PLR0913 - what one question takes
        self,
        *,
        spool: Spool,
        breakers: Breakers,
        eport: Eport,
        codec: Codec,
        point: str,
        time_zone: ZoneInfo,
    ) -> None:
        self._spool = spool
        self._breakers = breakers
        self._eport = eport
        self._codec = codec
        self._point = point
        self._time_zone = time_zone
        self._changed = asyncio.Event()
        breakers.listen(lambda _destination: self._changed.set())

    async def run(self) -> None:
        """Until cancelled. The breaker says when a probe may go, and lets one through at a time."""
        while True:
            self._changed.clear()
            if self._breakers.state(EPORT) is CircuitState.CLOSED:
                await self._changed.wait()
            elif self._breakers.allow(EPORT):
                await self._ask_somehow()
            else:
                await self._until_next_probe()

    async def _until_next_probe(self) -> None:
        left_ms = self._breakers.next_probe_ms(EPORT) - self._spool.clock.ms()
        try:
            async with asyncio.timeout(max(left_ms, 1) / 1000):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _ask_somehow(self) -> None:
        try:
            await self._ask()
        except (CommitFailed, StoreOverloaded) as error:
            _log.warning("eport.probe_failed", extra={"why": type(error).__name__})
            await asyncio.sleep(_STORE_PAUSE_SECONDS)

    async def _ask(self) -> None:
        try:
            txn_id, message = await self.question()
            outcome = await self._eport.send(Operation.STATUS, message, txn_id=txn_id)
        except BaseException:
            self._breakers.unused(EPORT)
            raise
        answered = outcome.verdict is not Verdict.UNANSWERED
        _log.info("eport.probed", extra={"answered": answered, "detail": outcome.detail})
        (self._breakers.answered if answered else self._breakers.unanswered)(EPORT)

    async def question(self) -> tuple[str, bytes]:
        """The latest check's status; a number that was never sent, if there never was a check."""
        latest = await self._spool.read(lambda tx: tx.one(_LATEST_CHECK))
        if latest is None:
            latest = await self._spool.write(lambda tx: (new_txn_id(tx, self._time_zone), _NOBODY))
        txn_id, terminal = latest
        return txn_id, self._codec.build(StatusRequest(point=self._point, terminal=terminal, txn_id=txn_id))
