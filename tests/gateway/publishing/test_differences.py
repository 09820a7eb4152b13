"""What a person sees before a catalogue is published."""

import pytest

from gateway.providers.catalogue import parse_catalogue
from gateway.publishing.differences import Change, Difference, differences

PRODUCT = "product kokjiek-mobile"


@pytest.fixture
def compare(demo_source):
    def compare(old: str, new: str) -> list[Difference]:
        text = demo_source.decode()
        assert text.count(old), old
        changed = text.replace(old, new, 1).encode()
        return differences(parse_catalogue(demo_source), parse_catalogue(changed))

    return compare


def test_the_same_content_has_no_difference(demo_source) -> None:
    commented = demo_source + b"\n# another file, the same content\n"
    assert differences(parse_catalogue(demo_source), parse_catalogue(commented)) == []


def test_a_fee_is_told_by_product_and_field(demo_source, dearer) -> None:
    assert differences(parse_catalogue(demo_source), parse_catalogue(dearer("2.25"))) == [
        Difference(Change.CHANGED, PRODUCT, "fee_rule.percent_hundredths", "1.5 %", "2.25 %")
    ]


def test_a_text_is_told_by_its_language(compare) -> None:
    assert compare('ru = "Кокжиек Мобайл"', 'ru = "Кокжиек"') == [
        Difference(Change.CHANGED, "provider kokjiek", "title.ru", "Кокжиек Мобайл", "Кокжиек")
    ]


def test_what_came_and_what_went_is_told_once(demo_source) -> None:
    new = """
[[group]]
code = "parking"
title = { kk = "Тұрақ", ru = "Парковка", en = "Parking" }
"""
    added = differences(parse_catalogue(demo_source), parse_catalogue(demo_source + new.encode()))
    removed = differences(parse_catalogue(demo_source + new.encode()), parse_catalogue(demo_source))
    assert added == [Difference(Change.ADDED, "group parking")]
    assert removed == [Difference(Change.REMOVED, "group parking")]


def test_a_requisite_is_told_by_its_code(compare) -> None:
    (found,) = compare('hint = { kk = "', 'hint = { kk = "Мұнда: ')
    assert (found.change, found.field) == (Change.CHANGED, "requisites[account].hint.kk")


def test_sums_are_told_as_people_write_them(compare) -> None:
    (found,) = compare('minimum = "100.00"', 'minimum = "150.00"')
    assert (found.field, found.before, found.after) == ("minimum", "100.00", "150.00")
