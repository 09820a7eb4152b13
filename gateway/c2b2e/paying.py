"""The payer's bank as its terminals ask it: a link's offer, an order, and what became of it (`desk.Payer`)."""

from collections.abc import Callable, Collection
from typing import Final

from gateway.bills import payment as payments
from gateway.bills.admission import Refused
from gateway.bills.cards import card_of
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.author import Author
from gateway.c2b2e.funding import UNKNOWN_ACCOUNT, UNKNOWN_HOLD, Funding
from gateway.c2b2e.links import NotALinkError, read_link
from gateway.c2b2e.moves import Evidence, Move, TransferMoves
from gateway.c2b2e.orders import OrderAdmission, OrderPut
from gateway.c2b2e.payer import FINAL, START, Event, State
from gateway.c2b2e.payer_steps import PayerSteps
from gateway.c2b2e.standing import Standing
from gateway.c2b2e.transfer import Key, Role, Transfer
from gateway.c2b2e.views import has_outcome, offer_of, order_view
from gateway.iso20022.identifiers import bank_id_of
from gateway.problems import ProblemError
from gateway.reasons import OWN_BANK
from gateway.transfer_contract import (
    LinkOffer,
    LinkRefused,
    LinkRequest,
    OrderNeverReceived,
    OrderRequest,
    OrderView,
)
from gateway.waiting import Waiters
from spool import Spool, Transaction

_RESTARTS_AT_ONCE: Final = 100
_GRACE: Final = (
    1.25  # how much longer than the details' deadline somebody waits for what the store says of it
)


