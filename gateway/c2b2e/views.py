"""An offer, an order and a sale as their terminals may see them."""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.c2b2e import sale_states
from gateway.c2b2e.payer import State
from gateway.c2b2e.sales import Sale
from gateway.c2b2e.transfer import HistoryLine, Transfer
from gateway.contract import Money, Moved, Told
from gateway.transfer_contract import LinkOffer, OrderView, SaleTold, SaleView

# DESIGN §5: what the customer is told follows the state.
TOLD: Final[Mapping[State, Told]] = {
    State.ASKED: Told.NOTHING_TAKEN,
    State.DETAILED: Told.NOTHING_TAKEN,
    State.CHECKING: Told.WAIT,
    State.HOLDING: Told.WAIT,
    State.ORDERED: Told.WAIT,
    State.PENDING: Told.WAIT,
    State.SETTLED: Told.PAID,
    State.REJECTED: Told.BEING_UNBLOCKED,
    State.RELEASED: Told.NOTHING_TAKEN,
    State.FAILED: Told.NOTHING_TAKEN,
}
SALE_TOLD: Final[Mapping[sale_states.State, SaleTold]] = {
    sale_states.State.OPEN: SaleTold.WAITING,
    sale_states.State.RESERVED: SaleTold.BEING_PAID,
    sale_states.State.DOUBTFUL: SaleTold.DOUBTFUL,
    sale_states.State.PAID: SaleTold.PAID,
    sale_states.State.PAID_LATE: SaleTold.PAID_LATE,
    sale_states.State.EXPIRED: SaleTold.EXPIRED,
    sale_states.State.CANCELLED: SaleTold.CANCELLED,
}


def told_of(transfer: Transfer) -> Told:
    """Once the platform had to be asked what became of an order, its customer no longer waits for it."""
    assert isinstance(transfer.state, State), "an order is the payer's"
    told = TOLD[transfer.state]
    return Told.IN_PROCESSING if told is Told.WAIT and transfer.asked else told


def has_outcome(state: State) -> bool:
    """There is something to tell the customer."""
    return TOLD[state] is not Told.WAIT


def sale_told_of(sale: Sale) -> SaleTold:
    """A link whose time is over after an order was rejected has brought a refusal."""
    if sale.state is sale_states.State.EXPIRED and sale.reason is not None:
        return SaleTold.REFUSED
    return SALE_TOLD[sale.state]


def offer_of(transfer: Transfer) -> LinkOffer:
    """Of a transfer that has its details."""
    assert transfer.creditor_name is not None, "the details name it"
    assert transfer.creditor_bin is not None, "the details name it"
    assert transfer.knp is not None, "the details name it"
    assert transfer.valid_until is not None, "the details name it"
    return LinkOffer(
        offer_id=transfer.end_to_end_id,
        link_id=transfer.link_id,
        creditor_name=transfer.creditor_name,
        creditor_bin=transfer.creditor_bin,
        amount=Money.of(transfer.sum),
        fee=Money.of(transfer.fee),
        total=Money.of(transfer.total),
        purpose=transfer.purpose,
        merchant_order=transfer.merchant_order,
        knp=transfer.knp,
        valid_until=transfer.valid_until,
    )


def order_view(transfer: Transfer, history: Sequence[HistoryLine]) -> OrderView:
    """Of a transfer that the customer has confirmed."""
    assert transfer.order_id is not None, "a confirmed order has its id"
    assert transfer.rrn is not None, "a confirmed order has its RRN"
    assert transfer.ordered is not None, "a confirmed order has its instant"
    offer = offer_of(transfer)
    return OrderView(
        order_id=transfer.order_id,
        terminal=transfer.terminal,
        state=transfer.state,
        told=told_of(transfer),
        reason=transfer.reason,
        link_id=transfer.link_id,
        creditor_name=offer.creditor_name,
        creditor_bin=offer.creditor_bin,
        purpose=transfer.purpose,
        merchant_order=transfer.merchant_order,
        amount=offer.amount,
        fee=offer.fee,
        total=offer.total,
        end_to_end_id=transfer.end_to_end_id,
        tx_id=transfer.tx_id,
        rrn=transfer.rrn,
        approval_code=transfer.approval_code,
        accepted_at=transfer.ordered,
        changed_at=transfer.changed,
        finished_at=transfer.finished,
        history=[_moved(line) for line in history],
    )


def sale_view(sale: Sale, transfer: Transfer | None, history: Sequence[HistoryLine]) -> SaleView:
    """`transfer`: of the order that has reserved the link last."""
    return SaleView(
        sale_id=sale.sale_id,
        terminal=sale.terminal,
        state=sale.state,
        told=sale_told_of(sale),
        reason=sale.reason,
        merchant_name=sale.name,
        merchant_bin=sale.bin,
        amount=Money.of(sale.amount),
        purpose=sale.purpose,
        merchant_order=sale.merchant_order,
        link=sale.link,
        link_id=sale.link_id,
        expires_at=sale.expires,
        end_to_end_id=sale.end_to_end_id,
        tx_id=None if transfer is None else transfer.tx_id,
        rrn=None if transfer is None else transfer.rrn,
        accepted_at=sale.made,
        changed_at=sale.changed,
        paid_at=sale.paid,
        history=[_moved(line) for line in history],
    )


def _moved(line: HistoryLine) -> Moved:
    return Moved(state=line.state, event=line.event, at=line.at, note=line.note)
