"""Bytes → what a person sees: the picture, the text, the receipt in a terminal."""

import re

import pytest

from devices.escpos import opcodes, raster
from devices.escpos.elements import PLAIN, Align, Columns, Cut, Image, Line, Qr, Rule, Style
from devices.escpos.layout import layout
from devices.escpos.paper import Symbol
from devices.escpos.picture import impression, picture
from devices.escpos.profile import PROFILES
from devices.escpos.reading import Text, Unread, printed_text, read
from devices.escpos.terminal import terminal_picture

EPSON = PROFILES["escpos_58"]
COMPATIBLE = PROFILES["escpos_compatible_58"]
RECEIPT = [
    Line("ДЕМО БАНК", Align.CENTRE, Style(bold=True)),
    Line("ТҮБІРТЕК № 000123", Align.CENTRE),
    Rule(),
    Columns("Сома", "1 500,00 ₸"),
    Line("1 545,00 ₸", Align.RIGHT, Style(bold=True, wide=True, tall=True)),
    Qr("632600001234"),
    Line("Сақтаңыз", Align.CENTRE),
    Cut(),
]


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_printer_shows_the_same_text(name):
    assert [line.strip() for line in printed_text(layout(RECEIPT, PROFILES[name]), PROFILES[name])] == [
        "ДЕМО БАНК",
        "ТҮБІРТЕК № 000123",
        "─" * PROFILES[name].columns,
        f"{'Сома':<{PROFILES[name].columns - 10}}1 500,00 ₸",
        "1 545,00 ₸",
        "Сақтаңыз",
    ]


def test_text_and_image_of_a_line_are_the_same_dots():
    line = Line("Қазақстан", Align.CENTRE, Style(bold=True, tall=True))
    narrow = PROFILES["escpos_compatible_58"]
    as_text = impression(opcodes.INITIALIZE() + layout([line], EPSON), EPSON)
    as_image = impression(layout([line], narrow), narrow)
    assert as_text.crop((0, 0, 384, 60)).tobytes() == as_image.crop((0, 0, 384, 60)).tobytes()


def test_nothing_of_a_receipt_touches_the_edges():
    image = impression(layout(RECEIPT, EPSON), EPSON)
    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
    assert 0 <= left < right <= EPSON.dots
    assert 0 < top < bottom < image.height


def test_a_raster_qr_code_and_the_printers_own_are_the_same_picture():
    code = [Qr("https://example.kz/632600001234")]
    dots = raster.to_image(raster.qr_code(code[0].text, EPSON))
    own = impression(layout(code, EPSON), EPSON)
    assert own.getbbox() is not None
    assert own.crop(own.getbbox()).tobytes() == dots.crop(dots.getbbox()).tobytes()
    assert read(layout(code, EPSON), EPSON) == [Symbol(code[0].text, Align.CENTRE)]


def test_an_image_is_not_taken_for_text():
    code = raster.qr_code("632600001234", EPSON)
    (found,) = read(layout([Image(code)], EPSON), EPSON)
    assert isinstance(found, Unread)
    assert found.image.size == raster.to_image(code).crop(raster.to_image(code).getbbox()).size


def test_one_wrong_dot_is_no_letter():
    bitmap = raster.text_line("₸", PLAIN, Align.LEFT, EPSON)
    spoilt = bytearray(bitmap.data)
    spoilt[0] ^= 0x80
    job = layout([Image(type(bitmap)(bitmap.row_bytes, bytes(spoilt)))], EPSON)
    assert not any(isinstance(reading, Text) for reading in read(job, EPSON))


def test_half_a_job_shows_half_a_receipt():
    job = layout(RECEIPT, EPSON)
    whole, half = printed_text(job, EPSON), printed_text(job[: len(job) // 2], EPSON)
    assert half == whole[: len(half)]
    assert 0 < len(half) < len(whole)


def test_a_line_longer_than_the_paper_goes_on_below_as_printers_do():
    assert printed_text(b"\x1b@" + b"x" * 40 + b"\n", EPSON) == ["x" * 32, "x" * 8]


def test_the_picture_shows_paper_ink_and_table():
    image = picture(layout(RECEIPT, EPSON), EPSON)
    colours = {pixel for _, pixel in image.getcolors(image.width * image.height) or ()}
    assert {(253, 252, 249), (38, 38, 44), (231, 232, 235)} <= colours


def test_the_terminal_shows_the_text_that_was_printed():
    for profile in (EPSON, COMPATIBLE):
        job = layout(RECEIPT, profile)
        shown = terminal_picture(job, profile, colour=False)
        for line in ("ТҮБІРТЕК № 000123", "1 500,00 ₸", "                      1 545,00 ₸ │", "Сақтаңыз"):
            assert line in shown
        assert len({len(line) for line in shown.splitlines()}) == 1


def test_the_terminal_shows_a_qr_code_of_whole_squares():
    finder = "█▀▀▀▀▀█"
    for profile in (EPSON, COMPATIBLE):
        shown = terminal_picture(layout([Qr("632600001234")], profile), profile, colour=False)
        assert sum(line.count(finder) for line in shown.splitlines()) == 3


def test_colour_changes_nothing_but_colour():
    job = layout(RECEIPT, EPSON)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", terminal_picture(job, EPSON))
    inside = [line[2:-2].rstrip() for line in plain.splitlines()[1:-1]]
    framed = [line[2:-2].rstrip() for line in terminal_picture(job, EPSON, colour=False).splitlines()[1:-1]]
    assert inside == framed
