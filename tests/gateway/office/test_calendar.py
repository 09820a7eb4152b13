from datetime import date

from gateway.act.month import Month
from gateway.office.calendar import weeks

MONTH = Month(2026, 11)  # its 1st is a Sunday


def _item(day: int, *, state: str = "open", differences: int = 0, open_cases: int = 0) -> dict:
    return {"day": f"2026-11-{day:02d}", "state": state, "differences": differences, "open_cases": open_cases}


def test_weeks_begin_on_monday_and_are_whole() -> None:
    found = weeks(MONTH, [], today=date(2026, 11, 22))
    assert [len(week) for week in found] == [7] * 6
    assert found[0][:6] == [None] * 6
    assert [day.day for week in found for day in week if day] == list(MONTH.days())


def test_each_day_stands_as_what_is_known_of_it() -> None:
    known = [
        _item(1, state="closed", differences=2, open_cases=1),
        _item(2, differences=2),
        _item(3, differences=2, open_cases=1),
    ]
    days = [day for week in weeks(MONTH, known, today=date(2026, 11, 5)) for day in week if day]
    assert [day.standing for day in days[:6]] == ["closed", "agrees", "differs", "missing", "later", "later"]
    assert [day.told for day in days[:6]] == [True] * 4 + [False] * 2
