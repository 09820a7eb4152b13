from dataclasses import replace
from datetime import date

import pytest

from gateway.act.composed import Naming, OpenDaysError, composed
from gateway.act.document import Act, Sums, written
from gateway.act.facts import ActFacts


def test_its_sums_are_those_of_the_closed_days_and_the_adjustments(act: Act, facts: ActFacts) -> None:
    for place, name in enumerate(("count", "sum_minor", "fee_minor")):
        expected = sum(getattr(row, name) for row in (*facts.days, *facts.adjustments))
        assert (act.accepted.count, act.accepted.sum, act.accepted.fee)[place] == expected


def test_each_provider_has_its_days_its_corrections_and_both(act: Act) -> None:
    line = next(line for line in act.providers if line.provider == "kokzhiek-mobile")
    assert line.adjusted == Sums(count=0, sum=-129_950, fee=-4_500)
    assert line.accepted == line.closed + line.adjusted
    assert [one.provider for one in act.providers] == ["beeline-kz", "kokzhiek-mobile", "samal-internet"]


def test_an_empty_day_stands_in_it_with_its_registry(act: Act) -> None:
    sunday = next(day for day in act.days if day.day == date(2026, 10, 4))
    assert sunday.providers == ()
    assert sunday.registry_id == "10001-DAY-307"


def test_a_month_with_open_days_is_refused_and_they_are_named(facts: ActFacts, naming: Naming) -> None:
    with pytest.raises(OpenDaysError, match="2026-10-01, 2026-10-31") as refused:
        composed(replace(facts, registries=facts.registries[1:-1]), naming)
    assert refused.value.days == (date(2026, 10, 1), date(2026, 10, 31))


def test_a_provider_that_left_the_catalogue_is_called_by_its_code(act: Act) -> None:
    assert act.providers[0].title.kk == "beeline-kz"


def test_a_month_without_any_payment_has_an_act(empty: ActFacts, naming: Naming) -> None:
    act = composed(empty, naming)
    assert act.providers == ()
    assert act.accepted == Sums()


def test_the_same_facts_give_the_same_bytes_whatever_the_catalogue_says_since(
    act: Act, facts: ActFacts, naming: Naming
) -> None:
    assert written(composed(facts, naming)) == written(act)
    renamed = replace(naming, titles={})
    assert written(composed(facts, renamed)) != written(act)
    assert written(composed(facts, Naming.of(act))) == written(act)
