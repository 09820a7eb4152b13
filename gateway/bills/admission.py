"""What a PUT has to pass before its 0100 may leave, all in the transaction that enters HOLDING."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.alarms import raise_alarm
from gateway.bills import payment as payments
from gateway.bills.check_states import Step
from gateway.bills.checks import Check, load_check, take_check
from gateway.bills.moves import Moves
from gateway.bills.numbering import new_rrn, new_stan, new_txn_id
from gateway.bills.offers import differences
from gateway.bills.payment import Payment
from gateway.bills.payment_states import START
from gateway.bills.steps import Steps
from gateway.contract import PaymentRequest
from gateway.identifiers import time_of
from gateway.problems import KINDS, ProblemError
from gateway.providers.product import Catalogue
from gateway.settings import CardHostSection
from gateway.times import from_ms
from spool import Transaction

_RETRY_AFTER_SECONDS: Final = 5


@dataclass(frozen=True)
class Put:
    """A PUT without its card. `digest` is the HMAC of what makes a second one the same."""

    terminal: str
    payment_id: str
    request: PaymentRequest
    digest: bytes


@dataclass(frozen=True)
class Refused:
    """A finding that is returned and not raised, since what was written with it (an alarm) is to stay."""

    code: str
    detail: str
    members: Mapping[str, Any] | None = None

    def error(self) -> ProblemError:
        later = _RETRY_AFTER_SECONDS if KINDS[self.code].retryable else None
        return ProblemError(self.code, self.detail, retry_after_seconds=later, **(self.members or {}))


_CHECK_REFUSALS: Final[Mapping[Step, Refused]] = {
    Step.SAY_USED: Refused("check_used", "one check serves one payment; check again"),
    Step.SAY_EXPIRED: Refused("check_expired", "the offer is over; check again"),
}


class Admission:
    def __init__(  # noqa: PLR0913 - everything that an admission depends on
        self,
        *,
        moves: Moves,
        steps: Steps,
        card_host: CardHostSection,
        time_zone: ZoneInfo,
        restored_at: datetime | None,
        catalogue: Callable[[], Catalogue],
    ) -> None:
        """`catalogue`: the one in force, with the providers that cannot be paid at this moment."""
        self._moves = moves
        self._card_host = card_host
        self._steps = steps
        self._time_zone = time_zone
        self._restored_at = restored_at
        self._catalogue = catalogue

    def admit(self, tx: Transaction, put: Put, not_now: Refused | None) -> Payment | Refused | None:
        """The payment that begins now; None for one that is known with this content, whatever its state.

        `not_now` is why nothing new may begin at this moment; what is known is found all the same.
        """
        known = payments.load(tx, put.payment_id)
        if known is not None:
            return _refuse_other_content(tx, known, put)
        if payments.is_buried(tx, put.payment_id):
            return Refused("never_received", "the terminal was told that this payment never arrived")
        self.refuse_forgotten(put.payment_id)
        check = load_check(tx, put.request.check_id)
        if check is None or check.terminal != put.terminal:
            return Refused("check_unknown", "this terminal has no check of this id")
        refused = (
            _refuse_difference(check, put.request)
            or not_now
            or self._refuse_switched_off(check)
            or _CHECK_REFUSALS.get(take_check(tx, check))
        )
        if refused is not None:
            return refused
        payment = self._new_payment(tx, put, check)
        self._steps.bank_payment(payment)  # what cannot be sent must not be held for
        self._moves.begin(tx, payment)
        return payment

    def _refuse_switched_off(self, check: Check) -> Refused | None:
        """Whoever has agreed to an offer is not charged for what cannot be delivered now."""
        if not self._catalogue().is_switched_off(check.product, offered_by=check.provider):
            return None
        return Refused("provider_off", f"the provider of {check.product} is switched off; nothing was taken")

    def refuse_forgotten(self, payment_id: str) -> None:
        """As `refuse_forgotten`, by the restore of this store."""
        refuse_forgotten(payment_id, restored_at=self._restored_at)

    def _new_payment(self, tx: Transaction, put: Put, check: Check) -> Payment:
        accepted_at = from_ms(tx.now_ms)
        return Payment(
            payment_id=put.payment_id,
            terminal=put.terminal,
            request_digest=put.digest,
            state=START,
            moves=1,
            amount=put.request.amount.amount(),
            fee=put.request.fee.amount(),
            total=put.request.total.amount(),
            txn_id=new_txn_id(tx, self._time_zone),
            rrn=new_rrn(tx, self._time_zone),
            stan=new_stan(tx, put.terminal),
            acquirer=self._card_host.acquirer,
            merchant=self._card_host.merchant,
            accepted_at=accepted_at,
            changed_at=accepted_at,
            check=check,
        )


def refuse_forgotten(payment_id: str, *, restored_at: datetime | None) -> None:
    """What a restored store does not know, the part that was lost may have known. Raises ProblemError."""
    if restored_at is not None and time_of(payment_id) < restored_at:
        raise ProblemError(
            "store_restored", f"the store was restored at {restored_at.isoformat()}; ask the bank"
        )


def _refuse_other_content(tx: Transaction, known: Payment, put: Put) -> Refused | None:
    if (known.terminal, known.request_digest) == (put.terminal, put.digest):
        return None
    raise_alarm(tx, "payment_conflict", subject=known.payment_id, detail=f"PUT by terminal {put.terminal}")
    return Refused("payment_conflict", "the payment was sent with other content")


def _refuse_difference(check: Check, request: PaymentRequest) -> Refused | None:
    differs = differences(check, request)
    return Refused("offer_differs", "; ".join(differs), {"differences": differs}) if differs else None
