"""What e-port decides about a request that obeys the wire: results of PROTOCOLS §2.3.

`answer` runs inside one transaction of the ledger, so that a payment and its answer are kept together.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.sandbox.eport_answers import Answer, build
from gateway.sandbox.eport_book import Checked, EportBook, Paid
from gateway.sandbox.eport_days import Days
from gateway.sandbox.eport_requests import (
    AccountRequest,
    EportRequest,
    PaymentRequest,
    TxnRequest,
    account_of,
)
from gateway.sandbox.settings import Limits
from gateway.sandbox.subscribers import ACCEPTED, Behaviour, Reply, behaviour_of, subscriber_of

CHECK_SERVES: Final = timedelta(hours=1)
FORBIDDEN: Final = Reply(7)
CONFLICT: Final = Reply(215)
CANNOT_BE_CANCELLED: Final = Reply(251)
NOT_RECEIVED: Final = Reply(5, final=False)  # a status refuses with final=true only

_ALMATY: Final = ZoneInfo("Asia/Almaty")


@dataclass(frozen=True)
class Wrong:
    """What was wrong with a request that has a result all the same."""

    place: str
    says: str


@dataclass(frozen=True)
class Judged:
    """An answer and what the ledger's log says of it."""

    body: bytes
    reply: Reply
    wrong: Wrong | None = None


class Provider:
    """One e-port with its book and its days. `now` is its own clock."""

    def __init__(self, book: EportBook, days: Days, limits: Limits, *, now: Callable[[], datetime]) -> None:
        self._book = book
        self._days = days
        self._limits = limits
        self._now = now

    def answer(self, request: EportRequest, digest: bytes, *, refuse: bool = False) -> Judged:
        """`digest` stands for the body's bytes. `refuse`: what is new is refused with 7 (a named fault)."""
        if isinstance(request, AccountRequest):
            return self._account(request, digest, refuse=refuse)
        if isinstance(request, PaymentRequest):
            return self._payment(request, digest, refuse=refuse)
        return self._status(request) if request.operation == "bank_status" else self._cancel(request)

    def decide(self, payment: Paid, *, accepted: bool) -> None:
        """End a pending payment by hand, as e-port's support desk would."""
        self._end(payment, ACCEPTED if accepted else FORBIDDEN)

    # bank_account

    def _account(self, request: AccountRequest, digest: bytes, *, refuse: bool) -> Judged:
        if self._book.paid(request.point, request.txn_id):
            return _conflict(request, "a bank_payment has this txn_id")
        if earlier := self._book.checked(request.point, request.txn_id):
            if earlier.digest != digest:
                return _conflict(request, "the body differs from the first one with this txn_id")
            return Judged(earlier.answer, Reply(earlier.result, earlier.final))
        account = account_of(request.requisites)
        reply = self._out_of_limits(request.sum) or (FORBIDDEN if refuse else self._behaviour(account).check)
        answer = Answer("bank_account", request.txn_id, reply.result, reply.final)
        if reply == ACCEPTED:
            subscriber = subscriber_of(request.product, account)
            answer = replace(
                answer,
                debt=subscriber.debt,
                min_sum=self._limits.min_sum,
                max_sum=self._limits.max_sum,
                fields=(
                    ("payer_name", "Абонент", subscriber.name),
                    ("address", "Адрес", subscriber.address),
                ),
            )
        body = build(answer)
        self._book.add_check(request, digest, reply=reply, answer=body)
        return Judged(body, reply)

    # bank_payment

    def _payment(self, request: PaymentRequest, digest: bytes, *, refuse: bool) -> Judged:
        if self._book.checked(request.point, request.txn_id):
            return _conflict(request, "a bank_account has this txn_id")
        if earlier := self._book.paid(request.point, request.txn_id):
            if earlier.digest != digest:
                return _conflict(request, "the body differs from the first one with this txn_id")
            return _told(self._ask(earlier))
        if self._behaviour(account_of(request.requisites)).conflict:
            return _conflict(request, "the account is a special one")
        check = self._book.checked(request.point, request.check_id)
        refusal, wrong = self._against_check(request, check)
        refusal = refusal or self._out_of_limits(request.sum) or (FORBIDDEN if refuse else None)
        payment = self._book.add_payment(request, digest, serves_check=refusal is None)
        payment = self._end(payment, refusal) if refusal else self._ask(payment)
        return replace(_told(payment), wrong=wrong)

    def _against_check(
        self, request: PaymentRequest, check: Checked | None
    ) -> tuple[Reply | None, Wrong | None]:
        if check is None or not check.accepted:
            return Reply(17), Wrong("check_id", "no accepted bank_account has this txn_id")
        served = self._book.check_is_served(request.point, request.check_id)
        pair = _Pair(request, check, served, self._now() - check.at)
        found = ((reply, wrong) for reply, wrong, holds in _DIFFERENCES if holds(pair))
        return next(found, (None, None))

    def _ask(self, payment: Paid) -> Paid:
        """One more asking for a payment's fate. What has ended is told again as it was."""
        if payment.status != "PENDING":
            return payment
        behaviour = self._behaviour(payment.account)
        asked = replace(payment, asks=payment.asks + 1)
        if behaviour.asks is not None and asked.asks > behaviour.asks:
            return self._end(asked, behaviour.end)
        return self._say(asked, behaviour.meanwhile)

    def _end(self, payment: Paid, reply: Reply, status: str | None = None) -> Paid:
        if reply == ACCEPTED and self._days.shuts_out(payment.point, payment.txn_id):
            reply = FORBIDDEN  # a closed daily registry lacks it
        status = status or ("ACCEPTED" if reply == ACCEPTED else "REFUSED")
        finished_at = self._now().astimezone(_ALMATY).isoformat(timespec="seconds")
        return self._say(replace(payment, status=status, finished_at=finished_at), reply)

    def _say(self, payment: Paid, reply: Reply) -> Paid:
        said = replace(payment, result=reply.result, final=reply.final)
        said = replace(said, answer=_answer("bank_payment", said))
        self._book.save(said)
        return said

    # bank_status, bank_cancel

    def _status(self, request: TxnRequest) -> Judged:
        payment = self._book.paid(request.point, request.txn_id)
        if payment is None:
            return _without_payment(request, NOT_RECEIVED)
        asked = self._ask(payment)
        return Judged(_answer("bank_status", asked), Reply(asked.result, asked.final))

    def _cancel(self, request: TxnRequest) -> Judged:
        payment = self._book.paid(request.point, request.txn_id)
        if payment is None:
            return _without_payment(request, NOT_RECEIVED)
        if self._may_be_cancelled(payment):
            payment = self._end(payment, FORBIDDEN, status="CANCELLED")
        reply = ACCEPTED if payment.status == "CANCELLED" else CANNOT_BE_CANCELLED
        told = replace(payment, result=reply.result, final=reply.final)
        return Judged(_answer("bank_cancel", told), reply)

    def _may_be_cancelled(self, payment: Paid) -> bool:
        """What stands in a closed daily registry stays accepted."""
        if payment.status == "ACCEPTED" and payment.finished_at is not None:
            finished_on = datetime.fromisoformat(payment.finished_at).astimezone(_ALMATY).date()
            if self._days.is_closed(payment.point, finished_on):
                return False
        return payment.status in {"PENDING", "ACCEPTED"} and self._behaviour(payment.account).cancellable

    # what they share

    def _behaviour(self, account: str) -> Behaviour:
        return behaviour_of(self._book.told(account) or account)

    def _out_of_limits(self, sum_: int | None) -> Reply | None:
        if sum_ is None or self._limits.min_sum <= sum_ <= self._limits.max_sum:
            return None
        return Reply(241 if sum_ < self._limits.min_sum else 242)


