"""How a payment stands in a registry, by the move it has just made (PROTOCOLS §2.5)."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from gateway.bills.payment import Payment
from gateway.bills.payment_states import State
from gateway.reasons import CANCELLED_BY_ORDER
from gateway.registry.layout import Operation, Status

LARGEST_RESULT: Final = 9999
_STATUSES: Final[Mapping[State, Status]] = MappingProxyType(
    {
        State.PAYING: Status.PENDING,
        State.PENDING: Status.PENDING,
        State.UNRESOLVED: Status.PENDING,
        State.PAID: Status.ACCEPTED,
        State.RELEASING: Status.REFUSED,  # or CANCELLED, by its reason
    }
)


def operation_of(
    payment: Payment, *, before: State, result: int | None, time_zone: ZoneInfo
) -> Operation | None:
    """None: e-port has no part in this move. `result` is what came with the move, if anything did.

    Before PAYING there is no bank_payment, and what the card host says afterwards is not e-port's.
    """
    status = _STATUSES.get(payment.state)
    if status is None or (payment.state is State.RELEASING and before is State.HOLDING):
        return None
    if status is Status.REFUSED and payment.reason == CANCELLED_BY_ORDER:
        status = Status.CANCELLED
    requisites = dict(payment.check.requisites)
    return Operation(
        txn_id=payment.txn_id,
        eport_id=payment.eport_id or "",
        terminal=payment.terminal,
        product=payment.check.product,
        account=requisites.get("account", payment.check.requisites[0][1]),
        sum=payment.amount,
        fee=payment.fee,
        total=payment.total,
        accepted_at=payment.accepted_at.astimezone(time_zone),
        finished_at=_finished_at(payment, status, time_zone),
        status=status,
        result=str(result) if result is not None and 0 <= result <= LARGEST_RESULT else "",
        rrn=payment.rrn,
    )


def _finished_at(payment: Payment, status: Status, time_zone: ZoneInfo) -> datetime | None:
    """As e-port told; nothing while it is pending."""
    told = payment.provider_finished_at
    if told is None or status is Status.PENDING:
        return None
    return datetime.fromisoformat(told).astimezone(time_zone)
