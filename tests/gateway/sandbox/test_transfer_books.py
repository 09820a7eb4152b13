"""Three books of one transfer: what agrees, what is open, and every difference by its name."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.sandbox.books import CardRow
from gateway.sandbox.transfer_books import (
    BankBooks,
    CreditRow,
    OrderRow,
    PlatformRow,
    TransferComparison,
    compare_transfers,
)
from gateway.sandbox.transfer_books import TransferDifference as Differs

PAID = OrderRow("T1", "settled", 100, "ATM1", "R1")
TAKEN = OrderRow("T1", "settled", 100, "POS1", "R2")
DEBIT = CardRow("R1", "ATM1", held=0, captured=100, released=0, response_code="00")
HELD = replace(DEBIT, held=100, captured=0)
FREED = replace(DEBIT, captured=0, released=100)
CREDIT = CreditRow("R2", "POS1", 100)
SETTLED = PlatformRow("T1", "E1", "AAA", "BBB", 100, "SETTLED")
COMMITTED = replace(SETTLED, state="COMMITTED")
REJECTED = replace(SETTLED, state="REJECTED", reason="AC04")


def books(
    payer: Any = PAID, hold: Any = DEBIT, platform: Any = SETTLED, payee: Any = TAKEN, credit: Any = CREDIT
) -> TransferComparison:
    """One transfer; None leaves a book empty, a tuple gives it several rows."""

    def rows(one: Any) -> tuple[Any, ...]:
        return () if one is None else one if isinstance(one, tuple) else (one,)

    return compare_transfers(
        BankBooks(rows(payer), holds=rows(hold)),
        rows(platform),
        BankBooks(rows(payee), credits=rows(credit)),
    )


def ends(order: OrderRow, ending: str) -> OrderRow:
    return replace(order, ending=ending)


@pytest.mark.parametrize(
    ("comparison", "waits"),
    [
        pytest.param(books(), 0, id="settled"),
        pytest.param(books(replace(PAID, fee=5), replace(DEBIT, captured=105)), 0, id="settled with a fee"),
        pytest.param(
            books(ends(PAID, "rejected"), FREED, REJECTED, ends(TAKEN, "rejected"), None), 0, id="rejected"
        ),
        pytest.param(
            books(ends(PAID, "rejected"), FREED, REJECTED, None, None), 0, id="never at the payee's"
        ),
        pytest.param(books(ends(PAID, "open"), HELD, COMMITTED), 1, id="the payer is still to be told"),
        pytest.param(books(ends(PAID, "open"), HELD, None, None, None), 1, id="the order is on its way"),
        pytest.param(books(None, replace(HELD, rrn="BILL"), None, None, None), 0, id="a bill's hold"),
    ],
)
def test_books_that_agree(comparison: TransferComparison, waits: int) -> None:
    assert (comparison.differences, comparison.open) == ({}, waits)


@pytest.mark.parametrize(
    ("comparison", "difference"),
    [
        (books(platform=None, hold=None, payer=None, credit=None), Differs.LOST),
        (books(payee=None, credit=None), Differs.LOST),
        (books(credit=(CREDIT, CREDIT)), Differs.DOUBLED),
        (books(hold=(DEBIT, DEBIT)), Differs.DOUBLED),
        (books(platform=REJECTED), Differs.DEBIT_WITHOUT_COMMIT),
        (books(platform=COMMITTED), Differs.DEBIT_WITHOUT_COMMIT),
        (books(platform=REJECTED), Differs.CREDIT_WITHOUT_COMMIT),
        (books(payee=None), Differs.CREDIT_WITHOUT_COMMIT),
        (books(credit=None), Differs.SETTLED_WITHOUT_CREDIT),
        (books(hold=FREED), Differs.RELEASED_WHILE_COMMITTED),
        (books(hold=HELD), Differs.HELD_AFTER_THE_END),
        (books(credit=replace(CREDIT, amount=99)), Differs.AMOUNT_DIFFERS),
        (books(hold=replace(DEBIT, captured=99)), Differs.AMOUNT_DIFFERS),
        (books(payer=ends(PAID, "rejected"), hold=FREED), Differs.ENDINGS_DIFFER),
        (books(platform=COMMITTED), Differs.ENDINGS_DIFFER),
        (books(credit=replace(CREDIT, violations=("credit_changed",))), Differs.RULE_BROKEN),
    ],
)
def test_every_difference_has_a_name(comparison: TransferComparison, difference: Differs) -> None:
    assert difference in comparison.differences
    assert not comparison.agree


def test_every_difference_is_named_by_a_test() -> None:
    mark = next(iter(test_every_difference_has_a_name.pytestmark))
    assert {difference for _, difference in mark.args[1]} == set(Differs)


def test_a_line_says_what_each_book_says() -> None:
    (line,) = books().lines
    assert line.says == "payer's card host: captured 100; platform: SETTLED; payee's card host: credited 100"


def test_a_fee_that_was_not_captured_is_a_difference() -> None:
    assert set(books(replace(PAID, fee=5)).differences) == {Differs.AMOUNT_DIFFERS}
