"""Numbers with check digits, instants and amounts: what is refused, and what a text means."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.iso20022 import formats
from gateway.iso20022.pacs_002 import TransactionStatus
from gateway.money import Amount
from tests.gateway.iso20022.samples import BIN, CREDITOR_IBAN, DEBTOR_IBAN, IIN

VALID = [
    (formats.IBAN, DEBTOR_IBAN, DEBTOR_IBAN),
    (formats.IBAN, CREDITOR_IBAN, CREDITOR_IBAN),
    (formats.IIN_BIN, IIN, IIN),
    (formats.IIN_BIN, BIN, BIN),
    (formats.MONEY, "1500.00", Amount(150_000)),
    (formats.MONEY, "0000000000001.05", Amount(105)),
    (formats.MONEY, "9999999999999.99", Amount(10**15 - 1)),
    (formats.INSTANT, "2026-11-22T14:05:09+05:00", datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)),
    (formats.INSTANT, "2026-11-22T09:05:09Z", datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)),
    (formats.INSTANT, "2026-11-22T09:05:09.5Z", datetime(2026, 11, 22, 9, 5, 9, 500_000, tzinfo=UTC)),
    (formats.enumeration(TransactionStatus), "ACSC", TransactionStatus.SETTLED),
    (formats.IDENTIFIER, "a", "a"),
    (formats.NAME, "ЖШС «Әлем» 🙂", "ЖШС «Әлем» 🙂"),
]
INVALID = [
    *(
        (formats.IBAN, text)
        for text in (DEBTOR_IBAN[:-1] + "1", DEBTOR_IBAN.lower(), "DE89370400440532013000")
    ),
    *((formats.IBAN, text) for text in (" " + DEBTOR_IBAN, DEBTOR_IBAN[:-1], "KZ86 125K ZT50 0410 0100", "")),
    *((formats.IIN_BIN, text) for text in ("900101300107", "90010130010", "٩٠٠١٠١٣٠٠١٠٦", "9001013001060")),
    *((formats.MONEY, text) for text in ("0.00", "1500", "1500.0", "1500.000", "-1.00", "1,500.00", " 1.00")),
    *((formats.MONEY, text) for text in ("10000000000000.00", "1e3", "٣.00", "+1.00", "")),
    *((formats.INSTANT, text) for text in ("2026-11-22T14:05:09", "2026-11-22", "2026-02-29T14:05:09Z")),
    *(
        (formats.INSTANT, text)
        for text in ("2026-11-22T24:00:00Z", "1999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")
    ),
    *((formats.INSTANT, text) for text in ("9999-12-31T23:59:59-14:00", "2026-11-22T14:05:09+14:01")),
    *(
        (formats.INSTANT, text)
        for text in ("2026-11-22 14:05:09Z", "2026-11-22T14:05Z", "2026-11-22T14:05:60Z")
    ),
    *((formats.IDENTIFIER, text) for text in ("", "x" * 36, "a b", "ә", "a.b", "a\n")),
    *((formats.LINK_ID, text) for text in ("x" * 23, "x" * 33, "x" * 23 + "/")),
    *((formats.NAME, text) for text in ("", "x" * 141, "a\nb", "a\x85b", "a\u2028b", "\ud800", "\ufffe")),
    *((formats.BIC, text) for text in ("TLMBKZK", "tlmbkzka", "TLMBKZKAXX")),
    *((formats.KNP, text) for text in ("85", "8511", "85a", "٨٥١")),
    *((formats.REASON, text) for text in ("AC4", "ac04", "AC040")),
    (formats.enumeration(TransactionStatus), "ACCC"),
]


@pytest.mark.parametrize(("form", "text", "value"), VALID)
def test_a_text_of_a_format_means_its_value(form, text, value):
    assert form.value_of(text) == value
    assert form.value_of(form.text_of(value)) == value


@pytest.mark.parametrize(("form", "text"), INVALID)
def test_a_text_of_another_form_is_refused_without_a_quotation(form, text):
    with pytest.raises(ValueError) as refused:
        form.value_of(text)
    assert str(refused.value) == form.name


@given(st.integers(0, 10**11 - 1))
def test_an_iin_has_one_check_digit_or_none(number):
    assert sum(formats.is_iin_or_bin(f"{number:011d}{check}") for check in range(10)) <= 1


@given(st.integers(0, 19), st.sampled_from("0123456789ABCXYZ"))
def test_one_mistyped_character_is_seen_in_an_iban(position, character):
    mistyped = DEBTOR_IBAN[:position] + character + DEBTOR_IBAN[position + 1 :]
    assert formats.is_iban(mistyped) is (mistyped == DEBTOR_IBAN)


def test_the_second_weights_decide_where_the_first_ones_give_ten():
    tens = [f"{number:011d}" for number in range(200) if first_sum(f"{number:011d}") == 10]
    assert tens
    assert all(sum(formats.is_iin_or_bin(ten + str(check)) for check in range(10)) <= 1 for ten in tens)
    assert any(formats.is_iin_or_bin(ten + str(check)) for ten in tens for check in range(10))


def first_sum(digits: str) -> int:
    return sum(int(digit) * weight for weight, digit in enumerate(digits, start=1)) % 11


def test_a_bin_is_told_from_an_iin():
    assert formats.is_bin(BIN)
    assert not formats.is_bin(IIN)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds it
def test_an_instant_comes_back_to_the_microsecond(instant):
    assert formats.INSTANT.value_of(formats.INSTANT.text_of(instant)) - instant == timedelta(0)
