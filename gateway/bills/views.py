"""A payment as its terminal may see it."""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.bills.payment import HistoryLine, Payment
from gateway.bills.payment_states import FINAL, Event, State
from gateway.contract import Money, Moved, OfferField, PaymentView, Requisite, Told

# DESIGN §5: what the customer is told follows the state.
TOLD: Final[Mapping[State, Told]] = {
    State.HOLDING: Told.WAIT,
    State.PAYING: Told.WAIT,
    State.PENDING: Told.IN_PROCESSING,
    State.UNRESOLVED: Told.IN_PROCESSING,
    State.PAID: Told.PAID,
    State.RELEASING: Told.BEING_UNBLOCKED,
    State.RELEASED: Told.NOTHING_TAKEN,
    State.REFUSED: Told.NOTHING_TAKEN,
}


_FOR_STAFF: Final = frozenset({Event.CANCEL_ORDERED})  # their notes name a person


def has_outcome(state: State) -> bool:
    """There is something to tell the customer."""
    return TOLD[state] is not Told.WAIT


def has_ended(state: State) -> bool:
    """Nothing that a caller could wait for will come."""
    return state in FINAL


def view_of(payment: Payment, history: Sequence[HistoryLine]) -> PaymentView:
    return PaymentView(
        payment_id=payment.payment_id,
        terminal=payment.terminal,
        state=payment.state,
        told=TOLD[payment.state],
        reason=payment.reason,
        product=payment.check.product,
        requisites=[Requisite(code=code, value=value) for code, value in payment.check.requisites],
        fields=[
            OfferField(name=name, title=title, value=value) for name, title, value in payment.check.fields
        ],
        amount=Money.of(payment.amount),
        fee=Money.of(payment.fee),
        total=Money.of(payment.total),
        check_id=payment.check.check_id,
        txn_id=payment.txn_id,
        rrn=payment.rrn,
        eport_id=payment.eport_id,
        approval_code=payment.approval_code,
        accepted_at=payment.accepted_at,
        changed_at=payment.changed_at,
        finished_at=payment.finished_at,
        history=[_moved(line) for line in history],
    )


def _moved(line: HistoryLine) -> Moved:
    note = "" if line.event in _FOR_STAFF else line.note
    return Moved(state=line.state, event=line.event, at=line.at, note=note)
