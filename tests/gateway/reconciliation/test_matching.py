"""The seven classes, the order in which they are tried, and a merge that leaves nobody out."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reconciliation.decision_rules import CONSEQUENCES, Decision, allowed
from gateway.reconciliation.matching import AGREED, Class, Line, NotSortedError, Ours, match, same_content

DAY, BEFORE, AFTER = date(2026, 11, 22), date(2026, 11, 21), date(2026, 11, 23)
OURS = Ours(
    txn_id="26112200000000000001",
    payment_id="p1",
    state="PAID",
    day=DAY,
    provider="beeline",
    product="beeline-kz",
    account="7011234567",
    rrn="632600000001",
    sum_minor=150_000,
    fee_minor=4_500,
)
LINE = Line(
    txn_id=OURS.txn_id,
    eport_id="900000001",
    provider="beeline",
    product="beeline-kz",
    account="7011234567",
    rrn="632600000001",
    sum_minor=150_000,
    fee_minor=4_500,
)

# fmt: off
CLASSES = (
    # ours                                        line                                      class              differs
    (OURS,                                        LINE,                                     Class.MATCHED,     ()),
    (OURS,                                        replace(LINE, sum_minor=150_001),         Class.AMOUNT_DIFF, ("sum_minor",)),
    (OURS,                                        replace(LINE, fee_minor=0),               Class.AMOUNT_DIFF, ("fee_minor",)),
    (replace(OURS, state="RELEASED", day=None),   replace(LINE, fee_minor=0),               Class.AMOUNT_DIFF, ("fee_minor", "status")),
    (replace(OURS, state="RELEASED", day=None),   LINE,                                     Class.STATUS_DIFF, ("status",)),
    (replace(OURS, state="UNRESOLVED", day=None), LINE,                                     Class.STATUS_DIFF, ("status",)),
    (OURS,                                        replace(LINE, product="kcell-kz"),        Class.STATUS_DIFF, ("product",)),
    (OURS,                                        replace(LINE, account="7011234568"),      Class.STATUS_DIFF, ("account",)),
    (OURS,                                        replace(LINE, rrn="632600000002"),        Class.STATUS_DIFF, ("rrn",)),
    (OURS,                                        None,                                     Class.ONLY_BANK,   ()),
    (None,                                        LINE,                                     Class.ONLY_EPORT,  ()),
    (None,                                        replace(LINE, twin="26112200000000000009"), Class.DUPLICATE, ()),
    (OURS,                                        replace(LINE, twin="26112200000000000009"), Class.MATCHED,   ()),
    (OURS,                                        replace(LINE, listed_before=BEFORE),      Class.DUPLICATE,   ()),
    (None,                                        replace(LINE, listed_before=BEFORE),      Class.DUPLICATE,   ()),
    (replace(OURS, counted=True),                 LINE,                                     Class.DUPLICATE,   ()),
    (replace(OURS, counted=True),                 None,                                     Class.DAY_SHIFT,   ()),
    (replace(OURS, day=AFTER),                    LINE,                                     Class.DAY_SHIFT,   ()),
    (replace(OURS, listed_on=AFTER),              None,                                     Class.DAY_SHIFT,   ()),
)
# fmt: on


@pytest.mark.parametrize(("ours", "line", "kind", "differs"), CLASSES)
def test_what_both_sides_say_has_one_class(ours, line, kind, differs) -> None:
    (found,) = match(DAY, [ours] if ours else [], [line] if line else [])
    assert (found.kind, found.differs) == (kind, differs)
    assert found.txn_id == OURS.txn_id
    assert found.provider == "beeline"


def test_every_class_was_met() -> None:
    assert {kind for _, _, kind, _ in CLASSES} == set(Class)


def test_another_terminal_is_no_other_payment() -> None:
    assert same_content(OURS, LINE)
    assert not same_content(OURS, replace(LINE, fee_minor=1))


NUMBERS = st.lists(st.integers(1, 40), unique=True).map(sorted)


@settings(max_examples=60)
@given(NUMBERS, NUMBERS)
def test_the_merge_is_the_join_of_both_sides(ours, lines) -> None:
    name = "261122{:014d}".format
    found = list(
        match(
            DAY,
            [replace(OURS, txn_id=name(n)) for n in ours],
            [replace(LINE, txn_id=name(n)) for n in lines],
        )
    )
    assert [one.txn_id for one in found] == [name(n) for n in sorted({*ours, *lines})]
    both, we, they = set(ours) & set(lines), set(ours) - set(lines), set(lines) - set(ours)
    expected = {Class.MATCHED: len(both), Class.ONLY_BANK: len(we), Class.ONLY_EPORT: len(they)}
    assert Counter(one.kind for one in found) == Counter(expected)


@pytest.mark.parametrize("second", [OURS.txn_id, "26112200000000000000"])
def test_a_stream_that_is_not_sorted_is_an_error_of_ours(second) -> None:
    with pytest.raises(NotSortedError):
        list(match(DAY, [OURS, replace(OURS, txn_id=second)], []))


def test_a_stream_is_read_no_further_than_it_was_asked_for() -> None:
    def endless():
        for n, line in enumerate(repeat(LINE)):
            yield replace(line, txn_id=f"261122{n:014d}")

    found = list(islice(match(DAY, [], endless()), 3))
    assert {one.kind for one in found} == {Class.ONLY_EPORT}


def test_every_difference_can_be_decided_and_nothing_else() -> None:
    assert {kind for kind, _ in CONSEQUENCES} == set(Class) - AGREED
    assert Decision.EXPLAINED not in {decision for _, decision in CONSEQUENCES}
    for kind in set(Class) - AGREED:
        assert allowed(kind, is_open=True)
        assert allowed(kind, is_open=False)
        assert set(allowed(kind, is_open=False)).isdisjoint({Decision.SETTLE, Decision.RELEASE})


def test_what_only_eport_knows_never_touches_a_payment() -> None:
    assert [follows.event for (kind, _), follows in CONSEQUENCES.items() if kind is Class.ONLY_EPORT] == [
        None,
        None,
    ]
