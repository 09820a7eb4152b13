"""What the customers of a campaign of links do is a function of its seed; what people were told is held against the ledger."""

from itertools import islice
from typing import Any

import pytest

from agent.demo.transfers.comparison import contradictions
from agent.demo.transfers.shoppers import Course, purchases
from agent.demo.transfers.shopping import Shopped
from agent.journeys.bill import Ending
from agent.journeys.merchant_sale import Ending as SaleEnding
from gateway.money import Amount
from gateway.sandbox.transfer_books import PlatformRow

E2E = "AAA20261122abcdefghijklm"


def test_a_seed_gives_the_same_purchases_and_another_seed_others() -> None:
    first, again, other = (list(islice(purchases(seed=seed), 20)) for seed in (3, 3, 4))
    assert first == again != other


def test_every_course_is_taken_and_no_sum_is_outlandish() -> None:
    some = list(islice(purchases(seed=1), 300))
    assert {one.course for one in some} == set(Course)
    assert all(10_000 <= Amount.parse(one.sum).minor <= 5_000_000 for one in some)


class Said:
    """As much of a record as the comparison reads."""

    def __init__(self, outcome: Any, chain: str | None = E2E) -> None:
        self.outcome = outcome
        self.journey_id = self.sale_id = "1"
        self.view = None if chain is None else self
        self.end_to_end_id = chain


@pytest.mark.parametrize(
    ("state", "customer", "merchant", "told"),
    [
        ("SETTLED", Ending.PAID, SaleEnding.PAID, 0),
        ("SETTLED", Ending.IN_PROCESSING, SaleEnding.DOUBTFUL, 0),
        ("SETTLED", Ending.NOTHING_TAKEN, SaleEnding.PAID, 1),
        ("SETTLED", Ending.PAID, SaleEnding.CANCELLED, 1),
        ("REJECTED", Ending.PAID, SaleEnding.PAID, 2),
        ("REJECTED", Ending.BEING_UNBLOCKED, SaleEnding.CANCELLED, 0),
        (None, Ending.PAID, SaleEnding.EXPIRED, 1),
        (None, Ending.NOTHING_TAKEN, SaleEnding.PAID_LATE, 1),
    ],
)
def test_what_the_platform_rules_out_is_a_contradiction(
    state: str | None, customer: Ending, merchant: SaleEnding, told: int
) -> None:
    rows = [] if state is None else [PlatformRow("T", E2E, "AAA", "BBB", 100, state)]
    shopped: Any = Shopped(Said(merchant), [Said(customer)])  # type: ignore[arg-type, list-item]  # as much of both as is read
    assert len(list(contradictions(rows, [shopped]))) == told
