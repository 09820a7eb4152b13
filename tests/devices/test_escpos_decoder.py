"""Bytes → commands: whatever comes down the wire, in whatever pieces."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.escpos import opcodes
from devices.escpos.decoder import Characters, Command, Decoder, Piece, Unknown, decode
from devices.escpos.elements import Columns, Cut, Line, Qr
from devices.escpos.layout import layout
from devices.escpos.paper import strips
from devices.escpos.picture import impression
from devices.escpos.profile import PROFILES
from devices.escpos.reading import read

EPSON = PROFILES["escpos_58"]
JOB = layout([Line("Түбіртек"), Columns("Сома", "1 ₸"), Qr("632600001234"), Cut()], EPSON)

commands = st.sampled_from([opcode.prefix for opcode in opcodes.TABLE])
wild_stream = st.lists(commands | st.binary(max_size=8), max_size=40).map(b"".join)


def joined(pieces: list[Piece]) -> list[Piece]:
    """Text may come in pieces; side by side they are one."""
    whole: list[Piece] = []
    for piece in pieces:
        if whole and isinstance(piece, Characters) and isinstance(whole[-1], Characters):
            whole[-1] = Characters(whole[-1].wire + piece.wire)
        else:
            whole.append(piece)
    return whole


def test_every_command_of_the_table_is_read_as_itself():
    for opcode in opcodes.TABLE:
        command = opcode.prefix + bytes(opcode.tail(bytes(8)) or 0)
        assert decode(command) == [Command(opcode, command[len(opcode.prefix) :])], opcode.name


@settings(deadline=None)
@given(wild_stream)
def test_no_stream_raises_and_no_byte_is_read_twice(stream):
    assert (
        b"".join(piece.wire for piece in decode(stream)) == stream[: sum(len(p.wire) for p in decode(stream))]
    )
    assert strips(stream, EPSON) is not None


@settings(deadline=None)
@given(st.lists(wild_stream, max_size=3).map(b"".join))
def test_no_stream_breaks_the_picture_or_the_reading(stream):
    assert impression(stream, EPSON).width == EPSON.dots
    assert read(stream, EPSON) is not None


@settings(deadline=None)
@given(st.lists(st.integers(0, len(JOB)), max_size=12))
def test_a_job_in_any_pieces_is_the_same_job(cuts):
    edges = [0, *sorted(cuts), len(JOB)]
    decoder = Decoder()
    pieces = [piece for a, b in pairwise(edges) for piece in decoder.feed(JOB[a:b])]
    assert joined(pieces) == decode(JOB)


def test_an_unknown_command_is_passed_over_and_text_goes_on():
    assert decode(b"\x1bz\x07OK") == [Unknown(b"\x1bz"), Unknown(b"\x07"), Characters(b"OK")]


def test_half_a_command_waits_for_its_other_half():
    decoder = Decoder()
    assert list(decoder.feed(b"\x1dv0\x00\x01\x00\x02\x00\xff")) == []
    assert list(decoder.feed(b"\xff")) == [Command(opcodes.RASTER, b"\x00\x01\x00\x02\x00\xff\xff")]


def test_an_absurd_image_does_not_swallow_what_follows():
    assert decode(b"\x1dv0\x00\xff\xff\xff\xff" + b"OK")[0] == Unknown(b"\x1dv0")
