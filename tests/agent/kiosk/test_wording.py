"""No text is left untranslated, none is left over, and each is written by the rules of its language."""

import hashlib
import re
from importlib.resources import files
from io import BytesIO
from itertools import chain

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from agent.journeys.bill import Ending, State
from agent.kiosk.screens import screen
from agent.kiosk.session import Stage
from agent.kiosk.typed import ALPHABETS
from agent.kiosk.wording import Wording, catalogue_of
from agent.texts import devices, receipt, sale
from agent.texts.amounts import amount_text
from agent.texts.reasons import REASON_TEXTS
from gateway.contract import FeeRule
from gateway.money import LARGEST_MINOR, Amount
from tests.agent.kiosk import scenes

ROOT = files("agent.kiosk")
TEMPLATES = sorted(path for path in (ROOT / "templates").iterdir())
LETTERS_OF_KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
LEFT_TO_TRANSLATORS = ("kk", "ru")
# what is the same in every language, or stands in all of them at once
UNTRANSLATED = {
    *("Tolem", "Төлем · Оплата · Payment", "Қазақша", "Русский", "English"),
    *("Тілді таңдаңыз", "Выберите язык", "Choose your language", "АӘ Abc", "F"),
}


def message_ids():
    found = extract_from_dir(str(ROOT / "templates"), [("**.html", "jinja2")], strip_comment_tags=True)
    return {message if isinstance(message, tuple) else (message,) for _, _, message, _, _ in found}


def catalogue(language):
    return read_po(BytesIO(catalogue_of(language)), locale=language, abort_invalid=True)


@pytest.mark.parametrize("language", LEFT_TO_TRANSLATORS)
def test_every_text_of_the_templates_is_translated_and_no_other(language):
    told = {
        message.id if isinstance(message.id, tuple) else (message.id,)
        for message in catalogue(language)
        if message.id
    }
    assert told == message_ids()


@pytest.mark.parametrize("language", LEFT_TO_TRANSLATORS)
def test_no_translation_is_empty_fuzzy_or_in_doubt(language):
    for message in catalogue(language):
        if message.id:
            said = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(said), message.id
            assert not message.fuzzy, message.id
            assert list(message.check()) == [], message.id
    assert not catalogue(language).obsolete


