"""No number that could be somebody's card stands anywhere in the tree."""

import re
from pathlib import Path

import pytest

# Test numbers that a standard or a scheme published, and where.
PUBLISHED = {
    "4012345678909": "the account of the ANSI X9.24-1 sample vectors (PROTOCOLS §6)",
    "4111111111111111": "the schemes' own test number",
}
NOT_TEXT = {".png", ".ttf", ".woff2", ".ico", ".gz", ".db"}
DIGITS = re.compile(r"(?<!\d)[2-6](?:[ _-]?\d){12,18}(?!\d)")
HASHES = ".locks/"  # nothing but names of packages and hashes


def card_numbers(text: str) -> list[str]:
    runs = (re.sub("[ _-]", "", found) for found in DIGITS.findall(text))
    return [run for run in runs if passes_luhn(run) and len(set(run)) > 1]


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    values = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in values) % 10 == 0


def test_the_tree_holds_no_card_number_but_published_ones(files: list[Path], root: Path) -> None:
    found = {
        f"{file.relative_to(root)}: {number[:6]}…{number[-4:]}"
        for file in files
        if file.suffix not in NOT_TEXT and not file.relative_to(root).as_posix().startswith(HASHES)
        for number in card_numbers(file.read_text(errors="replace"))
        if number not in PUBLISHED
    }
    assert found == set()


@pytest.mark.parametrize(
    "text",
    ["4111111111111111", "x4111111111111111D2612", "4111 1111 1111 1111", "4111-1111-1111-1111"],
)
def test_each_way_to_write_one_would_be_seen(text: str) -> None:
    assert card_numbers(text) == ["4111111111111111"]


def test_other_long_numbers_are_not_cards() -> None:
    assert card_numbers("4111111111111112 26112200000001234567 632600001234") == []
