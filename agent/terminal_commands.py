"""What may be asked of a running terminal, as commands of its control socket.

| command | arguments | answers |
|---|---|---|
| pay | product, requisites, sum?, language?, without_receipt? | the journey's record after each step |
| cancel | journey_id | whether it could be asked to stop: CANCEL is heard until the PIN was entered |
| journeys.list | limit? | the newest first |
| journeys.show | id: any number of `bill_search`; or terminal, from, to: the time on its receipt | the record |
| doctor | – | one finding for each part |
| devices.…, maintenance, report.print, support | as in `agent.technician.control` | a technician's |
| hands.… | as in `emulators_by_hand` | where a person operates emulated devices, and nowhere else |
| list, show, retry, close, health, snapshot, check | as in `spool.control_commands` | the spool's own |
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from agent.command_arguments import Arguments, read
from agent.emulators_by_hand import hand_commands
from agent.gateway_link import described
from agent.journeys import bill_search, bill_store
from agent.journeys.bill import Ending
from agent.journeys.bill_record import Journey
from agent.journeys.customer import Unattended
from agent.orders import Order, OrderError
from agent.technician.control import technician_commands
from agent.terminal import Terminal, TerminalStopsError
from agent.texts import Language
from gateway.client import Refusal, Unreachable
from gateway.money import Amount, NotAnAmountError
from gateway.operator import SEVERAL, several
from spool import ControlError, Store, Transaction, spool_commands
from spool.control import Command

Item = dict[str, Any]
ORDER: Final = "order"
UNREACHABLE: Final = "unreachable"
REFUSED_BY_GATEWAY: Final = "refused_by_gateway"
NO_SUCH_JOURNEY: Final = "no_such_journey"
STOPPING: Final = "stopping"  # what was begun goes on at the next start
_TELLING_SECONDS: Final = 5.0
_DEFAULT_LIST: Final = 20
_LARGEST_LIST: Final = 10_000


class PayArguments(Arguments):
    product: str
    requisites: dict[str, str]
    sum: str | None = None
    language: Language | None = None
    without_receipt: bool = False


class ListArguments(Arguments):
    limit: int = Field(default=_DEFAULT_LIST, ge=1, le=_LARGEST_LIST)


class CancelArguments(Arguments):
    journey_id: str


class ShowArguments(BaseModel):
    """`id`, or what `agent.payment_numbers` makes of a terminal with a STAN or a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = None
    terminal: str | None = None
    stan: str | None = None
    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    to: AwareDatetime | None = None


def terminal_commands(terminal: Terminal) -> Mapping[str, Command]:
    """Everything, for a terminal that runs."""
    return TerminalCommands(terminal).table


def store_commands(spool: Store) -> Mapping[str, Command]:
    """What needs nothing but the terminal's store."""
    commands = _StoreCommands(spool)
    spooled = spool_commands(spool, describe=described)
    return {**spooled, "journeys.list": commands.list, "journeys.show": commands.show}


class _StoreCommands:
    def __init__(self, spool: Store) -> None:
        self._spool = spool

    async def list(self, arguments: Item) -> AsyncIterator[Item]:
        limit = read(ListArguments, arguments).limit
        for journey in await self._spool.read(lambda tx: bill_store.latest(tx, limit)):
            yield _item(journey)

    async def show(self, arguments: Item) -> Item:
        wanted = read(ShowArguments, arguments)
        found = await self._spool.read(lambda tx: _search(tx, wanted))
        if not found:
            raise ControlError(NO_SUCH_JOURNEY, "this terminal has no payment of that number or time")
        if len(found) > 1:
            raise ControlError(
                SEVERAL, several(journey.payment_id or journey.journey_id for journey in found)
            )
        return _item(found[0])


