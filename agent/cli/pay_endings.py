"""How a payment ended for a script, whatever happened to the one who told of it.

An interrupted payment ends as far as its last told step allows: nothing leaves before SENDING, and from
SENDING on only the gateway's word ends it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.cli.failures import IN_PROCESSING, OUT_OF_SERVICE, REFUSED, Failure
from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from gateway.contract import Money

Item = dict[str, Any]


@dataclass(frozen=True)
class Script:
    """An ending as a script meets it (PROTOCOLS §9)."""

    ending: str
    exit_code: int


SCRIPT: Final[Mapping[Ending, Script]] = {
    Ending.PAID: Script("paid", 0),
    Ending.NOTHING_TAKEN: Script("refused", REFUSED),
    Ending.BEING_UNBLOCKED: Script("refused", REFUSED),
    Ending.CANCELLED: Script("refused", REFUSED),
    Ending.IN_PROCESSING: Script("in_processing", IN_PROCESSING),
    Ending.OUT_OF_SERVICE: Script("out_of_service", OUT_OF_SERVICE),
}
INTERRUPTED: Final = Failure("The payment was interrupted", ("this command was stopped meanwhile",))

_MAY_BE_ON_ITS_WAY: Final = frozenset({State.PIN_DONE, State.SENDING, State.ASKING})
"""Not told yet how it ends. After PIN_DONE comes SENDING, and who tells may die between the two."""


def how_it_ended(last: Journey | None, *, interrupted: bool) -> Ending:
    """By the last step that was told; None: not even the first was."""
    if last is None:
        return Ending.OUT_OF_SERVICE
    if last.ending is not None:
        stopped = interrupted and last.ending is Ending.CANCELLED
        return Ending.OUT_OF_SERVICE if stopped else last.ending
    return Ending.IN_PROCESSING if last.state in _MAY_BE_ON_ITS_WAY else Ending.OUT_OF_SERVICE


def script_facts(journey: Journey | None, ending: str) -> dict[str, str | None]:
    """The one object that `--json` prints."""
    view = None if journey is None else journey.view
    return {
        "payment_id": None if journey is None else journey.payment_id,
        "ending": ending,
        "state": None if view is None else view.state,
        "txn_id": None if view is None else view.txn_id,
        "eport_id": None if view is None else view.eport_id,
        "rrn": None if view is None else view.rrn,
        "sum": None if journey is None else _amount(journey.amount),
        "fee": None if journey is None else _amount(journey.fee),
        "total": None if journey is None else _amount(journey.total),
        "receipt": journey.receipt_number if journey is not None and journey.receipt_printed else None,
    }


class Following:
    """Hears a payment step by step until its end, or for `patience_seconds` after `stop` was set.

    `last`: the newest step that was told.
    """

    def __init__(self, stop: asyncio.Event, *, patience_seconds: float) -> None:
        self.last: Journey | None = None
        self._stop = stop
        self._left = False
        self._patience_seconds = patience_seconds

    @property
    def interrupted(self) -> bool:
        """It was stopped, and that is why there is no other ending."""
        return self._left and (self.last is None or self.last.ending in {None, Ending.CANCELLED})

    async def follow(
        self,
        call: Callable[[str, Item], AsyncIterator[Item]],
        arguments: Item,
        show: Callable[[Journey], None],
    ) -> None:
        """Raises what the call raises, and CancelledError when nobody waits any more."""
        hearing = asyncio.ensure_future(self._hear(call("pay", arguments), show))
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait((hearing, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not hearing.done():
                self._left = True
                await self._leave(call, hearing)
            await hearing
        finally:
            hearing.cancel()
            stopped.cancel()
            await asyncio.gather(hearing, stopped, return_exceptions=True)

    async def _hear(self, items: AsyncIterator[Item], show: Callable[[Journey], None]) -> None:
        async for item in items:
            self.last = Journey.model_validate(item)
            show(self.last)

    async def _leave(
        self, call: Callable[[str, Item], AsyncIterator[Item]], hearing: asyncio.Future[None]
    ) -> None:
        if self.last is None:
            hearing.cancel()
            return
        async for _ in call("cancel", {"journey_id": self.last.journey_id}):
            pass
        await asyncio.wait({hearing}, timeout=self._patience_seconds)
        hearing.cancel()


def _amount(money: Money | None) -> str | None:
    return None if money is None else str(money.amount())
