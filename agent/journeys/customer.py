# ruff: noqa: ARG002 - a port hands each implementation more than every one of them uses
"""The port to the person: a page, a command line, a test. All of them drive the same journey.

The journey asks one question at a time and waits for its answer; `leave` is the press on CANCEL, or
nobody being there any more, and is heard only where the table allows it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from agent.journeys.bill import Event
from agent.journeys.bill_record import Journey
from agent.journeys.card_record import CardJourney
from gateway.money import Amount

Leaving = Literal[Event.CANCELLED, Event.WALKED_AWAY]


class Customer(Protocol):
    def see(self, journey: CardJourney) -> None:
        """The record after each committed step. Called on the loop; must not block."""

    async def give_amount(self, journey: Journey) -> Amount | None:
        """How much to pay, when the check was made without a sum; None gives up.

        Asked again if it is outside the offer's limits.
        """

    async def consent(self, journey: CardJourney) -> None:
        """Return when the person agreed to the total of `journey`."""

    async def choose_application(self, journey: CardJourney, labels: Sequence[str]) -> int:
        """Which of several applications on the card, as an index into `labels`."""

    async def go_on_without_receipt(self, journey: CardJourney) -> bool:
        """The printer has no paper, all else is ready."""

    async def ask_for_receipt(self, journey: CardJourney) -> bool:
        """After a restart nothing prints unless the person asks for it."""

    async def leave(self, journey: CardJourney) -> Leaving:
        """Return when the person cancels or has gone. Cancelled when its question is no longer open."""


class Unattended:
    """A customer who has agreed beforehand: `tolem pay`, the demo, and recovery with nobody there."""

    def __init__(
        self,
        see: Callable[[CardJourney], None] = lambda _journey: None,
        *,
        without_receipt: bool = False,
        cancelled: asyncio.Event | None = None,
    ) -> None:
        self._see = see
        self._without_receipt = without_receipt
        self._cancelled = cancelled or asyncio.Event()

    def see(self, journey: CardJourney) -> None:
        self._see(journey)

    async def give_amount(self, journey: Journey) -> Amount | None:
        """The debt, if the provider named one."""
        debt = journey.offer.debt if journey.offer else None
        return debt.amount() if debt else None

    async def consent(self, journey: CardJourney) -> None:
        pass

    async def choose_application(self, journey: CardJourney, labels: Sequence[str]) -> int:
        return 0

    async def go_on_without_receipt(self, journey: CardJourney) -> bool:
        return self._without_receipt

    async def ask_for_receipt(self, journey: CardJourney) -> bool:
        return False

    async def leave(self, journey: CardJourney) -> Leaving:
        await self._cancelled.wait()
        return Event.CANCELLED
