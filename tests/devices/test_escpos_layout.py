"""Elements → bytes: the right code page for each line, and nothing a person cannot read."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.escpos import glyphs, lookalikes, opcodes
from devices.escpos.decoder import Characters, Command, Unknown, decode
from devices.escpos.elements import (
    BOLD,
    PLAIN,
    Align,
    Bitmap,
    Columns,
    Cut,
    Image,
    Line,
    Qr,
    Rule,
    Space,
    Style,
)
from devices.escpos.layout import layout
from devices.escpos.profile import PROFILES
from devices.escpos.raster import BAND_BYTES
from devices.escpos.reading import Text, printed_text, read

EPSON = PROFILES["escpos_58"]
COMPATIBLE = PROFILES["escpos_compatible_58"]
KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"

receipt_text = st.text(
    st.sampled_from(" 0123456789.,:-*№₸«»" + lookalikes.LATIN + lookalikes.CYRILLIC), min_size=1, max_size=80
)


def opcodes_of(job: bytes) -> list[opcodes.Opcode]:
    return [piece.opcode for piece in decode(job) if isinstance(piece, Command)]


def characters(job: bytes) -> bytes:
    return b"".join(piece.wire for piece in decode(job) if isinstance(piece, Characters))


@pytest.mark.parametrize(
    ("text", "page", "codec"),
    [
        ("Квитанция № 7", 17, "cp866"),
        ("Түбіртек", 53, "kz1048"),
        ("ТОО «Алма»", 53, "kz1048"),
        ("OK", 17, "cp866"),
    ],
)
def test_a_line_goes_in_the_first_code_page_that_can_say_it(text, page, codec):
    job = layout([Line(text)], EPSON)
    assert opcodes.CODE_PAGE(page) + text.encode(codec) in job


@pytest.mark.parametrize(
    ("text", "profile"),
    [("1 545,00 ₸", EPSON), ("1 545,00 ₸", COMPATIBLE), ("Түбіртек", COMPATIBLE), (KAZAKH, COMPATIBLE)],
)
def test_a_line_that_no_page_can_say_goes_as_an_image(text, profile):
    job = layout([Line(text)], profile)
    assert opcodes.RASTER in opcodes_of(job)
    assert characters(job) == b""
    assert printed_text(job, profile) == [text]


def test_only_the_line_that_needs_it_becomes_an_image():
    job = layout([Line("Сумма"), Line("1 ₸"), Line("Комиссия")], EPSON)
    assert characters(job) == "СуммаКомиссия".encode("cp866")


@settings(deadline=None)
@given(
    text=receipt_text,
    profile=st.sampled_from(sorted(PROFILES)),
    style=st.builds(Style, st.booleans(), st.booleans(), st.booleans()),
)
def test_every_text_of_the_alphabet_arrives_on_paper_as_it_was_written(text, profile, style):
    printer = PROFILES[profile]
    read_back = " ".join(printed_text(layout([Line(text, style=style)], printer), printer))
    narrow = replace(style, wide=False)  # in which a word too long for wide letters is printed
    assert look(read_back, narrow) == look(text, narrow)
    assert "?" not in read_back


def look(text: str, style: Style) -> list[bytes]:
    """How it looks: letters that share a drawing are the same to a reader. Spaces are where lines break."""
    return [glyphs.cell(char, style).tobytes() for char in text if char != " "]


hostile_text = st.lists(
    st.sampled_from([opcode.prefix.decode("latin-1") for opcode in opcodes.TABLE])
    | st.sampled_from(["\x1dV\x00", "\x10\x14\x01\x00\x01", "\x1b(A"])
    | st.text(max_size=6)
).map("".join)


@settings(max_examples=30)  # each may draw a line of pixels
@given(hostile_text, st.sampled_from(sorted(PROFILES)))
def test_text_from_outside_cannot_carry_commands(text, profile):
    printer = PROFILES[profile]
    job = layout([Line(text), Cut()], printer)
    harmless = {opcodes.INITIALIZE, opcodes.KANJI_OFF, opcodes.CODE_PAGE, opcodes.RASTER, opcodes.LINE_FEED}
    assert not any(isinstance(piece, Unknown) for piece in decode(job))
    assert set(opcodes_of(job)) - {opcodes.CUT} <= harmless
    assert opcodes_of(job).count(opcodes.INITIALIZE) == 1
    assert opcodes_of(job)[-1] is opcodes.CUT
    assert opcodes_of(job).count(opcodes.CUT) == 1


def test_pages_change_from_line_to_line_and_back():
    lines = ["Квитанция", "Түбіртек", "OK", "1 ₸", "Комиссия ─", "Өңделуде"]
    assert printed_text(layout([Line(line) for line in lines], EPSON), EPSON) == lines


def test_what_cannot_be_seen_takes_no_place():
    assert printed_text(layout([Line("со\u00adга\u200b и\u0306")], EPSON), EPSON) == ["сога й"]


def test_a_character_that_no_font_has_shows_that_something_was_there():
    assert printed_text(layout([Line("имя 漢 здесь")], EPSON), EPSON) == ["имя \ufffd здесь"]


def test_no_line_is_longer_than_the_paper_is_wide():
    long = "Жарықтандыру қызметтері үшін төлем " * 4 + "x" * 100
    for profile in PROFILES.values():
        for line in printed_text(layout([Line(long), Columns(long, long)], profile), profile):
            assert len(line) <= profile.columns


def test_an_amount_is_never_broken_in_two():
    text = "Жиыны\u00a01\u202f545\u202f000,00\u00a0₸ " * 3
    for line in printed_text(layout([Line(text)], EPSON), EPSON):
        assert line == "Жиыны 1 545 000,00 ₸"


def test_an_amount_too_long_to_be_wide_is_narrow_and_whole():
    wide = Style(bold=True, wide=True, tall=True)
    amounts = ["999\u00a0999\u00a0999,99\u00a0₸", "9\u00a0999\u00a0999\u00a0999,99\u00a0₸"]
    found = read(layout([Line(amount, Align.RIGHT, wide) for amount in amounts], EPSON), EPSON)
    assert found == [
        Text("999 999 999,99 ₸", wide),
        Text("9 999 999 999,99 ₸".rjust(32), Style(bold=True, tall=True)),
    ]


def test_a_label_and_its_value_stand_at_both_edges():
    assert printed_text(layout([Columns("Сома", "1 500,00 ₸")], EPSON), EPSON) == [
        "Сома" + "1 500,00 ₸".rjust(28)
    ]


def test_a_value_that_wraps_stays_on_its_own_side():
    address = Columns("Адрес", "г. Алматы, проспект Абая, дом 10, квартира 25")
    for line in printed_text(layout([address], EPSON), EPSON)[1:]:
        assert line.startswith(" " * 7)


@pytest.mark.parametrize("align", list(Align))
def test_images_of_lines_stand_where_text_would(align):
    lines = [Line("Бір екі", align), Line("Бір ек", align)]
    as_text, as_image = (printed_text(layout(lines, profile), profile) for profile in (EPSON, COMPATIBLE))
    assert as_text == as_image


def test_settings_are_sent_only_where_they_change():
    once = layout([Line("а", style=BOLD), Line("б", style=BOLD), Line("OK", style=BOLD)], EPSON)
    assert opcodes_of(once).count(opcodes.EMPHASIS) == 1
    assert opcodes_of(once).count(opcodes.CODE_PAGE) == 1


def test_a_style_ends_with_its_line():
    lines = read(layout([Line("a", style=Style(bold=True, wide=True, tall=True)), Line("b")], EPSON), EPSON)
    assert lines == [Text("a", Style(bold=True, wide=True, tall=True)), Text("b", PLAIN)]


def test_a_printer_made_for_china_is_told_to_leave_two_byte_characters():
    assert layout([], COMPATIBLE).startswith(opcodes.INITIALIZE() + opcodes.KANJI_OFF())
    assert opcodes.KANJI_OFF not in opcodes_of(layout([], EPSON))


def test_a_qr_code_is_the_printers_own_where_it_has_one():
    assert opcodes.symbol(opcodes.QR_STORE, b"632600001234") in layout([Qr("632600001234")], EPSON)
    assert set(opcodes_of(layout([Qr("632600001234")], COMPATIBLE))) == {
        opcodes.INITIALIZE, opcodes.KANJI_OFF, opcodes.ALIGN, opcodes.RASTER,
    }  # fmt: skip


def test_no_command_is_so_long_that_an_interrupted_job_blocks_the_next():
    job = layout(
        [Qr("https://example.kz/" + "x" * 200), Line(KAZAKH * 2, style=Style(tall=True)), Rule()], COMPATIBLE
    )
    assert max(len(piece.wire) for piece in decode(job)) <= BAND_BYTES + 16


def test_an_image_wider_than_the_paper_is_refused():
    wide = Bitmap(COMPATIBLE.dots // 8 + 1, bytes(COMPATIBLE.dots // 8 + 1))
    with pytest.raises(ValueError, match="392 dots"):
        layout([Image(wide)], COMPATIBLE)


def test_a_receipt_ends_with_a_cut():
    assert layout([Line("a"), Space(2), Cut()], EPSON).endswith(b"\n\n\n" + opcodes.CUT(66, 0))


def test_the_same_elements_make_the_same_bytes():
    elements = [Line(KAZAKH), Qr("1"), Columns("a", "1 ₸"), Cut()]
    assert layout(elements, EPSON) == layout(elements, EPSON)
