"""What time it is by e-port: heard with its last answer, or asked for with a question that moves no money."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from gateway.bills.deliveries import Eport
from gateway.bills.steps import EPORT
from gateway.certificates.line import LineHealth
from gateway.eport.operations import Operation
from spool import Breakers, CircuitState

LATELY_SECONDS: Final = 60.0


class EportClock:
    """`gateway.registry.rounds.OthersTime`. `question`: txn_id and bytes of a bank_status."""

    def __init__(
        self,
        line: LineHealth | None,
        eport: Eport,
        breakers: Breakers,
        question: Callable[[], Awaitable[tuple[str, bytes]]],
    ) -> None:
        """`line` None: whoever speaks to e-port hears no clock."""
        self._line = line
        self._eport = eport
        self._breakers = breakers
        self._question = question

    async def __call__(self) -> datetime | None:
        """None: nobody says. Else to the second, and as much behind as the answer took."""
        if self._line is None:
            return None
        heard = self._line.heard(within_seconds=LATELY_SECONDS)
        if heard is None and self._breakers.state(EPORT) is CircuitState.CLOSED:
            txn_id, message = await self._question()
            await self._eport.send(Operation.STATUS, message, txn_id=txn_id)
            heard = self._line.heard(within_seconds=LATELY_SECONDS)
        return heard
