from pathlib import Path

import pytest

import gateway.providers
from agent.scanned import ScannedLink, ScannedRequisite, classify, link_of
from gateway.providers import barcodes
from gateway.providers.catalogue import load_catalogue

HOST = "pay.example.kz"
LINK = "ABC-0123456789abcdefghij_"
PRODUCTS = load_catalogue(Path(gateway.providers.__file__).with_name("demo.toml")).products


def test_a_bill_is_read_by_the_catalogues_rule():
    [found] = classify("0117204817365800152300", PRODUCTS)
    assert found == ScannedRequisite("samal-internet", "account", "2048173658")
    assert "2048173658" not in repr(found)


@pytest.mark.parametrize("code", ["0118204817365800152300", "01172048173659", "5901234567890", "", "0117"])
def test_a_code_of_another_kind_or_a_wrong_check_digit_is_no_requisite(code):
    assert classify(code, PRODUCTS) == []


def test_of_a_link_only_the_id_is_taken():
    assert classify(f"https://{HOST}/{LINK}", PRODUCTS, link_hosts=[HOST]) == ScannedLink(LINK)


@pytest.mark.parametrize(
    "text",
    [
        f"http://{HOST}/{LINK}",
        f"https://evil.example/{LINK}",
        f"https://{HOST}:444/{LINK}",
        f"https://{HOST}@evil.example/{LINK}",
        f"https://{HOST}/{LINK}?amount=1",
        f"https://{HOST}/{LINK}#x",
        f"https://{HOST}/a/{LINK}",
        f"https://{HOST}/{LINK[:23]}",
        f"https://{HOST}/{LINK}{'x' * 20}",
        f"https://{HOST}/{LINK}é",
        f"https://[{HOST}/{LINK}",
        LINK,
    ],
)
def test_what_is_not_exactly_a_link_of_ours_is_none(text):
    assert link_of(text, [HOST]) is None


@pytest.mark.parametrize(
    ("pattern", "code", "value"),
    [
        ("##", "12", "12"),
        ("##", "123", None),
        ("##*", "123", "12"),
        ("?A#", "xA7", "7"),
        ("?A#", "xB7", None),
        ("A#*", "A", None),
    ],
)
def test_a_pattern_says_which_characters_are_the_value(pattern, code, value):
    assert barcodes.read(pattern, code) == value
