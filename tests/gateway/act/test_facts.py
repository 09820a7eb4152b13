from datetime import date

from gateway.act.facts import ActFacts, DayRegistry
from gateway.act.month import Month


def test_the_days_without_a_closed_registry_are_named() -> None:
    month = Month(2026, 2)
    registries = tuple(
        DayRegistry(day=day, registry_id=f"10001-DAY-{day:%Y%m%d}", sha256="0" * 64)
        for day in month.days()
        if day.day not in (3, 28)
    )
    facts = ActFacts(
        point="10001", month=month, days=(), registries=registries, adjustments=(), open_items=()
    )
    assert facts.open_days() == (date(2026, 2, 3), date(2026, 2, 28))
