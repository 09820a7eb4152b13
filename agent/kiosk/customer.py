"""The person at the screen, as a journey knows them: `agent.journeys.customer.Customer`."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from agent.journeys.bill_record import Journey
from agent.journeys.card_record import CardJourney
from agent.journeys.customer import Leaving
from agent.kiosk.scene import Ask, Question
from gateway.money import Amount


class KioskCustomer:
    """`changed` is told whenever the screen may look different. Used on one loop."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._answer: asyncio.Future[Any] | None = None
        self._leaving: asyncio.Future[Leaving] | None = None
        self.journey: CardJourney | None = None
        self.question: Question | None = None

    def answer(self, ask: Ask, value: object) -> bool:
        """Whether this question was open. The first answer counts."""
        if self.question is None or self.question.ask is not ask:
            return False
        if self._answer is None or self._answer.done():
            return False
        self._answer.set_result(value)
        return True

    def go(self, leaving: Leaving) -> bool:
        """Cancel, or walk away. Whether it was heard: never while money moves."""
        if self._leaving is None or self._leaving.done():
            return False
        self._leaving.set_result(leaving)
        return True

    @property
    def may_leave(self) -> bool:
        return self._leaving is not None and not self._leaving.done()

    def see(self, journey: CardJourney) -> None:
        self.journey = journey
        self._changed()

    async def give_amount(self, journey: Journey) -> Amount | None:
        amount: Amount = await self._ask(journey, Question(Ask.AMOUNT))
        return amount

    async def consent(self, journey: CardJourney) -> None:
        await self._ask(journey, Question(Ask.CONSENT))

    async def choose_application(self, journey: CardJourney, labels: Sequence[str]) -> int:
        index: int = await self._ask(journey, Question(Ask.APPLICATION, tuple(labels)))
        return index

    async def go_on_without_receipt(self, journey: CardJourney) -> bool:
        wanted: bool = await self._ask(journey, Question(Ask.WITHOUT_RECEIPT))
        return wanted

    async def ask_for_receipt(self, journey: CardJourney) -> bool:
        wanted: bool = await self._ask(journey, Question(Ask.RECEIPT))
        return wanted

    async def leave(self, journey: CardJourney) -> Leaving:  # noqa: ARG002 - the port's word
        self._leaving = asyncio.get_running_loop().create_future()
        return await self._leaving

    async def _ask(self, journey: CardJourney, question: Question) -> Any:
        self.journey, self.question = journey, question
        self._answer = asyncio.get_running_loop().create_future()
        self._changed()
        try:
            return await self._answer
        finally:
            self.question = None
            self._changed()
