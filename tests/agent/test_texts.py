"""The terminal's words: complete in every language, and each in its own."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.texts import Text, receipt
from agent.texts.amounts import amount_text, time_text
from agent.texts.reasons import REASON_TEXTS, reason_text
from gateway.money import LARGEST_MINOR, Amount
from gateway.reasons import REASONS

RECEIPT_WORDS = {name: value for name, value in vars(receipt).items() if isinstance(value, Text)}
ALL_TEXTS = RECEIPT_WORDS | dict(REASON_TEXTS)


@pytest.mark.parametrize("name", sorted(ALL_TEXTS))
def test_every_text_is_there_in_every_language(name):
    text = ALL_TEXTS[name]
    assert all(text)
    assert not re.search(r"[А-Яа-яЁё]", text.en)
    assert not re.search(r"[ӘәҒғҚқҢңӨөҰұҮүҺһІі]", text.ru)


@pytest.mark.parametrize("name", sorted(REASON_TEXTS))
def test_every_reason_is_translated_and_not_repeated(name):
    assert len(set(REASON_TEXTS[name])) == 3


def test_every_reason_of_the_gateway_has_a_text_and_no_other():
    assert set(REASON_TEXTS) == set(REASONS)


def test_a_code_without_its_own_row_is_told_by_its_family():
    assert reason_text("card.N7", "en") == reason_text("card.other", "en")
    assert reason_text("eport.999", "ru") == reason_text("eport.other", "ru")


def test_a_provider_that_the_bank_switched_off_is_no_provider_that_refuses():
    assert reason_text("provider_off", "en") not in {
        reason_text("eport.7", "en"),
        reason_text("eport.8", "en"),
    }
    assert REASONS["provider_off"].repeat_may_help


@pytest.mark.parametrize("code", ["printer.paper_out", "noMedia", "gateway.unreachable"])
def test_a_code_that_is_not_the_gateways_has_no_text_for_customers(code):
    assert reason_text(code, "kk") is None


@pytest.mark.parametrize("code", ["card.41", "card.43", "card.04"])
def test_a_stolen_card_is_not_called_stolen(code):
    assert reason_text(code, "en") == reason_text("card.05", "en")


@pytest.mark.parametrize(
    ("minor", "russian", "english"),
    [
        (0, "0,00 ₸", "0.00 ₸"),
        (5, "0,05 ₸", "0.05 ₸"),
        (99999, "999,99 ₸", "999.99 ₸"),
        (100000, "1 000,00 ₸", "1 000.00 ₸"),
        (LARGEST_MINOR, "9 999 999 999 999,99 ₸", "9 999 999 999 999.99 ₸"),
    ],
)
def test_amounts_are_written_whole_and_never_break(minor, russian, english):
    amount = Amount(minor)
    for language, written in (("kk", russian), ("ru", russian), ("en", english)):
        text = amount_text(amount, language)
        assert text.replace("\u202f", " ").replace("\u00a0", " ") == written
        assert " " not in text


def test_times_are_those_of_the_wall_in_the_named_zone():
    at = datetime(2026, 12, 31, 20, 0, 0, tzinfo=UTC)
    assert time_text(at, ZoneInfo("Asia/Almaty"), "kk") == "01.01.2027 01:00:00"
    assert time_text(at, ZoneInfo("Asia/Almaty"), "en") == "2027-01-01 01:00:00"
