# ruff: noqa: ARG002 - a port hands each implementation more than every one of them uses
"""The port to the merchant: a page, a command line, a test. All of them drive the same sale."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from agent.journeys.sale_record import Sale


class Merchant(Protocol):
    def see(self, sale: Sale) -> None:
        """The record after each committed step. Called on the loop; must not block."""

    async def cancel(self, sale: Sale) -> None:
        """Return when the merchant wants no more. Cancelled when it could not be heard any longer."""

    async def ask_for_slip(self, sale: Sale) -> bool:
        """After a restart nothing prints unless the person asks for it."""


class UnattendedSale:
    """A merchant who has decided beforehand: `tolem sale`, and recovery with nobody there."""

    def __init__(
        self,
        see: Callable[[Sale], None] = lambda _sale: None,
        *,
        cancelled: asyncio.Event | None = None,
    ) -> None:
        self._see = see
        self._cancelled = cancelled or asyncio.Event()

    def see(self, sale: Sale) -> None:
        self._see(sale)

    async def cancel(self, sale: Sale) -> None:
        await self._cancelled.wait()

    async def ask_for_slip(self, sale: Sale) -> bool:
        return False
