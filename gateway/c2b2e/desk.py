"""What our API asks of the two dialogues: a terminal's payer, and a merchant's payee.

A gateway may be either, or both; a role that it does not have is answered `transfers_off`. Every call is
the owning terminal's, others get 404. What goes wrong is a ProblemError; `gateway.api.transfer_handlers`
makes HTTP of it, `content` is what makes a second PUT the same one.
"""

from typing import Protocol

from gateway.transfer_contract import (
    LinkOffer,
    LinkRefused,
    LinkRequest,
    OrderNeverReceived,
    OrderRequest,
    OrderView,
    SaleRequest,
    SaleView,
)
from spool import Transaction


class Payer(Protocol):
    """The payer's bank, for a customer at a terminal."""

    async def resolve_link(self, terminal: str, request: LinkRequest) -> LinkOffer | LinkRefused:
        """Ask the payee's bank, once. The offer is durable when it is returned; silence is `link.unanswered`."""
        ...

    async def put_order(
        self, terminal: str, order_id: str, request: OrderRequest, *, content: bytes, wait_seconds: float
    ) -> OrderView:
        """Begin the order, or find it; then its outcome, or how far it is when `wait_seconds` are over.

        Problems: order_conflict, never_received, offer_unknown, offer_used, offer_expired, offer_differs,
        card_incomplete, card_host_unavailable, transfers_unavailable, store_restored, overloaded, stopping.
        """
        ...

    async def get_order(self, terminal: str, order_id: str, *, wait_seconds: float) -> OrderView:
        """The order now; with `wait_seconds`, after its next move unless it has ended. Problem: order_not_found."""
        ...

    def resolve_order(self, tx: Transaction, terminal: str, order_id: str) -> OrderView | OrderNeverReceived:
        """What became of a PUT whose answer was lost; from then on "never received" is for ever."""
        ...


class Payee(Protocol):
    """The payee's bank, for a merchant's terminal."""

    async def put_sale(
        self, terminal: str, sale_id: str, request: SaleRequest, *, content: bytes
    ) -> SaleView:
        """Make the sale and its link, or find them.

        Problems: sale_conflict, merchant_unknown, amount_invalid, transfers_unavailable, stopping.
        """
        ...

    async def get_sale(self, terminal: str, sale_id: str, *, wait_seconds: float) -> SaleView:
        """The sale now; with `wait_seconds`, after its next move unless it has ended. Problem: sale_not_found."""
        ...

    def cancel_sale(self, tx: Transaction, terminal: str, sale_id: str) -> SaleView:
        """Close its link if nobody's order has come; the sale as it then is. Problem: sale_not_found."""
        ...
