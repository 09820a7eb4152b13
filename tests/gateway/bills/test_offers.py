from importlib.resources import files
from pathlib import Path

import pytest

from gateway.bills.offers import differences, limits, offer_of
from gateway.contract import CardInput, Money, PaymentRequest
from gateway.money import LARGEST_MINOR, Amount
from gateway.outcomes import EportOutcome, Verdict
from gateway.providers.catalogue import load_catalogue


def request(amount: str, fee: str, total: str) -> PaymentRequest:
    sums = {
        name: Money.of(Amount.parse(text))
        for name, text in (("amount", amount), ("fee", fee), ("total", total))
    }
    return PaymentRequest(check_id="26112200000000000001", card=CardInput(), **sums)


def test_a_payment_as_offered_differs_in_nothing(an_offer) -> None:
    assert differences(an_offer(), request("1500.00", "45.00", "1545.00")) == []


@pytest.mark.parametrize(
    ("sums", "says"),
    [
        (("1500.01", "45.00", "1545.01"), "1500.00 was checked"),
        (("1500.00", "45.01", "1545.01"), "45.00 is due"),
        (("1500.00", "45.00", "1545.01"), "1500.00 + 45.00 is due"),
    ],
)
def test_each_difference_is_told(an_offer, sums, says) -> None:
    (difference,) = differences(an_offer(), request(*sums))
    assert says in difference


@pytest.mark.parametrize("amount", ["99.99", "50000.01", "0.00"])
def test_an_open_sum_has_limits(an_offer, amount) -> None:
    differs = differences(an_offer(amount=None, minimum=Amount(0)), request(amount, "0.00", amount))
    assert any("was offered" in one for one in differs) == (amount != "99.99")
    assert any(
        "was offered" in one for one in differences(an_offer(amount=None), request(amount, "0.00", amount))
    )


def test_a_sum_beyond_the_wire_is_a_difference_and_not_a_failure(an_offer) -> None:
    most = str(Amount(LARGEST_MINOR))
    assert differences(an_offer(amount=None), request(most, most, most))


def test_an_offer_without_a_sum_leaves_fee_and_total_to_its_rule(an_offer) -> None:
    offer = offer_of(an_offer(amount=None))
    assert (offer.amount, offer.fee, offer.total) == (None, None, None)
    offer = offer_of(an_offer())
    assert (offer.fee, offer.total) == (Money(amount_minor=4500), Money(amount_minor=154500))


def test_limits_are_the_narrower_of_catalogue_and_e_port() -> None:
    catalogue = load_catalogue(Path(str(files("gateway.providers") / "demo.toml")))
    product = catalogue.products[0].model_copy(
        update={"minimum": Money(amount_minor=100), "maximum": Money(amount_minor=900)}
    )
    accepted = EportOutcome(Verdict.ACCEPTED, 0)
    assert limits(product, accepted) == (Amount(100), Amount(900))
    narrower = EportOutcome(Verdict.ACCEPTED, 0, min_sum=Amount(200), max_sum=Amount(5000))
    assert limits(product, narrower) == (Amount(200), Amount(900))
