import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gateway.contract import FeeRule, Money
from gateway.contract import Requisite as SentRequisite
from gateway.providers.faults import Fault, FaultyValueError
from gateway.providers.product import Product
from gateway.providers.requisites import RequisiteFaults, check, check_value, shown
from gateway.providers.shapes import RequisiteShape

TEXTS = {"kk": "Шот", "ru": "Счёт", "en": "Account"}


def shape(kind: str, example: str = "1", code: str = "account", **rules):
    described = {"code": code, "kind": kind, "title": TEXTS, "hint": TEXTS, "example": example, **rules}
    return TypeAdapter(RequisiteShape).validate_python(described)


PHONE = shape("phone", prefixes=("701", "747"))
LUHN = shape("contract", minimum_length=10, maximum_length=10, check_digit="luhn", mask="### ### ## ##")
MOD11 = shape("contract", minimum_length=7, maximum_length=9, check_digit="mod11")
PLAIN = shape("contract", minimum_length=6, maximum_length=7)
IIN = shape("iin", code="iin")
TEXT = shape("text", minimum_length=3, maximum_length=10)
CHOICE = shape("list", options=({"value": "east", "title": TEXTS}, {"value": "west", "title": TEXTS}))
WHOLE = shape("number", code="reading", maximum=999999)
CUBIC = shape("number", minimum="0.5", maximum="99999.999", decimals=3)


def product(*shapes) -> Product:
    return Product(
        id="p",
        provider="p",
        title=TEXTS,
        minimum=Money(amount_minor=1),
        maximum=Money(amount_minor=10),
        fee_rule=FeeRule(percent_hundredths=0, minimum=Money(amount_minor=0)),
        requisites=shapes,
    )


@pytest.mark.parametrize(
    ("of", "typed", "sent"),
    [
        (PHONE, " +7 (701) 123-45-67 ", "7011234567"),
        (PHONE, "87471234567", "7471234567"),
        (LUHN, "204 817 36 58", "2048173658"),
        (LUHN, "2048173658", "2048173658"),
        (LUHN, "2048 1736 58", "2048173658"),
        (MOD11, "9001441", "9001441"),
        (MOD11, "71-200-4584", "712004584"),
        (PLAIN, "310477", "310477"),
        (IIN, "991231 100122", "991231100122"),
        (IIN, "991231100122", "991231100122"),
        (TEXT, "  Ғабит   Үміт", "Ғабит Үміт"),
        (CHOICE, "east", "east"),
        (WHOLE, "004512", "4512"),
        (WHOLE, "4 512", "4512"),
        (WHOLE, "0", "0"),
        (WHOLE, "999999", "999999"),
        (CUBIC, "214,5", "214.500"),
        (CUBIC, "99999.999", "99999.999"),
        (CUBIC, "0.5", "0.500"),
    ],
)
def test_a_good_value_has_one_form(of, typed, sent):
    assert check_value(of, typed) == sent
    assert check_value(of, sent) == sent


@pytest.mark.parametrize(
    ("of", "typed", "fault"),
    [
        (PHONE, "", Fault.MISSING),
        (PHONE, "   ", Fault.MISSING),
        (PHONE, "70112345", Fault.LENGTH),
        (PHONE, "7051234567", Fault.PREFIX),
        (PHONE, "70112345ab", Fault.CHARACTERS),
        (LUHN, "204-817-36-58", Fault.MASK),
        (LUHN, "204 817 36 5", Fault.LENGTH),
        (LUHN, "2048173659", Fault.CHECK_DIGIT),
        (MOD11, "9001442", Fault.CHECK_DIGIT),
        (MOD11, "900144", Fault.LENGTH),
        (MOD11, "900144І", Fault.CHARACTERS),
        (PLAIN, "31047", Fault.LENGTH),
        (PLAIN, "31047777", Fault.LENGTH),
        (IIN, "991231-100122", Fault.MASK),
        (IIN, "991231100123", Fault.CHECK_DIGIT),
        (IIN, "991331100122", Fault.DATE),
        (TEXT, "Үй", Fault.LENGTH),
        (TEXT, "Көктем көшесі", Fault.LENGTH),
        (TEXT, "a;b", Fault.CHARACTERS),
        (TEXT, "a\r\nb", Fault.CHARACTERS),
        (TEXT, "abc\x00", Fault.CHARACTERS),
        (TEXT, "x" * 256, Fault.LENGTH),
        (CHOICE, "East", Fault.NOT_IN_LIST),
        (WHOLE, "-1", Fault.CHARACTERS),
        (WHOLE, "1e5", Fault.CHARACTERS),
        (WHOLE, "NaN", Fault.CHARACTERS),
        (WHOLE, "12.5", Fault.TOO_MANY_DECIMALS),
        (WHOLE, "1000000", Fault.RANGE),
        (CUBIC, "0.499", Fault.RANGE),
        (CUBIC, "1.2345", Fault.TOO_MANY_DECIMALS),
    ],
)
def test_a_bad_value_says_what_is_wrong(of, typed, fault):
    with pytest.raises(FaultyValueError) as faulty:
        check_value(of, typed)
    assert faulty.value.fault is fault


def test_a_product_s_values_come_back_in_its_own_order():
    checked = check(product(PLAIN, IIN, WHOLE), {"reading": "7", "iin": "991231 100122", "account": "310477"})
    assert list(checked.items()) == [("account", "310477"), ("iin", "991231100122"), ("reading", "7")]


def test_every_fault_is_told_at_once_by_its_code():
    checked = check(product(PLAIN, IIN, WHOLE), {"account": "1", "iin": "991231100123", "colour": "red"})
    assert isinstance(checked, RequisiteFaults)
    assert checked.by_code == {
        "account": Fault.LENGTH,
        "iin": Fault.CHECK_DIGIT,
        "reading": Fault.MISSING,
        "colour": Fault.NOT_ASKED_FOR,
    }


def test_a_screen_shows_a_value_in_its_mask():
    assert shown(LUHN, "2048173658") == "204 817 36 58"
    assert shown(PHONE, "7011234567") == "+7 (701) 123-45-67"
    assert shown(TEXT, "Ғабит Үміт") == "Ғабит Үміт"


@given(
    of=st.sampled_from([PHONE, LUHN, MOD11, PLAIN, IIN, TEXT, CHOICE, WHOLE, CUBIC]),
    typed=st.text(max_size=300),
)
def test_whatever_is_typed_is_refused_or_fits_the_wire_and_stays_as_it_is(of, typed):
    try:
        sent = check_value(of, typed)
    except FaultyValueError:
        return
    assert SentRequisite(code=of.code, value=sent).value == sent
    assert check_value(of, sent) == sent