class TerminalCommands:
    """The commands of a terminal that runs, and who waits for their answers."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._cancels: dict[str, asyncio.Event] = {}  # by journey
        self._callers: set[asyncio.Event] = set()  # each is set when that caller was told everything
        self._stopping = False

    @cached_property
    def table(self) -> Mapping[str, Command]:
        """One for the terminal: who watches by it is told of what is done by it."""
        own: Mapping[str, Command] = {"pay": self.pay, "cancel": self.cancel, "doctor": self.doctor}
        registry = self._terminal.assembly.registry.commands.commands()
        return {
            **store_commands(self._terminal.spool),
            **own,
            **registry,
            **technician_commands(self._terminal),
            **hand_commands(self._terminal),
        }

    async def stop(self) -> None:
        """Press CANCEL for everybody, wait for what is on its way while something is left of
        `shutdown_seconds`, and tell the callers.
        """
        self._stopping = True
        for cancelled in self._cancels.values():
            cancelled.set()
        await self._terminal.stop_serving(grace_seconds=self._terminal.shutdown.left_seconds())
        with contextlib.suppress(TimeoutError):  # a caller who does not listen keeps nobody from stopping
            async with asyncio.timeout(_TELLING_SECONDS):
                await asyncio.gather(*(told.wait() for told in self._callers))

    async def doctor(self, _: Item) -> AsyncIterator[Item]:
        for finding in await self._terminal.assembly.gate.findings():
            yield asdict(finding)
        yield asdict(await self._terminal.catalogue.finding())

    async def cancel(self, arguments: Item) -> Item:
        cancelled = self._cancels.get(read(CancelArguments, arguments).journey_id)
        if cancelled is not None:
            cancelled.set()
        return {"asked": cancelled is not None}

    async def pay(self, arguments: Item) -> AsyncIterator[Item]:
        """Who asked and went away has pressed CANCEL: heard until the card was read, never afterwards."""
        told = read(PayArguments, arguments)
        order = _order(told, self._terminal.settings.agent.languages[0])
        seen: asyncio.Queue[Journey | None] = asyncio.Queue()
        cancelled, everything = asyncio.Event(), asyncio.Event()
        customer = Unattended(seen.put_nowait, without_receipt=told.without_receipt, cancelled=cancelled)
        paying = asyncio.create_task(self._terminal.pay(order, customer))
        paying.add_done_callback(lambda _: seen.put_nowait(None))
        self._callers.add(everything)
        try:
            while (journey := await seen.get()) is not None:
                self._cancels[journey.journey_id] = cancelled
                yield _item(journey)
            self._result(paying)
        except GeneratorExit:
            cancelled.set()
            await asyncio.wait({paying})
            raise
        finally:
            cancelled.set()
            everything.set()
            self._callers.discard(everything)
            self._forget(cancelled)

    def _forget(self, cancelled: asyncio.Event) -> None:
        for journey_id in [known for known, event in self._cancels.items() if event is cancelled]:
            del self._cancels[journey_id]

    def _result(self, paying: asyncio.Task[Journey]) -> None:
        """What went wrong, in words that travel."""
        if paying.cancelled():
            raise _stopping()
        try:
            journey = paying.result()
        except OrderError as error:
            raise ControlError(ORDER, "\n".join((*error.lines, error.to_do))) from None
        except Unreachable as error:
            raise ControlError(UNREACHABLE, str(error)) from None
        except Refusal as refusal:
            told = f"{refusal.problem.code}: {refusal.problem.detail}"
            raise ControlError(REFUSED_BY_GATEWAY, told) from None
        except TerminalStopsError:
            raise _stopping() from None
        if self._stopping and journey.ending is Ending.CANCELLED:
            raise _stopping()


def _search(tx: Transaction, wanted: ShowArguments) -> list[Journey]:
    """What the host's numbers alone name, a STAN, no terminal knows."""
    if wanted.id is not None:
        return bill_search.by_number(tx, wanted.id)
    if wanted.from_ is not None and wanted.to is not None:
        return bill_search.by_time(tx, wanted.from_, wanted.to)
    return []


def _stopping() -> ControlError:
    return ControlError(STOPPING, "the terminal was stopped meanwhile")


def _order(told: PayArguments, language: Language) -> Order:
    try:
        amount = None if told.sum is None else Amount.parse(told.sum)
    except NotAnAmountError as error:
        raise ControlError(ORDER, str(error)) from None
    return Order(told.product, told.requisites, amount, told.language or language)


def _item(journey: Journey) -> Item:
    return journey.model_dump(mode="json")
