from datetime import date

import pytest

from gateway.act.month import Month, NotAMonthError


def test_a_month_is_read_and_written_in_one_form() -> None:
    assert str(Month.parse("2026-10")) == "2026-10"
    for text in ("2026-13", "2026-00", "26-10", "2026-1", "2026-10-01", "٢٠٢٦-10", ""):
        with pytest.raises(NotAMonthError):
            Month.parse(text)


def test_a_leap_year_has_its_day() -> None:
    days = Month(2028, 2).days()
    assert (days[0], days[-1], len(days)) == (date(2028, 2, 1), date(2028, 2, 29), 29)


def test_the_year_turns_in_both_directions() -> None:
    assert Month(2026, 12).next() == Month(2027, 1)
    assert Month(2027, 1).previous() == Month(2026, 12)
    month = Month(2025, 1)
    for _ in range(30):
        assert month.next().previous() == month
        month = month.next()


def test_a_day_belongs_to_one_month() -> None:
    assert date(2026, 10, 31) in Month(2026, 10)
    assert date(2026, 11, 1) not in Month(2026, 10)
