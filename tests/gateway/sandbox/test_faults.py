"""Which request meets which fault: by rule, or by a seed that replays."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.faults import (
    SEEDED_OPERATIONS,
    Fault,
    FaultName,
    FaultPlan,
    Occasion,
    Position,
    Rule,
    Seeded,
    names_of,
)

CUT = Fault(FaultName.CUT, Position.AFTER)
PAYMENT = Occasion("eport", "bank_payment", "26112200000001234567", 1, "ATM00017", "7011234567")


@pytest.mark.parametrize(
    "fits",
    [
        {"wire": "eport"},
        {"operation": "bank_payment"},
        {"identifier": "26112200000001234567"},
        {"terminal": "ATM00017"},
        {"account": "7011234567"},
        {"operation": "bank_payment", "account": "7011234567"},
    ],
)
def test_a_rule_is_used_up_by_what_fits_it(fits: dict[str, str]) -> None:
    plan = FaultPlan([Rule(CUT, 2, **fits)])
    other = replace(PAYMENT, wire="card-host", operation="hold", identifier="x", terminal="x", account=None)
    assert [plan.choose(it) for it in (other, PAYMENT, PAYMENT, PAYMENT)] == [None, CUT, CUT, None]


def test_the_oldest_rule_that_fits_comes_first() -> None:
    other = replace(CUT, name=FaultName.SILENCE)
    plan = FaultPlan([Rule(other, terminal="ATM00099"), Rule(CUT), Rule(other)])
    assert [plan.choose(PAYMENT) for _ in range(3)] == [CUT, other, None]


occasions = st.builds(
    Occasion,
    st.sampled_from(["eport", "card-host"]),
    st.sampled_from(sorted(SEEDED_OPERATIONS)),
    st.text("0123456789", min_size=20, max_size=20),
    st.integers(1, 12),
)
seededs = st.builds(
    Seeded,
    st.integers(),
    st.floats(0, 0.999),
    st.frozensets(st.sampled_from(FaultName)),
    st.integers(0, 4),
)


@given(seededs, occasions)
def test_a_seed_chooses_the_same_whatever_clock_the_identifiers_began_at(
    seeded: Seeded, occasion: Occasion
) -> None:
    later = replace(occasion, identifier=f"{int(occasion.identifier) + 7_000_000:020d}")
    assert FaultPlan(seeded=seeded).choose(later) == FaultPlan(seeded=seeded).choose(occasion)


def test_the_second_payment_meets_a_fault_of_its_own() -> None:
    plan = FaultPlan(seeded=Seeded(1, 0.5, frozenset(FaultName)))
    one_by_one = [plan.choose(Occasion("eport", "bank_payment", f"{n:020d}", 1)) for n in range(40)]
    assert len(set(one_by_one)) > 5
    assert None in one_by_one


@given(seededs, occasions)
def test_no_identifier_meets_more_than_its_share(seeded: Seeded, occasion: Occasion) -> None:
    chosen = [seeded.choose(replace(occasion, attempt=number)) for number in range(1, 40)]
    assert sum(fault is not None for fault in chosen) <= seeded.at_most
    allowed = seeded.names & SEEDED_OPERATIONS[occasion.operation]
    assert {fault.name for fault in chosen if fault} <= allowed


def test_a_seed_spreads_over_names_and_positions_at_its_rate() -> None:
    seeded = Seeded(7, 0.3, frozenset(FaultName))
    chosen = [seeded.choose(replace(PAYMENT, identifier=f"{number:020d}")) for number in range(4000)]
    met = Counter((fault.name, fault.position) for fault in chosen if fault)
    assert 1100 < sum(met.values()) < 1300
    assert len(met) == len(FaultName) * len(Position)
    assert chosen != [
        Seeded(8, 0.3, frozenset(FaultName)).choose(replace(PAYMENT, identifier=f"{number:020d}"))
        for number in range(4000)
    ]


def test_a_seed_never_refuses_what_a_person_would_have_to_decide() -> None:
    always = Seeded(1, 0.999, frozenset({FaultName.REFUSE, FaultName.FIVE_XX}), at_most=9)
    for operation in ("capture", "reversal", "echo"):
        occasion = Occasion("card-host", operation, "632600001234", 1)
        assert [always.choose(replace(occasion, attempt=n)) for n in range(1, 9)] == [None] * 8


def test_a_rate_that_leaves_no_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="a repeat must have a chance"):
        Seeded(1, 1.0, frozenset(FaultName))


def test_names_are_read_as_a_person_types_them() -> None:
    assert names_of(["silence", "5xx"]) == {FaultName.SILENCE, FaultName.FIVE_XX}
    with pytest.raises(ValueError, match="thunder"):
        names_of(["thunder"])