class Paying:
    def __init__(  # noqa: PLR0913 - the parts that an order passes through
        self,
        *,
        spool: Spool,
        moves: TransferMoves,
        steps: PayerSteps,
        author: Author,
        admission: OrderAdmission,
        funding: Funding,
        standing: Standing,
        hosts: Collection[str],
        details_seconds: float,
        in_flight_limit: int,
    ) -> None:
        """`hosts`: of the links that are read. An observer of moves: tell it of each."""
        self._spool = spool
        self._moves = moves
        self._steps = steps
        self._author = author
        self._admission = admission
        self._funding = funding
        self._standing = standing
        self._hosts = hosts
        self._details_seconds = details_seconds
        self._in_flight_limit = in_flight_limit
        self._asking = 0
        self._offers: Waiters[State] = Waiters()  # by EndToEndId
        self._orders: Waiters[State] = Waiters()  # by order_id

    def moved(self, move: Move) -> None:
        """Wake whoever waits for it."""
        if isinstance(move.after, State):
            self._offers.tell(move.key.end_to_end_id, move.after)
            if move.order_id is not None:
                self._orders.tell(move.order_id, move.after)

    async def resolve_link(self, terminal: str, request: LinkRequest) -> LinkOffer | LinkRefused:
        try:
            link_id = read_link(request.link, hosts=self._hosts)
        except NotALinkError as error:
            return LinkRefused(reason=error.reason)
        if bank_id_of(link_id) == self._author.bank.bank_id:
            return LinkRefused(reason=OWN_BANK)
        self._refuse(self._standing.against_links(), in_flight=self._asking)
        self._asking += 1
        try:
            return await self._ask(terminal, link_id)
        finally:
            self._asking -= 1

    async def put_order(
        self, terminal: str, order_id: str, request: OrderRequest, *, content: bytes, wait_seconds: float
    ) -> OrderView:
        card = card_of(request.card)
        put = OrderPut(terminal, order_id, request, self._spool.digest(content))
        not_now = self._standing.against_orders() or self._overloaded(len(self._funding))
        begun = await self._spool.write(lambda tx: self._admission.admit(tx, put, not_now))
        if isinstance(begun, Refused):
            raise begun.error()
        if isinstance(begun, Transfer):
            self._funding.start(begun, card)
        return await self._watch(terminal, order_id, wait_seconds, at_once=has_outcome, later=has_outcome)

    async def get_order(self, terminal: str, order_id: str, *, wait_seconds: float) -> OrderView:
        return await self._watch(
            terminal, order_id, wait_seconds, at_once=lambda state: state in FINAL, later=lambda _state: True
        )

    def resolve_order(self, tx: Transaction, terminal: str, order_id: str) -> OrderView | OrderNeverReceived:
        transfer = transfers.of_order(tx, order_id)
        if transfer is not None:
            return _owned_view(tx, terminal, transfer)
        self._admission.refuse_forgotten(order_id)
        payments.bury(tx, order_id, terminal=terminal)
        return OrderNeverReceived(order_id=order_id)

    async def recover(self) -> int:
        """After a start, before anyone is heard: what the last life left half done goes on. How many there were."""
        recovered = 0
        while True:
            found = await self._spool.write(self._recover_some)
            recovered += found
            if found < _RESTARTS_AT_ONCE:
                return recovered

    async def close(self, *, timeout_seconds: float) -> None:
        """Let what asks the card host come to its outcome."""
        await self._funding.close(timeout_seconds=timeout_seconds)

    async def _ask(self, terminal: str, link_id: str) -> LinkOffer | LinkRefused:
        """The admi.009 and its chain are one commit; then whatever ends the waiting, a deadline at the latest."""
        begun = await self._spool.write(lambda tx: self._begin(tx, terminal, link_id))
        transfer = await self._offers.view(
            begun.end_to_end_id,
            lambda: self._read(begun.key),
            self._details_seconds * _GRACE,
            enough=lambda asked: asked.state is not START,
            wanted=lambda state: state is not START,
        )
        if transfer.state is State.DETAILED:
            return offer_of(transfer)
        return LinkRefused(reason=transfer.reason or "link.unanswered")

    def _begin(self, tx: Transaction, terminal: str, link_id: str) -> Transfer:
        transfer = Transfer(
            role=Role.PAYER,
            end_to_end_id=self._author.new_id(tx.now),
            terminal=terminal,
            link_id=link_id,
            state=START,
            moves=1,
            began=tx.now,
            changed=tx.now,
        )
        self._moves.begin(tx, transfer)
        self._steps.begin(tx, transfer)
        return transfer

    async def _read(self, key: Key) -> Transfer:
        transfer = await self._spool.read(lambda tx: transfers.load(tx, key))
        assert transfer is not None, "nothing is ever taken out of the book"
        return transfer

    def _refuse(self, not_now: Refused | None, *, in_flight: int) -> None:
        refused = not_now or self._overloaded(in_flight)
        if refused is not None:
            raise refused.error()

    def _overloaded(self, in_flight: int) -> Refused | None:
        if in_flight < self._in_flight_limit:
            return None
        return Refused("overloaded", f"{self._in_flight_limit} transfers are in flight")

    async def _watch(
        self,
        terminal: str,
        order_id: str,
        wait_seconds: float,
        *,
        at_once: Callable[[State], bool],
        later: Callable[[State], bool],
    ) -> OrderView:
        return await self._orders.view(
            order_id,
            lambda: self._spool.read(lambda tx: self._view(tx, terminal, order_id)),
            wait_seconds,
            enough=lambda view: at_once(State(view.state)),
            wanted=later,
        )

    def _view(self, tx: Transaction, terminal: str, order_id: str) -> OrderView:
        transfer = transfers.of_order(tx, order_id)
        if transfer is None:
            self._admission.refuse_forgotten(order_id)
            raise ProblemError("order_not_found", "this terminal has no order of this id")
        return _owned_view(tx, terminal, transfer)

    def _recover_some(self, tx: Transaction) -> int:
        found = transfers.interrupted(tx, limit=_RESTARTS_AT_ONCE)
        for key in found:
            transfer = transfers.load(tx, key)
            held = transfer is not None and transfer.state is State.HOLDING
            self._moves.apply(
                tx, key, Event.RESTARTED, Evidence(reason=UNKNOWN_HOLD if held else UNKNOWN_ACCOUNT)
            )
        return len(found)


def _owned_view(tx: Transaction, terminal: str, transfer: Transfer) -> OrderView:
    if transfer.terminal != terminal:
        raise ProblemError("order_not_found", "this terminal has no order of this id")
    return order_view(transfer, transfers.history(tx, transfer.key))
