"""What may be asked of a running terminal, as commands of its control socket.

| command | arguments | answers |
|---|---|---|
| pay | product, requisites, sum?, language?, without_receipt? | the journey's record after each step |
| pay_link | link, language?, without_receipt? | likewise |
| sale | amount, purpose?, merchant_order?, language? | the sale's record after each step |
| cancel | journey_id, or a sale_id | whether it could be asked to stop: CANCEL is heard until the PIN was entered |
| journeys.list | limit? | the newest first |
| journeys.show | id: any number of `bill_search`; or terminal, from, to: the time on its receipt | the record |
| receipts.show | id: the number of a receipt of a link, or of a sale's slip | the order_id or sale_id, by which the gateway knows it |
| doctor | – | one finding for each part |
| devices.…, maintenance, report.print, support | as in `agent.technician.control` | a technician's |
| hands.… | as in `emulators_by_hand` | where a person operates emulated devices, and nowhere else |
| list, show, retry, close, health, snapshot, check | as in `spool.control_commands` | the spool's own |
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from agent.command_arguments import Arguments, read
from agent.emulators_by_hand import hand_commands
from agent.gateway_link import described
from agent.journeys import bill_search, bill_store, sale_book
from agent.journeys.bill_record import Journey
from agent.journeys.link_record import LinkJourney
from agent.serving_commands import ServingCommands
from agent.technician.control import technician_commands
from agent.terminal import Terminal
from gateway.operator import SEVERAL, several
from gateway.retention import Retention
from spool import ControlError, Store, Transaction, spool_commands
from spool.control import Command

Item = dict[str, Any]
NO_SUCH_JOURNEY: Final = "no_such_journey"
_DEFAULT_LIST: Final = 20
_LARGEST_LIST: Final = 10_000


class ListArguments(Arguments):
    limit: int = Field(default=_DEFAULT_LIST, ge=1, le=_LARGEST_LIST)


class ReceiptArguments(Arguments):
    id: str


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
    own: Mapping[str, Command] = {
        "journeys.list": commands.list,
        "journeys.show": commands.show,
        "receipts.show": commands.receipt,
    }
    return {**spooled, **own, **Retention(spool, ()).commands()}


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

    async def receipt(self, arguments: Item) -> Item:
        """What was printed for a link or a sale; a bill's receipt is `show`'s."""
        wanted = read(ReceiptArguments, arguments).id
        journey = await self._spool.read(lambda tx: bill_store.find(tx, wanted))
        if isinstance(journey, LinkJourney) and journey.payment_id is not None:
            return {"id": journey.payment_id}
        sale = await self._spool.read(lambda tx: sale_book.find(tx, wanted))
        if sale is None:
            raise ControlError(
                NO_SUCH_JOURNEY, "this terminal has printed nothing of that number for a link or a sale"
            )
        return {"id": sale.sale_id}


class TerminalCommands:
    """The commands of a terminal that runs."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._serving = ServingCommands(terminal)

    @cached_property
    def table(self) -> Mapping[str, Command]:
        """One for the terminal: who watches by it is told of what is done by it."""
        serving = self._serving
        own: Mapping[str, Command] = {
            "pay": serving.pay,
            "pay_link": serving.pay_link,
            "sale": serving.sale,
            "cancel": serving.cancel,
            "doctor": self.doctor,
        }
        registry = self._terminal.assembly.registry.commands.commands()
        return {
            **store_commands(self._terminal.spool),
            **own,
            **registry,
            **technician_commands(self._terminal),
            **hand_commands(self._terminal),
        }

    async def stop(self) -> None:
        """Serve nobody any more, and tell who waits (`ServingCommands.stop`)."""
        await self._serving.stop()

    async def doctor(self, _: Item) -> AsyncIterator[Item]:
        for finding in await self._terminal.assembly.gate.findings():
            yield asdict(finding)
        yield asdict(await self._terminal.catalogue.finding())


def _search(tx: Transaction, wanted: ShowArguments) -> list[Journey]:
    """What the host's numbers alone name, a STAN, no terminal knows."""
    if wanted.id is not None:
        return bill_search.by_number(tx, wanted.id)
    if wanted.from_ is not None and wanted.to is not None:
        return bill_search.by_time(tx, wanted.from_, wanted.to)
    return []


def _item(journey: Journey) -> Item:
    return journey.model_dump(mode="json")
