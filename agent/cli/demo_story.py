"""One payment shown as it happens: what the customer lives through, and what the gateway does meanwhile."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console

from agent.cli.look import show_line
from agent.cli.pay_lines import Line, Mark, lines
from agent.demo.stage import Stage
from agent.journeys.bill import State
from agent.journeys.bill_record import Journey
from spool import ControlError

_FOLLOW_SECONDS: Final = 0.02
_SETTLE_SECONDS: Final = 20.0

_MOVES: Final[Mapping[str, tuple[Mark, str, str]]] = {
    "PUT": (Mark.GOING_ON, "gateway", "identifiers committed: txn_id {txn_id}, RRN {rrn}, STAN {stan}"),
    "HOLD_APPROVED": (Mark.DONE, "hold", "{total} held at the card host, approval {approval_code}"),
    "HOLD_DECLINED": (Mark.NO, "hold", "the card host declined: {response_code}"),
    "PAYMENT_ACCEPTED": (Mark.DONE, "payment", "bank_payment accepted, e-port {eport_id}"),
    "PAYMENT_REFUSED": (Mark.NO, "payment", "bank_payment refused: {reason}"),
    "PAYMENT_PENDING": (Mark.ATTENTION, "payment", "e-port has not decided: we ask and resend"),
    "UNANSWERED": (Mark.ATTENTION, "no answer", "{state}"),
    "CAPTURED": (Mark.DONE, "capture", "{total} captured at the card host"),
    "RELEASED": (Mark.DONE, "release", "{total} released at the card host"),
}
"""Each event of the gateway as a line; the words in braces are of `payments.show`."""
_SETTLED: Final = frozenset({"CAPTURED", "RELEASED", "HOLD_DECLINED"})


class Story:
    """Tells one payment on a console; each line once."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage = stage
        self._console = console
        self._journey: Journey | None = None
        self._told = 0
        self._looking = asyncio.Lock()
        self._settled = asyncio.Event()

    async def tell(self, arguments: Mapping[str, Any]) -> Journey:
        """Pay at the first terminal; how it ended, once the card host has answered the capture or release."""
        following = asyncio.create_task(self._follow())
        try:
            async for item in self._stage.terminals[0].call("pay", dict(arguments)):
                await self._hear(Journey.model_validate(item))
            await self._until_settled()
        finally:
            following.cancel()
        if self._journey is None:
            raise AssertionError("the terminal told nothing of its journey")
        return self._journey

    async def _hear(self, journey: Journey) -> None:
        if journey.state is State.ENDED:
            await self._look()  # what led to the ending is told before it
        self._journey = journey
        for line in lines(journey):
            show_line(self._console, line)

    async def _follow(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(_FOLLOW_SECONDS)

    async def _until_settled(self) -> None:
        if self._journey is None or self._journey.payment_id is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                await self._settled.wait()

    async def _look(self) -> None:
        """Tell the moves of the gateway that were not told yet."""
        if self._journey is None or self._journey.payment_id is None:
            return
        async with self._looking:
            try:
                shown = [
                    item
                    async for item in self._stage.gateway("payments.show", {"id": self._journey.payment_id})
                ]
            except ControlError:
                return  # the PUT has not arrived yet
            for move in shown[0]["history"][self._told :]:
                self._told += 1
                if move["event"] in _SETTLED:
                    self._settled.set()
                mark, label, words = _MOVES.get(move["event"], (Mark.GOING_ON, "gateway", "{state}"))
                show_line(self._console, Line(mark, label, words.format(**shown[0])))
