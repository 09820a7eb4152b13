import doctest

import pytest

from agent.kiosk import typed
from agent.kiosk.choices import Page, found, groups, providers, shortcuts
from agent.kiosk.typed import ALPHABETS, shown, sum_of, typing_of
from gateway.providers.requisites import check_value
from gateway.providers.shapes import Choice
from tests.agent.kiosk import scenes

SHAPES = [
    (product.id, shape)
    for product in scenes.CATALOGUE.products
    for shape in product.requisites
    if not isinstance(shape, Choice)
]


def test_the_examples_in_its_docstrings_hold():
    assert doctest.testmod(typed).failed == 0


@pytest.mark.parametrize(
    "text", ["", ",5", "1,234", "-1", "1 000 000 000 000 000", "٣", "0,00", "1.2.3", "1\n2x"]
)
def test_what_is_no_sum_is_none(text):
    assert sum_of(text) is None


@pytest.mark.parametrize(
    ("product_id", "shape"), SHAPES, ids=lambda it: it if isinstance(it, str) else it.code
)
def test_every_example_can_be_typed_on_the_keyboard_that_is_shown(product_id, shape):
    typing = typing_of(shape)
    example = check_value(shape, shape.example)
    keys = {
        "digits": set("0123456789"),
        "decimal": set("0123456789,."),
        "letters": set("".join(half for halves in ALPHABETS.values() for half in halves) + " "),
    }[typing.keys]
    assert set(example.lower()) <= keys
    assert len(example) <= typing.longest
    assert check_value(shape, shown(typing, example)) == example


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_an_alphabet_has_every_letter_of_its_language(language):
    letters = set("".join(ALPHABETS[language]))
    assert set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя") <= letters
    assert language == "ru" or set("әғқңөұүһі") <= letters
    assert len("".join(ALPHABETS[language])) == len(letters)


def test_a_part_of_an_alphabet_fits_the_smallest_screen():
    assert all(len(half) <= 24 for halves in ALPHABETS.values() for half in halves)


def test_a_search_finds_in_any_language_whatever_the_case():
    ids = [tile.value for tile in found(scenes.CATALOGUE, "ИНТЕРНЕТ samal", "kk")]
    assert ids == ["samal-internet"]
    assert len(found(scenes.CATALOGUE, "", "en")) == len(scenes.CATALOGUE.products)


def test_a_provider_with_one_product_leads_to_it_at_once():
    tiles = providers(scenes.CATALOGUE, "mobile", "en")
    assert [tile.action for tile in tiles] == ["product", "product"]
    assert [tile.action for tile in providers(scenes.CATALOGUE, "internet-tv", "en")] == ["provider"]


def test_a_shortcut_to_a_product_that_is_gone_is_left_out_and_each_is_there_once():
    tiles = shortcuts(scenes.CATALOGUE, ("gone", "samal-tv", "samal-tv", "qala-su"), "ru")
    assert [tile.value for tile in tiles] == ["samal-tv", "qala-su"]


def test_pages_hold_everything_once():
    tiles = groups(scenes.CATALOGUE, "ru")
    pages = [Page.of(tiles, number, 4) for number in range(2)]
    assert [tile for page in pages for tile in page.items] == tiles
    assert pages[0].count == 2
