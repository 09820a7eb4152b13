from zoneinfo import ZoneInfo

import pytest

from agent.payment_numbers import NotAPaymentError, read_number

ALMATY = ZoneInfo("Asia/Almaty")


@pytest.mark.parametrize("number", ["000001", "632600001234", "26112200000001234567", "019ab-cd"])
def test_a_number_is_asked_for_as_it_is(number):
    assert read_number(f" {number} ", ALMATY) == {"id": number}


def test_an_operation_number_may_be_typed_as_the_receipt_prints_it():
    assert read_number("6326 0000 1234", ALMATY) == {"id": "632600001234"}


def test_six_digits_at_a_terminal_are_a_stan():
    assert read_number("000123@ATM00017", ALMATY) == {"terminal": "ATM00017", "stan": "000123"}


@pytest.mark.parametrize(
    ("time", "begin", "end"),
    [
        ("2026-11-22T14:05", "2026-11-22T14:05:00+05:00", "2026-11-22T14:06:00+05:00"),
        ("2026-11-22 14:05", "2026-11-22T14:05:00+05:00", "2026-11-22T14:06:00+05:00"),
        ("2026-11-22T14:05:09", "2026-11-22T14:05:09+05:00", "2026-11-22T14:05:10+05:00"),
        ("2026-11-22T09:05Z", "2026-11-22T09:05:00+00:00", "2026-11-22T09:06:00+00:00"),
    ],
)
def test_a_time_at_a_terminal_is_its_whole_minute_or_second_in_the_nodes_time(time, begin, end):
    assert read_number(f"{time}@ATM1", ALMATY) == {"terminal": "ATM1", "from": begin, "to": end}


@pytest.mark.parametrize("what", ["123", "14:05", "2026-13-22T14:05", "2026-11-22", "yesterday"])
def test_what_is_neither_stan_nor_time_is_refused(what):
    with pytest.raises(NotAPaymentError):
        read_number(f"{what}@ATM00017", ALMATY)
