import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import month, spelled
from gateway.act.spelled import form


@pytest.mark.parametrize("module", [spelled, month])
def test_the_examples_are_true(module) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed


@pytest.mark.parametrize(
    ("minor", "ru", "kk"),
    [
        (0, "ноль тенге 00 тиынов", "нөл теңге 00 тиын"),
        (1_01, "один тенге 01 тиын", "бір теңге 01 тиын"),
        (2_02, "два тенге 02 тиына", "екі теңге 02 тиын"),
        (11_11, "одиннадцать тенге 11 тиынов", "он бір теңге 11 тиын"),
        (21_21, "двадцать один тенге 21 тиын", "жиырма бір теңге 21 тиын"),
        (100_00, "сто тенге 00 тиынов", "бір жүз теңге 00 тиын"),
        (1_000_00, "одна тысяча тенге 00 тиынов", "бір мың теңге 00 тиын"),
        (2_002_00, "две тысячи два тенге 00 тиынов", "екі мың екі теңге 00 тиын"),
        (11_000_00, "одиннадцать тысяч тенге 00 тиынов", "он бір мың теңге 00 тиын"),
        (21_000_00, "двадцать одна тысяча тенге 00 тиынов", "жиырма бір мың теңге 00 тиын"),
        (
            1_112_000_00,
            "один миллион сто двенадцать тысяч тенге 00 тиынов",
            "бір миллион бір жүз он екі мың теңге 00 тиын",
        ),
        (
            2_005_000_000_90,
            "два миллиарда пять миллионов тенге 90 тиынов",
            "екі миллиард бес миллион теңге 90 тиын",
        ),
        (
            -4_000_000_000_040_03,
            "минус четыре триллиона сорок тенге 03 тиына",
            "минус төрт триллион қырық теңге 03 тиын",
        ),
    ],
)
def test_sums_are_named_as_people_name_them(minor: int, ru: str, kk: str) -> None:
    assert (spelled.spelled(minor, "ru"), spelled.spelled(minor, "kk")) == (ru, kk)


def test_what_has_no_word_is_refused() -> None:
    spelled.spelled(10**17 - 1, "ru")
    with pytest.raises(OverflowError):
        spelled.spelled(10**17, "ru")


@settings(max_examples=60)
@given(st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1))
def test_two_sums_never_have_the_same_words(one: int, other: int) -> None:
    for language in ("ru", "kk"):
        same = spelled.spelled(one, language) == spelled.spelled(other, language)
        assert same == (one == other)


def test_a_noun_has_the_form_of_its_number() -> None:
    forms = ("день", "дня", "дней")
    assert [form(n, forms) for n in (0, 1, 2, 5, 11, 14, 21, 22, 111, 101)] == [
        *("дней", "день", "дня", "дней", "дней", "дней", "день", "дня", "дней", "день")
    ]
