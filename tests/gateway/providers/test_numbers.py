"""Each kind of number by its published examples, and by what one wrong digit does."""

import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers import iin, luhn, masks, mod11, phone
from gateway.providers.faults import Fault, FaultyValueError

MODULES = (iin, luhn, mod11, phone, masks)
DIGITS = st.text("0123456789", min_size=1, max_size=18)
BIRTHDAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def fault_of(check, *values: str) -> Fault:
    with pytest.raises(FaultyValueError) as faulty:
        check(*values)
    return faulty.value.fault


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_in_the_docstring_hold(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("module", [luhn, mod11])
@given(digits=DIGITS, place=st.integers(0, 18), other=st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(module, digits, place, other):
    check_digit = module.check_digit(digits)
    if check_digit == "X":
        return
    number = digits + check_digit
    assert module.validate(number) == number
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + other) % 10) + number[place + 1 :]
    assert not module.is_valid(wrong)


def test_luhn_knows_the_number_that_every_scheme_publishes():
    assert luhn.is_valid("4111 1111 1111 1111")


def test_modulus_11_agrees_with_a_norwegian_account_number():
    """8601 11 17947 is the example of the Norwegian account number in python-stdnum's documentation."""
    assert mod11.is_valid("8601 11 17947".replace(" ", ""))
    assert mod11.check_digit("1009") == "X"
    assert not mod11.is_valid("1009X")


@pytest.mark.parametrize("printed", ["941240001151", "940140000385"])
def test_the_check_digit_of_published_numbers_of_the_same_scheme_is_right(printed):
    """BINs of banks, as they print them; the check digit of a BIN is that of an IIN."""
    assert iin.check_digit(printed[:-1]) == printed[-1]


@given(born=BIRTHDAYS, sequence=st.integers(0, 9999))
def test_an_iin_is_valid_with_one_check_digit_and_no_other(born, sequence):
    century = {19: "3", 20: "5"}[born.year // 100]
    eleven = f"{born:%y%m%d}{century}{sequence:04d}"
    assert [digit for digit in "0123456789" if iin.is_valid(eleven + digit)] == [
        digit for digit in iin.check_digit(eleven) if digit != "X"
    ]


def test_an_iin_falls_back_to_its_second_weights_and_then_is_not_given_out():
    assert iin.check_digit("99123110010") == "9"
    assert iin.check_digit("99123110016") == "X"
    assert fault_of(iin.validate, "991231100160") is Fault.CHECK_DIGIT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("99123110012", Fault.LENGTH),
        ("9912311001222", Fault.LENGTH),
        ("99123110012x", Fault.CHARACTERS),
        ("９９１２３１１００１２２", Fault.CHARACTERS),
        ("991331100122", Fault.DATE),
        ("990229300122", Fault.DATE),  # 1999 was no leap year
        ("991231700122", Fault.DATE),  # there is no century 7
        ("991231100123", Fault.CHECK_DIGIT),
    ],
)
def test_an_iin_says_what_is_wrong_with_it(text, fault):
    assert fault_of(iin.validate, text) is fault


@pytest.mark.parametrize(
    "text",
    ["7011234567", "+77011234567", "87011234567", "8 (701) 123-45-67", "+7 701 123 45 67", "77011234567"],
)
def test_a_phone_has_one_form_whatever_was_typed_around_it(text):
    assert phone.validate(text) == "7011234567"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("701123456", Fault.LENGTH),
        ("701123456789", Fault.LENGTH),
        ("701123456a", Fault.CHARACTERS),
        ("7172123456", Fault.PREFIX),  # a town, not an operator
        ("9011234567", Fault.PREFIX),
    ],
)
def test_a_phone_says_what_is_wrong_with_it(text, fault):
    assert fault_of(phone.validate, text) is fault


@given(digits=st.text("0123456789", min_size=10, max_size=10))
def test_what_a_mask_shows_it_reads_back(digits):
    mask = "(###) ###-##.##"
    assert masks.read(mask, masks.apply(mask, digits)) == digits


def test_a_mask_shows_what_is_typed_so_far():
    assert masks.apply("+7 (###) ###-##-##", "") == "+7 ("
    assert masks.apply("+7 (###) ###-##-##", "7011") == "+7 (701) 1"


@pytest.mark.parametrize("text", ["71200-458-4", "7120-0458-4-", "7120-0458-x", "７１２０-0458-4"])
def test_a_text_across_its_mask_is_refused(text):
    assert fault_of(masks.read, "####-####-#", text) is Fault.MASK


def test_a_fault_never_quotes_the_value():
    with pytest.raises(FaultyValueError) as faulty:
        iin.validate("991231100123")
    assert "991231" not in str(faulty.value)
