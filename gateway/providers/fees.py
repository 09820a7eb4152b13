"""The fee on top of a sum (PROTOCOLS §9).

>>> from gateway.contract import Money
>>> three_percent = FeeRule(percent_hundredths=300, minimum=Money(amount_minor=5000))
>>> fee_for(Amount.parse("1500.00"), three_percent)
Amount(minor=5000, currency='KZT')
"""

from gateway.contract import FeeRule
from gateway.money import Amount

_ONE = 10_000  # a whole in hundredths of a percent


def fee_for(amount: Amount, rule: FeeRule) -> Amount:
    """Percent of the sum, half up to one tiyn, then not below the minimum nor above the maximum."""
    percent = (amount.minor * rule.percent_hundredths + _ONE // 2) // _ONE
    fee = max(percent, rule.minimum.amount_minor)
    if rule.maximum is not None:
        fee = min(fee, rule.maximum.amount_minor)
    return Amount(fee, amount.currency)
