"""The shapes of our API for C2B2E: a link or an order at the payer's terminal, a sale at the merchant's (PROTOCOLS §1, §4).

In the image of `gateway.contract`, which has what both share.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from gateway.contract import CardInput, Money, Moved, PaymentId, Shape, TerminalId, Told

LONGEST_SCAN: Final = 512  # characters of a QR code that may hold a link

OrderId = PaymentId
SaleId = PaymentId
EndToEndId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,35}$")]
LinkId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{24,32}$")]
Scanned = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SCAN)]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,140}$")]
MerchantOrder = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,35}$")]


class LinkRequest(Shape):
    """POST /v1/links/resolve. `link`: an address, an id alone, or what a QR code holds, as it was scanned."""

    link: Scanned


class LinkOffer(Shape):
    """What the payee's bank says of a link. `offer_id` is the EndToEndId of the whole chain; it serves one order."""

    offer_id: EndToEndId
    link_id: LinkId
    creditor_name: str
    creditor_bin: str
    amount: Money
    fee: Money
    total: Money
    purpose: str | None = None
    merchant_order: str | None = None
    knp: str
    valid_until: AwareDatetime


class LinkRefused(Shape):
    """A link that nothing can be ordered by. Nothing was taken; nothing can be."""

    refused: Literal[True] = True
    reason: str  # a code of `gateway.reasons`, such as link.used or iso.AB08
    comment: str | None = None


class OrderRequest(Shape):
    """PUT /v1/orders/{order_id}. The sums are the ones the customer saw."""

    offer_id: EndToEndId
    amount: Money
    fee: Money
    total: Money
    card: CardInput


class OrderView(Shape):
    """An order as its terminal may see it: no card data, whatever the state (`c2b2e.payer.State`)."""

    order_id: OrderId
    terminal: TerminalId
    state: str
    told: Told
    reason: str | None = None  # a code of `gateway.reasons`, such as card.51 or iso.AM02
    link_id: LinkId
    creditor_name: str
    creditor_bin: str
    purpose: str | None = None
    merchant_order: str | None = None
    amount: Money
    fee: Money
    total: Money
    end_to_end_id: EndToEndId
    tx_id: str | None = None  # once it was given: when the funds were held
    rrn: str
    approval_code: str | None = None
    accepted_at: AwareDatetime
    changed_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    history: list[Moved] = Field(default_factory=list)


class OrderNeverReceived(Shape):
    """The durable tombstone: no PUT of this id arrived, and none will be accepted any more."""

    order_id: OrderId
    never_received: Literal[True] = True


class SaleRequest(Shape):
    """PUT /v1/sales/{sale_id}. The merchant is the terminal's own, by the gateway's settings."""

    amount: Money
    purpose: Line | None = None
    merchant_order: MerchantOrder | None = None


class SaleTold(StrEnum):
    """What the merchant may be told: a screen of its own for each."""

    WAITING = "waiting"  # show the link
    BEING_PAID = "being_paid"  # somebody's order has come; nothing is final
    PAID = "paid"
    PAID_LATE = "paid_late"  # after it was told that nothing is known
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"  # an order was rejected and the link is over; nobody has paid
    DOUBTFUL = "doubtful"  # do not hand over the goods; ask the bank


class SaleView(Shape):
    """A sale as its terminal may see it. `link` is the address that its QR code holds."""

    sale_id: SaleId
    terminal: TerminalId
    state: str
    told: SaleTold
    reason: str | None = None  # a code of `gateway.reasons`: of the last order that was rejected
    merchant_name: str
    merchant_bin: str
    amount: Money
    purpose: str | None = None
    merchant_order: str | None = None
    link: str
    link_id: LinkId
    expires_at: AwareDatetime
    end_to_end_id: EndToEndId | None = None
    tx_id: str | None = None
    rrn: str | None = None  # of the credit
    accepted_at: AwareDatetime
    changed_at: AwareDatetime
    paid_at: AwareDatetime | None = None
    history: list[Moved] = Field(default_factory=list)
