"""Commands of the control socket that serve somebody, and who waits for their answers: pay, pay_link, sale, cancel.

Each tells the record after each committed step. Who asked and went away has pressed CANCEL, which is heard where
the journey's table allows it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

from agent.command_arguments import Arguments, read
from agent.journeys.bill import Ending
from agent.journeys.card_record import CardJourney
from agent.journeys.customer import Unattended
from agent.journeys.merchant import UnattendedSale
from agent.journeys.merchant_sale import Ending as SaleEnding
from agent.journeys.sale_record import Sale
from agent.orders import LinkOrder, Order, OrderError, SaleWish
from agent.terminal import Terminal, TerminalStopsError
from agent.texts import Language
from gateway.client import Refusal, Unreachable
from gateway.money import Amount, NotAnAmountError
from spool import ControlError

Item = dict[str, Any]
Record = CardJourney | Sale
ORDER: Final = "order"
UNREACHABLE: Final = "unreachable"
REFUSED_BY_GATEWAY: Final = "refused_by_gateway"
STOPPING: Final = "stopping"  # what was begun goes on at the next start
_TELLING_SECONDS: Final = 5.0


class PayArguments(Arguments):
    product: str
    requisites: dict[str, str]
    sum: str | None = None
    language: Language | None = None
    without_receipt: bool = False


class PayLinkArguments(Arguments):
    link: str
    language: Language | None = None
    without_receipt: bool = False


class SaleArguments(Arguments):
    amount: str
    purpose: str | None = None
    merchant_order: str | None = None
    language: Language | None = None


class CancelArguments(Arguments):
    journey_id: str  # or a sale_id


class ServingCommands:
    """Of a terminal that runs."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._cancels: dict[str, asyncio.Event] = {}  # by journey or sale
        self._callers: set[asyncio.Event] = set()  # each is set when that caller was told everything
        self._stopping = False

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

    async def cancel(self, arguments: Item) -> Item:
        cancelled = self._cancels.get(read(CancelArguments, arguments).journey_id)
        if cancelled is not None:
            cancelled.set()
        return {"asked": cancelled is not None}

    def pay(self, arguments: Item) -> AsyncIterator[Item]:
        told = read(PayArguments, arguments)
        amount = None if told.sum is None else _amount(told.sum)
        order = Order(told.product, told.requisites, amount, told.language or self._language)

        def paying(see: Callable[[Record], None], cancelled: asyncio.Event) -> Coroutine[Any, Any, Record]:
            customer = Unattended(see, without_receipt=told.without_receipt, cancelled=cancelled)
            return self._terminal.pay(order, customer)

        return self._told(paying)

    def pay_link(self, arguments: Item) -> AsyncIterator[Item]:
        told = read(PayLinkArguments, arguments)
        order = LinkOrder(told.link, told.language or self._language)

        def paying(see: Callable[[Record], None], cancelled: asyncio.Event) -> Coroutine[Any, Any, Record]:
            customer = Unattended(see, without_receipt=told.without_receipt, cancelled=cancelled)
            return self._terminal.pay_link(order, customer)

        return self._told(paying)

    def sale(self, arguments: Item) -> AsyncIterator[Item]:
        told = read(SaleArguments, arguments)
        language = told.language or self._language
        wish = SaleWish(_amount(told.amount), language, told.purpose, told.merchant_order)

        def selling(see: Callable[[Record], None], cancelled: asyncio.Event) -> Coroutine[Any, Any, Record]:
            return self._terminal.sell(wish, UnattendedSale(see, cancelled=cancelled))

        return self._told(selling)

    @property
    def _language(self) -> Language:
        return self._terminal.settings.agent.languages[0]

    async def _told(
        self, begin: Callable[[Callable[[Record], None], asyncio.Event], Coroutine[Any, Any, Record]]
    ) -> AsyncIterator[Item]:
        seen: asyncio.Queue[Record | None] = asyncio.Queue()
        cancelled, everything = asyncio.Event(), asyncio.Event()
        living = asyncio.create_task(begin(seen.put_nowait, cancelled))
        living.add_done_callback(lambda _: seen.put_nowait(None))
        self._callers.add(everything)
        try:
            while (record := await seen.get()) is not None:
                self._cancels[_id(record)] = cancelled
                yield record.model_dump(mode="json")
            self._result(living)
        except GeneratorExit:
            cancelled.set()
            await asyncio.wait({living})
            raise
        finally:
            cancelled.set()
            everything.set()
            self._callers.discard(everything)
            self._forget(cancelled)

    def _forget(self, cancelled: asyncio.Event) -> None:
        for known_id in [known for known, event in self._cancels.items() if event is cancelled]:
            del self._cancels[known_id]

    def _result(self, living: asyncio.Task[Record]) -> None:
        """What went wrong, in words that travel."""
        if living.cancelled():
            raise _stopping()
        try:
            record = living.result()
        except OrderError as error:
            raise ControlError(ORDER, "\n".join((*error.lines, error.to_do))) from None
        except Unreachable as error:
            raise ControlError(UNREACHABLE, str(error)) from None
        except Refusal as refusal:
            told = f"{refusal.problem.code}: {refusal.problem.detail}"
            raise ControlError(REFUSED_BY_GATEWAY, told) from None
        except TerminalStopsError:
            raise _stopping() from None
        if self._stopping and record.ending in {Ending.CANCELLED, SaleEnding.CANCELLED}:
            raise _stopping()


def _id(record: Record) -> str:
    return record.sale_id if isinstance(record, Sale) else record.journey_id


def _stopping() -> ControlError:
    return ControlError(STOPPING, "the terminal was stopped meanwhile")


def _amount(text: str) -> Amount:
    try:
        return Amount.parse(text)
    except NotAnAmountError as error:
        raise ControlError(ORDER, str(error)) from None
