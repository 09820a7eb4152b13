"""A check from the terminal's POST to an offer: catalogue, e-port, store.

A check moves no money, so it fails closed: without an answer there is no offer, and the next one is a new
bank_account with a new txn_id (PROTOCOLS §2.1).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway import problems
from gateway.alarms import raise_alarm
from gateway.bills.checks import Check, insert_check
from gateway.bills.deliveries import Eport
from gateway.bills.numbering import new_txn_id
from gateway.bills.offers import limits, offer_of
from gateway.bills.steps import EPORT
from gateway.contract import CheckRefused, CheckRequest, Requisite
from gateway.eport.codec import Codec
from gateway.eport.messages import AccountRequest
from gateway.eport.operations import Operation
from gateway.idempotency import Finish, Reply
from gateway.money import Amount
from gateway.outcomes import EportOutcome, Verdict
from gateway.problems import ProblemError
from gateway.providers.product import Catalogue, Product
from gateway.providers.requisites import RequisiteFaults
from gateway.providers.requisites import check as check_requisites
from gateway.reasons import eport_reason
from gateway.times import from_ms
from spool import Breakers, CircuitState, Spool, Transaction

_log = logging.getLogger(__name__)
_RETRY_AFTER_SECONDS: Final = 5


@dataclass(frozen=True)
class _Question:
    """What the catalogue has let through."""

    product: Product
    catalogue_version: str
    requisites: tuple[tuple[str, str], ...]
    amount: Amount | None


class Checking:
    def __init__(  # noqa: PLR0913 - the parts that a check passes through
        self,
        *,
        spool: Spool,
        breakers: Breakers,
        eport: Eport,
        codec: Codec,
        catalogue: Callable[[], Catalogue],
        point: str,
        time_zone: ZoneInfo,
        valid_seconds: float,
        in_flight_limit: int,
    ) -> None:
        self._spool = spool
        self._breakers = breakers
        self._eport = eport
        self._codec = codec
        self._catalogue = catalogue
        self._point = point
        self._time_zone = time_zone
        self._valid = timedelta(seconds=valid_seconds)
        self._places = asyncio.Semaphore(in_flight_limit)

    async def check(self, terminal: str, request: CheckRequest) -> Finish:
        """Ask e-port; what is returned stores the offer, or says that there is none. Raises ProblemError."""
        question = question_of(self._catalogue(), request)
        if self._places.locked():
            raise ProblemError("overloaded", "too many checks are in flight", retry_after_seconds=1)
        async with self._places:
            check_id, outcome = await self._ask(terminal, question)
        _log.info(
            "check.answered",
            extra={
                "check_id": check_id,
                "terminal": terminal,
                "verdict": outcome.verdict,
                "result": outcome.result,
            },
        )
        return lambda tx: self._finish(tx, terminal, check_id, question, outcome)

    async def _ask(self, terminal: str, question: _Question) -> tuple[str, EportOutcome]:
        """One bank_account, never repeated. Its number is durable before it leaves."""
        if self._breakers.state(EPORT) is CircuitState.OPEN:
            raise _silent()
        check_id, message = await self._spool.write(lambda tx: self._message(tx, terminal, question))
        if not self._breakers.allow(EPORT):
            raise _silent()
        try:
            outcome = await self._eport.send(Operation.ACCOUNT, message, txn_id=check_id)
        except BaseException:
            self._breakers.unused(EPORT)
            raise
        (self._breakers.answered if outcome.spoke else self._breakers.unanswered)(EPORT)
        return check_id, outcome

    def _message(self, tx: Transaction, terminal: str, question: _Question) -> tuple[str, bytes]:
        check_id = new_txn_id(tx, self._time_zone)
        message = self._codec.build(
            AccountRequest(
                point=self._point,
                terminal=terminal,
                txn_id=check_id,
                txn_date=tx.now.astimezone(self._time_zone),
                product=question.product.id,
                requisites=question.requisites,
                sum=question.amount,
            )
        )
        return check_id, message

    def _finish(
        self, tx: Transaction, terminal: str, check_id: str, question: _Question, outcome: EportOutcome
    ) -> Reply:
        if outcome.alarm is not None:
            raise_alarm(
                tx, outcome.alarm, subject=check_id, detail=outcome.detail or f"result {outcome.result}"
            )
        if outcome.verdict is Verdict.REFUSED:
            return _refused(eport_reason(outcome.result), outcome.comment)
        if outcome.verdict is not Verdict.ACCEPTED:
            return _unanswered()
        check = self._accepted(tx, terminal, check_id, question, outcome)
        if check.minimum > check.maximum or not _within(check):
            return _refused("sum_outside_limits", outcome.comment)
        insert_check(tx, check)
        return Reply(200, offer_of(check).model_dump_json().encode())

    def _accepted(
        self, tx: Transaction, terminal: str, check_id: str, question: _Question, outcome: EportOutcome
    ) -> Check:
        minimum, maximum = limits(question.product, outcome)
        now = from_ms(tx.now_ms)
        return Check(
            check_id=check_id,
            terminal=terminal,
            product=question.product.id,
            provider=question.product.provider,
            catalogue_version=question.catalogue_version,
            requisites=question.requisites,
            fields=outcome.fields,
            amount=question.amount,
            minimum=minimum,
            maximum=maximum,
            debt=outcome.debt,
            fee_rule=question.product.fee_rule,
            offered_at=now,
            valid_until=now + self._valid,
        )


def question_of(catalogue: Catalogue, request: CheckRequest) -> _Question:
    """What the catalogue lets through, in the form that is sent. Raises ProblemError."""
    product = catalogue.product(request.product)
    if product is None:
        raise ProblemError("product_unknown", f"the catalogue has no product {request.product}")
    if catalogue.is_switched_off(product.id):
        raise ProblemError("provider_off", f"provider {product.provider} is switched off")
    return _Question(
        product, catalogue.version, _requisites(product, request.requisites), _amount(product, request)
    )


def _requisites(product: Product, given: Sequence[Requisite]) -> tuple[tuple[str, str], ...]:
    repeated = [code for code, times in Counter(one.code for one in given).items() if times > 1]
    if repeated:
        raise _invalid(dict.fromkeys(repeated, "repeated"))
    checked = check_requisites(product, {one.code: one.value for one in given})
    if isinstance(checked, RequisiteFaults):
        raise _invalid({code: fault.value for code, fault in checked.by_code.items()})
    return tuple(checked.items())


def _invalid(faults: Mapping[str, str]) -> ProblemError:
    errors = [{"path": f"requisites.{code}", "message": fault} for code, fault in sorted(faults.items())]
    return ProblemError("requisites_invalid", "the requisites break the product's rules", errors=errors)


def _amount(product: Product, request: CheckRequest) -> Amount | None:
    """The sum to be checked. A product with a fixed price needs none said."""
    price = None if product.price is None else product.price.amount()
    amount = price if request.amount is None else request.amount.amount()
    if amount is None:
        return None
    if price is not None and amount != price:
        raise ProblemError("amount_invalid", f"the product costs {price}")
    if not amount.minor or not product.takes(amount):
        raise ProblemError(
            "amount_invalid", f"the sum is from {product.minimum.amount()} to {product.maximum.amount()}"
        )
    return amount


def _within(check: Check) -> bool:
    return check.amount is None or check.minimum <= check.amount <= check.maximum


def _refused(reason: str, comment: str | None) -> Reply:
    return Reply(200, CheckRefused(reason=reason, comment=comment).model_dump_json().encode())


def _silent() -> ProblemError:
    return ProblemError(
        "eport_unavailable", "e-port does not answer now", retry_after_seconds=_RETRY_AFTER_SECONDS
    )


def _unanswered() -> Reply:
    detail = "e-port did not answer the check; nothing was taken. Check again with a new Idempotency-Key"
    document = problems.problem("check_unanswered", detail)
    return Reply(document.status, document.model_dump_json().encode())
