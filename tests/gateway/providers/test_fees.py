import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract import FeeRule, Money
from gateway.money import Amount
from gateway.providers import fees
from gateway.providers.fees import fee_for


def rule(percent_hundredths: int = 0, minimum: int = 0, maximum: int | None = None) -> FeeRule:
    return FeeRule(
        percent_hundredths=percent_hundredths,
        minimum=Money(amount_minor=minimum),
        maximum=None if maximum is None else Money(amount_minor=maximum),
    )


def test_examples_in_the_docstring_hold():
    assert doctest.testmod(fees).failed == 0


@pytest.mark.parametrize(
    ("amount", "of", "fee"),
    [
        ("1500.00", rule(), "0.00"),
        ("1500.00", rule(300), "45.00"),  # the example of PROTOCOLS §2.1
        ("0.49", rule(100), "0.00"),
        ("0.50", rule(100), "0.01"),  # half a tiyn goes up
        ("33.33", rule(150), "0.50"),
        ("33.34", rule(150), "0.50"),
        ("100.00", rule(200, minimum=5000), "50.00"),
        ("2500.00", rule(200, minimum=5000, maximum=50000), "50.00"),
        ("2500.50", rule(200, minimum=5000, maximum=50000), "50.01"),
        ("99999.00", rule(200, minimum=5000, maximum=50000), "500.00"),
        ("1.00", rule(0, minimum=10000, maximum=10000), "100.00"),  # always the same
        ("9999999999999.99", rule(10), "10000000000.00"),
    ],
)
def test_a_fee_is_percent_half_up_then_its_limits(amount, of, fee):
    assert str(fee_for(Amount.parse(amount), of)) == fee


@given(
    minor=st.integers(1, 10**12),
    percent=st.integers(0, 10_000),
    minimum=st.integers(0, 10**6),
    spread=st.integers(0, 10**6),
)
def test_a_fee_is_within_half_a_tiyn_of_its_percent_or_at_a_limit(minor, percent, minimum, spread):
    fee = fee_for(Amount(minor), rule(percent, minimum, minimum + spread)).minor
    exact = Fraction(minor * percent, 10_000)
    assert minimum <= fee <= minimum + spread
    assert fee in (minimum, minimum + spread) or -Fraction(1, 2) <= exact - fee < Fraction(1, 2)
