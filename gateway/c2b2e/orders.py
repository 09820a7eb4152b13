"""What a PUT of an order has to pass before anything leaves, all in the transaction that confirms its offer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.alarms import raise_alarm
from gateway.bills import payment as payments
from gateway.bills.admission import Refused, refuse_forgotten
from gateway.bills.numbering import new_rrn
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.moves import Evidence, TransferMoves
from gateway.c2b2e.payer import Event, State
from gateway.c2b2e.transfer import Key, Role, Transfer
from gateway.transfer_contract import OrderRequest
from spool import Transaction


@dataclass(frozen=True)
class OrderPut:
    """A PUT without its card. `digest` is the HMAC of what makes a second one the same."""

    terminal: str
    order_id: str
    request: OrderRequest
    digest: bytes


_UNKNOWN: Final = Refused("offer_unknown", "this terminal has no offer of this id")
_EXPIRED: Final = Refused("offer_expired", "the offer is over; resolve the link again")
_STANDINGS: Final = {
    State.ASKED: _UNKNOWN,
    State.DETAILED: None,
    State.FAILED: _EXPIRED,
}


class OrderAdmission:
    def __init__(self, *, moves: TransferMoves, time_zone: ZoneInfo, restored_at: datetime | None) -> None:
        self._moves = moves
        self._time_zone = time_zone
        self._restored_at = restored_at

    def admit(self, tx: Transaction, put: OrderPut, not_now: Refused | None) -> Transfer | Refused | None:
        """The order that begins now; None for one that is known with this content, whatever its state.

        `not_now` is why nothing new may begin at this moment; what is known is found all the same.
        """
        known = transfers.of_order(tx, put.order_id)
        if known is not None:
            return _refuse_other_content(tx, known, put)
        if payments.is_buried(tx, put.order_id):
            return Refused("never_received", "the terminal was told that this order never arrived")
        self.refuse_forgotten(put.order_id)
        offer = transfers.load(tx, Key(Role.PAYER, put.request.offer_id))
        if offer is None or offer.terminal != put.terminal:
            return _UNKNOWN
        refused = _standing(offer, tx.now) or _refuse_difference(offer, put.request) or not_now
        return refused or self._begin(tx, offer, put)

    def refuse_forgotten(self, order_id: str) -> None:
        """Raises ProblemError `store_restored`."""
        refuse_forgotten(order_id, restored_at=self._restored_at)

    def _begin(self, tx: Transaction, offer: Transfer, put: OrderPut) -> Transfer:
        learnt = {
            "order_id": put.order_id,
            "request_digest": put.digest,
            "ordered": tx.now,
            "rrn": new_rrn(tx, self._time_zone),
        }
        return self._moves.apply(tx, offer.key, Event.CONFIRMED, Evidence(learnt=learnt))


def _standing(offer: Transfer, now: datetime) -> Refused | None:
    """Why an offer serves no order any more."""
    if offer.order_id is not None:
        return Refused("offer_used", "one offer serves one order; resolve the link again")
    assert isinstance(offer.state, State), "an offer is the payer's"
    over = offer.valid_until is not None and now >= offer.valid_until
    return _STANDINGS[offer.state] or (_EXPIRED if over else None)


def _refuse_difference(offer: Transfer, request: OrderRequest) -> Refused | None:
    sums = (
        ("amount", request.amount.amount(), offer.sum),
        ("fee", request.fee.amount(), offer.fee),
        ("total", request.total.amount(), offer.total),
    )
    differs = [f"{name} is {told}, offered was {offered}" for name, told, offered in sums if told != offered]
    return Refused("offer_differs", "; ".join(differs), {"differences": differs}) if differs else None


def _refuse_other_content(tx: Transaction, known: Transfer, put: OrderPut) -> Refused | None:
    if (known.terminal, known.request_digest) == (put.terminal, put.digest):
        return None
    raise_alarm(tx, "order_conflict", subject=put.order_id, detail=f"PUT by terminal {put.terminal}")
    return Refused("order_conflict", "the order was sent with other content")
