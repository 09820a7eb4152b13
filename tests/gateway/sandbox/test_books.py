"""Three books side by side: what counts as a difference, what as honest doubt."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.books import CardRow, Comparison, Difference, EportRow, GatewayRow, compare

OURS = GatewayRow(
    "0192…", "ATM00017", "PAID", "26112200000001234567", "632600001234", 1500_00, 45_00, 1545_00, "900000417"
)
THEIRS = EportRow(
    "26112200000001234567",
    "10001",
    "ATM00017",
    "beeline-kz",
    "7011234567",
    1500_00,
    45_00,
    1545_00,
    "632600001234",
    "ACCEPTED",
    "900000417",
)
CARD = CardRow("632600001234", "ATM00017", held=0, captured=1545_00, released=0, response_code="00")
HELD = replace(CARD, held=1545_00, captured=0)
RELEASED = replace(CARD, captured=0, released=1545_00)
DECLINED = CardRow("632600001234", "ATM00017", 0, 0, 0, "51")

CARDS = {"captured": CARD, "held": HELD, "released": RELEASED, "declined": DECLINED, "nothing": None}
STATUSES = ("ACCEPTED", "PENDING", "REFUSED", "CANCELLED", None)
STATES = ("HOLDING", "PAYING", "PENDING", "UNRESOLVED", "PAID", "RELEASING", "RELEASED", "REFUSED")


def _compare(state: str | None, status: str | None, card: CardRow | None) -> Comparison:
    return compare(
        [] if state is None else [replace(OURS, state=state)],
        [] if status is None else [replace(THEIRS, status=status)],
        [] if card is None else [card],
    )


# gateway's state: what the other two books may say beside it, and whether something is still to come
DOUBT = {(status, "held") for status in STATUSES}
WITHOUT = {"REFUSED", "CANCELLED", None}
AGREES: dict[str, tuple[set[tuple[str | None, str]], bool]] = {
    "HOLDING": ({(None, card) for card in ("held", "declined", "released", "nothing")}, True),
    "PAYING": (DOUBT, True),
    "PENDING": (DOUBT, True),
    "UNRESOLVED": (DOUBT, True),
    "PAID": ({("ACCEPTED", "captured")}, False),
    "RELEASING": (set(product(WITHOUT, ("held", "released", "declined", "nothing"))), True),
    "RELEASED": (set(product(WITHOUT, ("released", "declined", "nothing"))), False),
    "REFUSED": (set(product(WITHOUT, ("released", "declined", "nothing"))), False),
}


@pytest.mark.parametrize("state", STATES)
def test_the_whole_cross_product_of_one_payment(state: str) -> None:
    agrees, is_open = AGREES[state]
    for status, (card_name, card) in product(STATUSES, CARDS.items()):
        comparison = _compare(state, status, card)
        waits_for_capture = (state, status, card_name) == ("PAID", "ACCEPTED", "held")
        assert comparison.agree is ((status, card_name) in agrees or waits_for_capture), (status, card_name)
        if comparison.agree:
            assert comparison.open == (is_open or waits_for_capture)


@pytest.mark.parametrize(
    ("state", "status", "card", "kind"),
    [
        ("PAID", None, CARD, Difference.LOST),
        (None, "ACCEPTED", None, Difference.LOST),
        (None, None, HELD, Difference.LOST),
        ("HOLDING", "ACCEPTED", HELD, Difference.LOST),
        ("PENDING", None, RELEASED, Difference.LOST),
        ("RELEASED", "ACCEPTED", RELEASED, Difference.RELEASED_WHILE_PROVIDER_HAS_IT),
        ("REFUSED", "PENDING", DECLINED, Difference.RELEASED_WHILE_PROVIDER_HAS_IT),
        ("PENDING", "PENDING", RELEASED, Difference.RELEASED_WHILE_PROVIDER_HAS_IT),
        ("PAID", "ACCEPTED", RELEASED, Difference.RELEASED_WHILE_PROVIDER_HAS_IT),
        ("PAID", "REFUSED", CARD, Difference.CAPTURED_WITHOUT_PAYMENT),
        ("PAID", "CANCELLED", HELD, Difference.CAPTURED_WITHOUT_PAYMENT),
        ("PENDING", "ACCEPTED", CARD, Difference.CAPTURED_WITHOUT_PAYMENT),
        ("RELEASED", None, HELD, Difference.HELD_WITHOUT_PAYMENT),
        ("REFUSED", None, HELD, Difference.HELD_WITHOUT_PAYMENT),
    ],
)
def test_each_difference_has_its_name(
    state: str | None, status: str | None, card: CardRow | None, kind: Difference
) -> None:
    (line,) = _compare(state, status, card).lines
    assert kind in {finding.kind for finding in line.findings}


def test_a_second_payment_at_the_provider_is_doubled() -> None:
    again = replace(THEIRS, txn_id="26112200000009999999", eport_id="900000418")
    comparison = compare([OURS], [THEIRS, again], [CARD])
    assert comparison.differences[Difference.DOUBLED] == 1
    assert comparison.differences[Difference.IDENTIFIERS_DIFFER] == 2
    assert len(comparison.lines) == 1


def test_one_rrn_for_two_payments_is_doubled() -> None:
    twin = replace(OURS, payment_id="0193…", txn_id="26112200000009999999")
    assert compare([OURS, twin], [THEIRS], [CARD]).differences[Difference.DOUBLED] == 1


@pytest.mark.parametrize(
    ("theirs", "card"),
    [
        (replace(THEIRS, sum=1500_01, total=1545_01), CARD),
        (replace(THEIRS, fee=44_00, total=1544_00), CARD),
        (THEIRS, replace(CARD, captured=1545_01)),
    ],
)
def test_another_amount_is_told_by_both_sides(theirs: EportRow, card: CardRow) -> None:
    comparison = compare([OURS], [theirs], [card])
    assert set(comparison.differences) == {Difference.AMOUNT_DIFFERS}
    assert "gateway" in comparison.lines[0].findings[0].says


@pytest.mark.parametrize(
    "change", [{"terminal": "ATM00018"}, {"rrn": "632600001235"}, {"eport_id": "900000999"}]
)
def test_other_identifiers_are_told(change: dict[str, str]) -> None:
    assert set(compare([OURS], [replace(THEIRS, **change)], [CARD]).differences) == {
        Difference.IDENTIFIERS_DIFFER
    }


def test_an_eport_id_that_nobody_told_us_is_no_difference() -> None:
    assert compare([replace(OURS, eport_id=None)], [THEIRS], [CARD]).agree


def test_a_rule_that_the_card_host_saw_broken_is_a_difference() -> None:
    comparison = compare([OURS], [THEIRS], [replace(CARD, violations=("hold_repeated",))])
    assert set(comparison.differences) == {Difference.RULE_BROKEN}


def test_a_line_says_what_each_book_has() -> None:
    (line,) = compare([OURS], [THEIRS], [CARD]).lines
    assert line.says == "gateway: PAID; e-port: ACCEPTED; card host: captured 154500"
    (line,) = compare([replace(OURS, state="REFUSED")], [], [DECLINED]).lines
    assert line.says == "gateway: REFUSED; e-port: nothing; card host: no hold (51)"


ENDS = {
    "PAID": ("ACCEPTED", CARD),
    "RELEASED": ("REFUSED", RELEASED),
    "REFUSED": (None, DECLINED),
    "PENDING": ("ACCEPTED", HELD),
}


def _books(states: list[str]) -> tuple[list[GatewayRow], list[EportRow], list[CardRow]]:
    ours, theirs, cards = [], [], []
    for number, state in enumerate(states):
        names = {"txn_id": f"261122{number:014d}", "rrn": f"6326{number:08d}"}
        status, card = ENDS[state]
        ours.append(replace(OURS, payment_id=str(number), state=state, **names))
        theirs += [] if status is None else [replace(THEIRS, status=status, **names)]
        cards.append(replace(card, rrn=names["rrn"]))
    return ours, theirs, cards


@given(states=st.lists(st.sampled_from(sorted(ENDS)), max_size=12), data=st.data())
def test_books_that_agree_agree_in_any_order(states: list[str], data: st.DataObject) -> None:
    books = _books(states)
    shuffled = [data.draw(st.permutations(book)) for book in books]
    comparison = compare(*shuffled)
    assert comparison.agree
    assert len(comparison.lines) == len(states)
    assert comparison.open == states.count("PENDING")


MISSING = {
    0: {Difference.LOST},
    1: {Difference.LOST, Difference.CAPTURED_WITHOUT_PAYMENT},
    2: {Difference.RELEASED_WHILE_PROVIDER_HAS_IT},
}


@given(payments=st.integers(1, 8), book=st.sampled_from(sorted(MISSING)), data=st.data())
def test_a_row_that_is_missing_from_one_book_is_found(payments: int, book: int, data: st.DataObject) -> None:
    books = _books(["PAID"] * payments)
    del books[book][data.draw(st.integers(0, payments - 1))]
    comparison = compare(*books)
    assert set(comparison.differences) == MISSING[book]
    assert len([line for line in comparison.lines if line.findings]) == 1


@given(payments=st.integers(1, 8), book=st.integers(0, 2), data=st.data())
def test_a_row_that_is_doubled_in_one_book_is_found(payments: int, book: int, data: st.DataObject) -> None:
    books = _books(["PAID"] * payments)
    books[book].append(books[book][data.draw(st.integers(0, payments - 1))])
    comparison = compare(*books)
    assert Difference.DOUBLED in comparison.differences
    assert len([line for line in comparison.lines if line.findings]) == 1


@given(
    st.lists(st.builds(GatewayRow, *[st.text(max_size=2)] * 2, st.sampled_from(STATES), *[st.text(max_size=2)] * 2, *[st.integers(0, 3)] * 3)),
    st.lists(st.builds(EportRow, *[st.text(max_size=2)] * 5, *[st.integers(0, 3)] * 3, st.text(max_size=2), st.sampled_from(STATUSES[:4]))),
    st.lists(st.builds(CardRow, *[st.text(max_size=2)] * 2, *[st.integers(0, 3)] * 3)),
)  # fmt: skip
def test_no_row_is_forgotten(ours: list[GatewayRow], theirs: list[EportRow], cards: list[CardRow]) -> None:
    lines = compare(ours, theirs, cards).lines
    assert sum(len(line.gateway) for line in lines) == len(ours)
    assert sum(len(line.eport) for line in lines) == len(theirs)
    assert sum(len(line.cards) for line in lines) == len(cards)
