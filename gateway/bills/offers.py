"""What an accepted check offers, and whether a payment is what was offered."""

from collections.abc import Iterator

from gateway.bills.checks import Check
from gateway.contract import Money, Offer, OfferField, PaymentRequest
from gateway.money import Amount, NotAnAmountError
from gateway.outcomes import EportOutcome
from gateway.providers.fees import fee_for
from gateway.providers.product import Product


def limits(product: Product, outcome: EportOutcome) -> tuple[Amount, Amount]:
    """The smallest and the largest sum that both the catalogue and e-port allow."""
    smallest, largest = product.minimum.amount(), product.maximum.amount()
    return max(smallest, outcome.min_sum or smallest), min(largest, outcome.max_sum or largest)


def offer_of(check: Check) -> Offer:
    """The check as its terminal sees it. With a sum, the fee and the total follow."""
    fee = None if check.amount is None else fee_for(check.amount, check.fee_rule)
    return Offer(
        check_id=check.check_id,
        product=check.product,
        catalogue_version=check.catalogue_version,
        fields=[OfferField(name=name, title=title, value=value) for name, title, value in check.fields],
        debt=_money(check.debt),
        minimum=Money.of(check.minimum),
        maximum=Money.of(check.maximum),
        amount=_money(check.amount),
        fee_rule=check.fee_rule,
        fee=_money(fee),
        total=None if fee is None or check.amount is None else Money.of(check.amount + fee),
        valid_until=check.valid_until,
    )


def differences(check: Check, request: PaymentRequest) -> list[str]:
    """What of the payment was not offered, each in a sentence; empty: nothing (PROTOCOLS §1)."""
    return list(_differences(check, request))


def _differences(check: Check, request: PaymentRequest) -> Iterator[str]:
    amount, fee = request.amount.amount(), request.fee.amount()
    if check.amount is not None and amount != check.amount:
        yield f"amount is {amount}, and {check.amount} was checked"
    if not check.minimum <= amount <= check.maximum or not amount.minor:
        yield f"amount is {amount}, and {check.minimum} to {check.maximum} was offered"
    if fee != (due := fee_for(amount, check.fee_rule)):
        yield f"fee is {fee}, and {due} is due"
    if request.total.amount() != _sum(amount, fee):
        yield f"total is {request.total.amount()}, and {amount} + {fee} is due"


def _sum(amount: Amount, fee: Amount) -> Amount | None:
    try:
        return amount + fee
    except NotAnAmountError:
        return None


def _money(amount: Amount | None) -> Money | None:
    return None if amount is None else Money.of(amount)