@dataclass(frozen=True)
class _Pair:
    """A new bank_payment beside the check that it names."""

    request: PaymentRequest
    check: Checked
    served: bool
    age: timedelta


_DIFFERENCES: Final[tuple[tuple[Reply, Wrong, Callable[[_Pair], bool]], ...]] = (
    (
        Reply(17),
        Wrong("product", "differs from the check"),
        lambda it: it.request.product != it.check.product,
    ),
    (
        Reply(17),
        Wrong("requisites", "differ from the check"),
        lambda it: sorted(it.request.requisites) != sorted(it.check.requisites),
    ),
    (
        Reply(18),
        Wrong("sum", "differs from the check"),
        lambda it: it.check.sum not in {None, it.request.sum},
    ),
    (Reply(19), Wrong("check_id", "the check serves another payment already"), lambda it: it.served),
    (Reply(38), Wrong("check_id", "more than an hour since the check"), lambda it: it.age > CHECK_SERVES),
)


def _told(payment: Paid) -> Judged:
    return Judged(payment.answer, Reply(payment.result, payment.final))


def _answer(operation: str, payment: Paid) -> bytes:
    return build(
        Answer(
            operation,
            payment.txn_id,
            payment.result,
            payment.final,
            eport_id=payment.eport_id,
            finished_at=payment.finished_at,
        )
    )


def _conflict(request: EportRequest, says: str) -> Judged:
    body = build(Answer(request.operation, request.txn_id, CONFLICT.result, CONFLICT.final))
    return Judged(body, CONFLICT, Wrong("txn_id", says))


def _without_payment(request: TxnRequest, reply: Reply) -> Judged:
    body = build(Answer(request.operation, request.txn_id, reply.result, reply.final))
    return Judged(body, reply, Wrong("txn_id", "no bank_payment has this txn_id"))
