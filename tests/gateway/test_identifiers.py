import doctest
import uuid
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import contract, identifiers
from gateway.identifiers import (
    RRN_LARGEST,
    STAN_LARGEST,
    TXN_ID_LARGEST,
    NotAnIdentifierError,
    is_payment_id,
    is_rrn,
    is_stan,
    is_txn_id,
    new_payment_id,
    rrn,
    stan,
    time_of,
    txn_id,
)

NOON = datetime(2026, 11, 22, 12, 0, 0, 123_456, tzinfo=UTC)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2068, 12, 31))
INSTANTS = st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year >= 1970)


def test_examples_in_the_docstring_hold():
    assert doctest.testmod(identifiers).failed == 0


def test_payment_id_is_the_example_of_rfc_9562():
    """RFC 9562 appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F."""
    noise = (0xCC3 << 68 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    at = datetime(2022, 2, 22, 14, 22, 22, tzinfo=timezone(timedelta(hours=-5)))
    assert new_payment_id(at, lambda _: noise) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(noise=st.binary(min_size=10, max_size=10), at=INSTANTS)
def test_payment_id_is_a_uuid_of_version_7_and_tells_its_time(noise, at):
    made = new_payment_id(at, lambda _: noise)
    assert uuid.UUID(made).version == 7
    assert uuid.UUID(made).variant == uuid.RFC_4122
    assert is_payment_id(made)
    assert timedelta(0) <= at - time_of(made) < timedelta(milliseconds=1)


def test_payment_ids_sort_by_time():
    noise = iter([b"\xff" * 10, b"\x00" * 10])
    earlier = new_payment_id(NOON, lambda _: next(noise))
    later = new_payment_id(NOON + timedelta(milliseconds=1), lambda _: next(noise))
    assert earlier < later


def test_payment_id_has_the_form_of_the_contract():
    made = new_payment_id(NOON, lambda n: b"\xa5" * n)
    assert contract.NeverReceived(payment_id=made).payment_id == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",  # upper case
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",  # version 4
        "017f22e2-79b0-7cc3-58c4-dc0c0c07398f",  # another variant
        "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
    ],
)
def test_what_is_no_payment_id_has_no_time(text):
    assert not is_payment_id(text)
    with pytest.raises(NotAnIdentifierError):
        time_of(text)


def test_a_time_before_1970_gives_no_payment_id():
    with pytest.raises(NotAnIdentifierError):
        new_payment_id(datetime(1969, 12, 31, tzinfo=UTC), bytes)


@given(day=DAYS, number=st.integers(1, TXN_ID_LARGEST))
def test_txn_id_is_20_digits_that_begin_with_the_day(day, number):
    made = txn_id(day, number)
    assert len(made) == 20
    assert made.startswith(f"{day:%y%m%d}")
    assert is_txn_id(made)


@given(day=DAYS, number=st.integers(1, RRN_LARGEST))
def test_rrn_is_12_digits_that_begin_with_the_day(day, number):
    made = rrn(day, number)
    assert len(made) == 12
    assert made[:4] == f"{day.year % 10}{day.timetuple().tm_yday:03d}"
    assert is_rrn(made)


@given(number=st.integers(1, STAN_LARGEST))
def test_stan_is_six_digits(number):
    assert len(stan(number)) == 6
    assert is_stan(stan(number))


@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize("make", [lambda n: txn_id(NOON.date(), n), lambda n: rrn(NOON.date(), n), stan])
def test_a_sequence_begins_with_one(make, number):
    with pytest.raises(NotAnIdentifierError):
        make(number)


def test_an_exhausted_sequence_is_refused_instead_of_growing_a_digit():
    with pytest.raises(NotAnIdentifierError):
        txn_id(NOON.date(), TXN_ID_LARGEST + 1)
    with pytest.raises(NotAnIdentifierError):
        rrn(NOON.date(), RRN_LARGEST + 1)
    with pytest.raises(NotAnIdentifierError):
        stan(STAN_LARGEST + 1)


@pytest.mark.parametrize(
    "text", ["", "26112200000000000000", "26133200000000000001", "2611220000000123456", "２" * 20]
)
def test_what_is_no_txn_id(text):
    assert not is_txn_id(text)


@pytest.mark.parametrize("text", ["", "600000001234", "636700001234", "632600000000", "63260000123"])
def test_what_is_no_rrn(text):
    assert not is_rrn(text)


@pytest.mark.parametrize("text", ["", "000000", "12345", "1234567", "12345a"])
def test_what_is_no_stan(text):
    assert not is_stan(text)
