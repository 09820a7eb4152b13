"""The README's receipt is what its bytes print, and they hold what no printer of this country may lose."""

import pytest
from PIL import Image, ImageChops, ImageStat

from devices.escpos.paper import Symbol
from devices.escpos.reading import printed_text, read
from devices.escpos.sheet import KAZAKH
from tests.house import receipt_picture
from tests.house.receipt_picture import PICTURE, PROFILE, RRN, drawn

LETTERS_OF_KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"


@pytest.fixture(scope="module")
def job() -> bytes:
    return receipt_picture.job()


@pytest.fixture(scope="module")
def lines(job: bytes) -> list[str]:
    return [line.strip().replace("\u00a0", " ") for line in printed_text(job, PROFILE)]


@pytest.mark.parametrize("letter", [*LETTERS_OF_KAZAKH, "₸"])
def test_each_letter_of_kazakh_and_the_tenge_are_read_back_from_the_bytes(
    letter: str, lines: list[str]
) -> None:
    assert letter in "".join(lines)


def test_the_bytes_print_a_paid_receipt_with_the_operation_number_for_a_scanner(
    job: bytes, lines: list[str]
) -> None:
    assert {"ТӨЛЕНДІ", "Самал Телеком", "5 100,00 ₸", KAZAKH} <= set(lines)
    assert [found.text for found in read(job, PROFILE) if isinstance(found, Symbol)] == [RRN]


def test_the_picture_in_the_readme_is_that_of_the_bytes() -> None:
    with Image.open(PICTURE) as kept:
        assert kept.size == drawn().size, "run `.venv/bin/python -m tests.house.receipt_picture` and look"
        difference = ImageChops.difference(kept.convert("L"), drawn().convert("L"))
    assert ImageStat.Stat(difference).mean[0] < 1