def test_russian_has_no_letter_of_kazakh_and_kazakh_is_no_copy_of_russian():
    russian, kazakh = catalogue("ru"), catalogue("kk")
    for message in russian:
        if message.id:
            said = "".join(message.string)
            assert not set(said) & set(LETTERS_OF_KAZAKH), said
    same = [m.id for m in russian if m.id and m.string == kazakh[m.id].string]
    assert set(same) <= {"Code:", "Contrast"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_goes_through_gettext(path):
    text = path.read_text("utf-8")
    text = re.sub(r"\{% block kind %\}.*", "", text)  # the screen's CSS classes
    text = re.sub(r"\{%-?\s*trans.*?endtrans\s*-?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    spoken = re.findall(r'(?:alt|aria-label|title|placeholder)="([^"]*)"', text)
    shown = re.split(r"<[^>]*>", text)
    left = {it.strip() for it in chain(spoken, shown) if re.search(r"[^\W\d_]", it)}
    assert left - UNTRANSLATED == set()


@pytest.mark.parametrize(
    ("language", "count", "told"),
    [
        *(("ru", 1, "1 минуту"), ("ru", 3, "3 минуты"), ("ru", 15, "15 минут"), ("ru", 21, "21 минуту")),
        *(
            ("kk", 1, "1 минуттан"),
            ("kk", 15, "15 минуттан"),
            ("en", 1, "1 minute."),
            ("en", 2, "2 minutes."),
        ),
    ],
)
def test_plurals_follow_each_language(language, count, told):
    scene = scenes.scene(Stage.MINE_NOT_FOUND, language, locked_seconds=count * 60)
    assert told in Wording(scenes.FACTS).screen(screen(scene))


@pytest.mark.parametrize(
    ("language", "total", "fee"),
    [
        ("ru", "582\u202f326,00\xa0₸", "1,5\xa0%"),
        ("kk", "582\u202f326,00\xa0₸", "1,5\xa0%"),
        ("en", "582\u202f326.00\xa0₸", "1.5\xa0%"),
    ],
)
def test_sums_and_percents_are_written_as_each_language_does(language, total, fee):
    wording = Wording(scenes.FACTS)
    assert total in wording.screen(screen(scenes.every(language)["review"]))
    assert fee in wording.screen(screen(scenes.every(language)["amount"]))


@pytest.mark.parametrize(
    ("hundredths", "told"), [(0, "0\xa0%"), (75, "0.75\xa0%"), (200, "2\xa0%"), (1005, "10.05\xa0%")]
)
def test_a_percent_has_no_zeros_at_its_end(hundredths, told):
    rule = FeeRule(percent_hundredths=hundredths, minimum=scenes.money(1))
    lived = scenes.journey(State.OFFERED, "en", offer=scenes.offer(fee_rule=rule))
    amount = scenes.every("en")["amount"]
    drawn = Wording(scenes.FACTS).screen(screen(type(amount)(**{**vars(amount), "journey": lived})))
    assert f"{told}," in drawn


def test_a_time_is_the_terminals_own_and_written_as_each_language_does():
    pages = {
        language: Wording(scenes.FACTS).screen(screen(scenes.every(language)["mine_found"]))
        for language in scenes.LANGUAGES
    }
    assert "22.11.2026 14:05:09" in pages["ru"]
    assert "2026-11-22 14:05:09" in pages["en"]


def test_two_languages_in_turn_do_not_mix():
    wording = Wording(scenes.FACTS)
    for language, told in (
        ("ru", "Заберите карту"),
        ("kk", "Картаңызды алыңыз"),
        ("en", "Take your card"),
    ) * 2:
        assert told in wording.screen(screen(scenes.every(language)["take_card"]))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("name", ["amount", "review", "paid"])
def test_who_is_paid_stands_beside_what_is_paid_for(name, language):
    shown = Wording(scenes.FACTS).screen(screen(scenes.every(language)[name]))
    provider, product = (getattr(it.title, language) for it in (scenes.PROVIDER, scenes.PRODUCT))
    assert f"{provider} · {product}" in shown


def test_a_provider_that_is_its_own_product_is_named_once_and_an_old_record_names_none():
    for provider in ("Aqua", ""):
        lived = scenes.journey(
            State.CARD_TAKEN, "en", ending=Ending.PAID, provider_name=provider, product_name="Aqua"
        )
        page = Wording(scenes.FACTS).screen(screen(scenes.scene(Stage.OVER, "en", lived=lived)))
        assert '<p class="subject">Aqua</p>' in page


def test_a_name_from_the_catalogue_or_the_provider_is_text_and_never_markup():
    lived = scenes.journey(State.CARD_TAKEN, "en", ending=Ending.PAID, product_name="<b>&\"'")
    page = Wording(scenes.FACTS).screen(screen(scenes.scene(Stage.OVER, "en", lived=lived)))
    assert "<b>&" not in page
    assert "&lt;b&gt;&amp;&#34;&#39;" in page


def every_character():
    """Whatever a screen of ours may show; a provider's own words are its own."""
    yield from "".join(path.read_text("utf-8") for path in TEMPLATES)
    for language in LEFT_TO_TRANSLATORS:
        yield from catalogue_of(language).decode()
    yield from (files("gateway.providers") / "demo.toml").read_text("utf-8")
    tables = (
        vars(receipt).values(),
        vars(sale).values(),
        REASON_TEXTS.values(),
        devices._TEXTS.values(),
        devices._OTHER.values(),
    )
    for text in chain(*tables):
        yield from "".join(text) if isinstance(text, tuple) else ""
    letters = "".join(chain(*ALPHABETS.values()))
    yield from letters + letters.upper()
    yield from amount_text(Amount(LARGEST_MINOR), "ru")


@pytest.mark.parametrize("weight", [400, 700])
def test_the_font_has_every_character_that_is_shown(weight):
    with (ROOT / "static" / f"onest-{weight}.woff2").open("rb") as file:
        known = set(TTFont(file).getBestCmap())
    missing = {it for it in every_character() if it.isprintable() and ord(it) not in known}
    assert missing - set("─") == set()  # the catalogue file's rulers are comments


def test_what_others_made_is_what_they_made():
    vendored = (ROOT / "static" / "VENDORED.txt").read_text("utf-8")
    rows = re.findall(r"^(\S+\.js) +\S+ +[\d.]+ +0BSD +([0-9a-f]{64})$", vendored, re.MULTILINE)
    assert {name for name, _ in rows} == {"htmx.min.js", "sse.min.js"}
    for name, digest in rows:
        assert hashlib.sha256((ROOT / "static" / name).read_bytes()).hexdigest() == digest
    assert '"2.0.11"' in (ROOT / "static" / "htmx.min.js").read_text("utf-8")
