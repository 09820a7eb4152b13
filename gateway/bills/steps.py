"""What each step of the payment table does, inside the move's transaction.

Messages are built here once, as exact bytes; whoever delivers them sends these bytes on every attempt.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.bills.moves import Effect
from gateway.bills.numbering import new_stan
from gateway.bills.payment import Payment
from gateway.bills.payment_states import Step
from gateway.eport.codec import Codec
from gateway.eport.messages import CancelRequest, PaymentRequest, StatusRequest
from gateway.funds.interface import Funds
from gateway.settings import TimersSection
from spool import Entry, NewEntry, Transaction, close_entry, enqueue

EPORT: Final = "eport"
CARD_HOST: Final = "card_host"
OWN_CLOCK: Final = "clock"

PAYMENT: Final = "eport.payment"
STATUS: Final = "eport.status"
CANCEL: Final = "eport.cancel"
EXPIRY: Final = "payment.expiry"
CAPTURE: Final = "card.capture"
REVERSAL: Final = "card.reversal"

DESTINATIONS: Final[Mapping[str, str]] = {
    PAYMENT: EPORT,
    STATUS: EPORT,
    CANCEL: EPORT,
    EXPIRY: OWN_CLOCK,
    CAPTURE: CARD_HOST,
    REVERSAL: CARD_HOST,
}
_ASKING: Final = (PAYMENT, STATUS, CANCEL, EXPIRY)  # what ends with the payment's decision


def key_of(kind: str, payment: Payment) -> str:
    return f"{kind}/{payment.txn_id}/{payment.payment_id}"


def identifiers_of(entry: Entry) -> tuple[str, str]:
    """txn_id and payment_id of the payment that the entry belongs to."""
    _, txn_id, payment_id = entry.key.split("/")
    return txn_id, payment_id


class Steps:
    def __init__(
        self, *, funds: Funds, codec: Codec, point: str, time_zone: ZoneInfo, timers: TimersSection
    ) -> None:
        self._funds = funds
        self._codec = codec
        self._point = point
        self._time_zone = time_zone
        self._timers = timers

    def effects(self) -> Mapping[Step, Effect]:
        return {
            Step.SPOOL_PAYMENT: self._spool_payment,
            Step.START_EXPIRY: self._start_expiry,
            Step.START_ASKING: self._start_asking,
            Step.STOP_ASKING: self._stop_asking,
            Step.SPOOL_CANCEL: self._spool_cancel,
            Step.SPOOL_CAPTURE: self._spool_capture,
            Step.SPOOL_REVERSAL: self._spool_reversal,
            Step.CLOSE_HOLD: self._close_hold,
        }

    def bank_payment(self, payment: Payment) -> bytes:
        """The message's bytes; raises UnsendableRequestError. Depends on nothing but the payment's row."""
        return self._codec.build(
            PaymentRequest(
                point=self._point,
                terminal=payment.terminal,
                txn_id=payment.txn_id,
                txn_date=payment.accepted_at.astimezone(self._time_zone),
                check_id=payment.check.check_id,
                product=payment.check.product,
                requisites=payment.check.requisites,
                sum=payment.amount,
                fee=payment.fee,
                total=payment.total,
                rrn=payment.rrn,
            )
        )

    def _spool_payment(self, tx: Transaction, payment: Payment) -> None:
        _spool(tx, PAYMENT, payment, self.bank_payment(payment))

    def _start_expiry(self, tx: Transaction, payment: Payment) -> None:
        expiry = payment.accepted_at + timedelta(seconds=self._timers.payment_expiry_seconds)
        _spool(tx, EXPIRY, payment, b"", due_at=expiry)

    def _start_asking(self, tx: Transaction, payment: Payment) -> None:
        question = StatusRequest(point=self._point, terminal=payment.terminal, txn_id=payment.txn_id)
        first = tx.now + timedelta(seconds=self._timers.status_first_seconds)
        _spool(tx, STATUS, payment, self._codec.build(question), due_at=first)

    def _stop_asking(self, tx: Transaction, payment: Payment) -> None:
        for kind in _ASKING:
            close_entry(tx, key_of(kind, payment), f"the payment is {payment.state}")

    def _spool_cancel(self, tx: Transaction, payment: Payment) -> None:
        order = CancelRequest(point=self._point, terminal=payment.terminal, txn_id=payment.txn_id)
        _spool(tx, CANCEL, payment, self._codec.build(order))

    def _spool_capture(self, tx: Transaction, payment: Payment) -> None:
        message = self._funds.capture_message(
            payment.hold, stan=_advice_stan(tx, payment), at=tx.now, approval_code=payment.approval_code
        )
        _spool(tx, CAPTURE, payment, message)

    def _spool_reversal(self, tx: Transaction, payment: Payment) -> None:
        message = self._funds.reversal_message(
            payment.hold, stan=_advice_stan(tx, payment), at=tx.now, approval_code=payment.approval_code
        )
        _spool(tx, REVERSAL, payment, message)

    def _close_hold(self, tx: Transaction, payment: Payment) -> None:
        tx.execute(
            "UPDATE payment SET hold_closed_ms = :now WHERE payment_id = :payment_id",
            {"now": tx.now_ms, "payment_id": payment.payment_id},
        )


def _advice_stan(tx: Transaction, payment: Payment) -> str:
    stan = new_stan(tx, payment.terminal)
    tx.execute(
        "UPDATE payment SET advice_stan = :stan WHERE payment_id = :payment_id",
        {"stan": stan, "payment_id": payment.payment_id},
    )
    return stan


def _spool(
    tx: Transaction, kind: str, payment: Payment, message: bytes, *, due_at: datetime | None = None
) -> None:
    """Lanes are terminals: one that waits holds up nobody else."""
    enqueue(
        tx,
        NewEntry(
            kind=kind,
            destination=DESTINATIONS[kind],
            lane=payment.terminal,
            key=key_of(kind, payment),
            payload=message,
            due_at=due_at,
        ),
    )
