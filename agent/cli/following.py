"""Following what a terminal serves for a command, until its end or the command's: pay, pay_link, sale."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from rich.console import Console

from agent import owner
from agent.cli.failures import USAGE, Failure, explain
from agent.cli.look import show_line
from agent.cli.pay_lines import Line, Mark
from agent.journeys.bill import Ending
from agent.journeys.card_record import CardJourney
from agent.journeys.sale_record import Sale
from agent.kept_receipts import draw
from agent.settings import Settings
from agent.terminal_devices import printer_profile

Item = dict[str, Any]
R = TypeVar("R", bound=CardJourney | Sale)
CANCELLED: Final = Ending.CANCELLED.value  # of a journey and of a sale
INTERRUPTED: Final = Failure("The payment was interrupted", ("this command was stopped meanwhile",))


@dataclass(frozen=True)
class Served(Generic[R]):
    """A command of the control socket that tells a record after each step."""

    command: str
    read: Callable[[Item], R]  # the record
    id_of: Callable[[R], str]  # what `cancel` takes


class Following(Generic[R]):
    """Hears what is served step by step until its end, or for `patience_seconds` after `stop` was set.

    `last`: the newest step that was told.
    """

    def __init__(self, served: Served[R], stop: asyncio.Event, *, patience_seconds: float) -> None:
        self.last: R | None = None
        self._served = served
        self._stop = stop
        self._left = False
        self._patience_seconds = patience_seconds

    @property
    def interrupted(self) -> bool:
        """It was stopped, and that is why there is no other ending."""
        return self._left and (self.last is None or self.last.ending in {None, CANCELLED})

    async def follow(
        self,
        call: Callable[[str, Item], AsyncIterator[Item]],
        arguments: Item,
        show: Callable[[R], None],
    ) -> None:
        """Raises what the call raises, and CancelledError when nobody waits any more."""
        hearing = asyncio.ensure_future(self._hear(call(self._served.command, arguments), show))
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

    async def _hear(self, items: AsyncIterator[Item], show: Callable[[R], None]) -> None:
        async for item in items:
            self.last = last = self._served.read(item)
            show(last)

    async def _leave(
        self, call: Callable[[str, Item], AsyncIterator[Item]], hearing: asyncio.Future[None]
    ) -> None:
        if self.last is None:
            hearing.cancel()
            return
        async for _ in call("cancel", {"journey_id": self._served.id_of(self.last)}):
            pass
        await asyncio.wait({hearing}, timeout=self._patience_seconds)
        hearing.cancel()


async def followed(
    settings: Settings,
    following: Following[R],
    arguments: Mapping[str, Any],
    show: Callable[[R], None],
) -> Failure | None:
    """See it to its end; why that was not possible, if money may be concerned. Raises usage errors."""
    try:
        async with owner.terminal(settings) as call:
            await following.follow(call, dict(arguments), show)
    except asyncio.CancelledError:
        return INTERRUPTED
    except Exception as error:
        failure = explain(error)
        begun = following.last is not None
        if failure is None or (failure.exit_code == USAGE and not begun):
            raise
        return failure
    return INTERRUPTED if following.interrupted else None


def show_picture(console: Console, settings: Settings, number: str | None) -> None:
    """Where a person can look at what an emulated printer printed."""
    path = None if number is None else draw(settings.node.data_dir, number, printer_profile(settings))
    if path is not None:
        show_line(console, Line(Mark.DONE, "picture", str(path)))
