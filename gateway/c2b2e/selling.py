"""The payee's bank as a merchant's terminal asks it: a sale with its link, and how it stands (`desk.Payee`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from gateway.alarms import raise_alarm
from gateway.bills.admission import Refused, refuse_forgotten
from gateway.c2b2e import sales
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.author import Author
from gateway.c2b2e.deadlines import TransferTimers
from gateway.c2b2e.sale_states import FINAL, START, Event, State
from gateway.c2b2e.sales import Sale, Sales
from gateway.c2b2e.standing import Standing
from gateway.c2b2e.transfer import Key, Role
from gateway.c2b2e.views import sale_view
from gateway.money import Amount
from gateway.problems import ProblemError
from gateway.transfer_contract import SaleRequest, SaleView
from gateway.waiting import Waiters
from spool import Spool, Transaction


class Merchant(Protocol):
    """For whom a terminal sells, as settings have it."""

    @property
    def name(self) -> str: ...
    @property
    def bin(self) -> str: ...
    @property
    def iban(self) -> str: ...
    @property
    def knp(self) -> str: ...
    @property
    def kbe(self) -> str | None: ...


@dataclass(frozen=True)
class _Put:
    terminal: str
    sale_id: str
    request: SaleRequest
    digest: bytes


_NOTHING: Final = Amount(0)


class Selling:
    def __init__(  # noqa: PLR0913 - the parts that a sale passes through
        self,
        *,
        spool: Spool,
        sales: Sales,
        author: Author,
        merchant_of: Callable[[str], Merchant | None],
        link_of: Callable[[str], str],
        standing: Standing,
        timers: TransferTimers,
        restored_at: datetime | None,
    ) -> None:
        """`merchant_of` a terminal; `link_of` a link's id makes the address that a QR code holds."""
        self._spool = spool
        self._sales = sales
        self._author = author
        self._merchant_of = merchant_of
        self._link_of = link_of
        self._standing = standing
        self._timers = timers
        self._restored_at = restored_at
        self._waiters: Waiters[State] = Waiters()  # by sale_id

    def moved(self, sale: Sale) -> None:
        """Wake whoever waits for it."""
        self._waiters.tell(sale.sale_id, sale.state)

    async def put_sale(
        self, terminal: str, sale_id: str, request: SaleRequest, *, content: bytes
    ) -> SaleView:
        put = _Put(terminal, sale_id, request, self._spool.digest(content))
        not_now = self._standing.against_sales()
        made = await self._spool.write(lambda tx: self._make(tx, put, not_now))
        if isinstance(made, Refused):
            raise made.error()
        return await self._spool.read(lambda tx: self._view(tx, terminal, sale_id))

    async def get_sale(self, terminal: str, sale_id: str, *, wait_seconds: float) -> SaleView:
        return await self._waiters.view(
            sale_id,
            lambda: self._spool.read(lambda tx: self._view(tx, terminal, sale_id)),
            wait_seconds,
            enough=lambda view: State(view.state) in FINAL,
            wanted=lambda _state: True,
        )

    def cancel_sale(self, tx: Transaction, terminal: str, sale_id: str) -> SaleView:
        sale = self._owned(tx, terminal, sale_id)
        self._sales.play(tx, sale, Event.CANCELLED)
        return self._view(tx, terminal, sale_id)

    def _make(self, tx: Transaction, put: _Put, not_now: Refused | None) -> Refused | None:
        known = sales.load(tx, put.sale_id)
        if known is not None:
            return _refuse_other_content(tx, known, put)
        refuse_forgotten(put.sale_id, restored_at=self._restored_at)
        merchant, amount = self._merchant_of(put.terminal), put.request.amount.amount()
        if merchant is None:
            return Refused("merchant_unknown", "this terminal sells for no merchant")
        if amount == _NOTHING:
            return Refused("amount_invalid", "a sale is of more than nothing")
        if not_now is not None:
            return not_now
        link_id = self._author.new_id(tx.now)
        self._sales.make(
            tx,
            Sale(
                sale_id=put.sale_id,
                terminal=put.terminal,
                request_digest=put.digest,
                link_id=link_id,
                link=self._link_of(link_id),
                state=START,
                amount=amount,
                purpose=put.request.purpose,
                merchant_order=put.request.merchant_order,
                name=merchant.name,
                bin=merchant.bin,
                iban=merchant.iban,
                knp=merchant.knp,
                kbe=merchant.kbe,
                made=tx.now,
                expires=self._timers.link_expires_at(tx.now),
                changed=tx.now,
            ),
        )
        return None

    def _view(self, tx: Transaction, terminal: str, sale_id: str) -> SaleView:
        sale = self._owned(tx, terminal, sale_id)
        chain = None if sale.end_to_end_id is None else Key(Role.PAYEE, sale.end_to_end_id)
        transfer = None if chain is None else transfers.load(tx, chain)
        return sale_view(sale, transfer, sales.history(tx, sale_id))

    def _owned(self, tx: Transaction, terminal: str, sale_id: str) -> Sale:
        sale = sales.load(tx, sale_id)
        if sale is None:
            refuse_forgotten(sale_id, restored_at=self._restored_at)
        if sale is None or sale.terminal != terminal:
            raise ProblemError("sale_not_found", "this terminal has no sale of this id")
        return sale


def _refuse_other_content(tx: Transaction, known: Sale, put: _Put) -> Refused | None:
    if (known.terminal, known.request_digest) == (put.terminal, put.digest):
        return None
    raise_alarm(tx, "sale_conflict", subject=put.sale_id, detail=f"PUT by terminal {put.terminal}")
    return Refused("sale_conflict", "the sale was sent with other content")
