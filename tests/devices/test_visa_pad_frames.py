import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.visa_pad.frames import (
    ACK,
    ETX,
    NAK,
    STX,
    Damaged,
    Envelope,
    Frame,
    FrameReader,
    Signal,
    UnsendableError,
    encode,
    lrc,
)

TEXT, CONTROL = Envelope.TEXT, Envelope.CONTROL

messages = st.binary(max_size=40).map(
    lambda data: bytes(byte for byte in data if byte >= 0x20 or byte in b"\x1a\x1c")
)
frames = st.builds(Frame, st.sampled_from(Envelope), messages)
events = st.one_of(frames, st.sampled_from(Signal))


def wire(event):
    return encode(event) if isinstance(event, Frame) else bytes([event.value])


def test_the_example_of_the_protocol_text():
    example = bytes.fromhex("02 5A 36 30 2E 34 30 31 32 33 34 35 36 37 38 39 30 39 03 4D")
    frame = Frame(TEXT, b"Z60.4012345678909")
    assert encode(frame) == example
    assert FrameReader().feed(example) == [frame]


def test_a_connection_test_is_a_control_frame():
    assert encode(Frame(CONTROL, b"11")) == bytes([0x0F, 0x31, 0x31, 0x0E, 0x0E])


def test_a_wrong_lrc_is_damage_and_the_next_frame_is_read():
    reader = FrameReader()
    assert reader.feed(bytes([STX, 0x37, 0x31, ETX, 0x00])) == [Damaged("LRC")]
    assert reader.feed(encode(Frame(TEXT, b"72"))) == [Frame(TEXT, b"72")]


def test_an_lrc_may_look_like_a_signal_or_an_opener():
    for wanted in (STX, ACK, NAK):
        message = bytes([0x20, 0x20, 0x20 ^ wanted ^ ETX, 0x20])
        assert lrc(message, ETX) == wanted
        assert FrameReader().feed(encode(Frame(TEXT, message))) == [Frame(TEXT, message)]


def test_noise_between_frames_is_no_event():
    assert FrameReader().feed(b"\x00\xffnoise\x1c" + wire(Signal.ACK)) == [Signal.ACK]


def test_a_false_start_costs_only_itself():
    frame = Frame(TEXT, b"71")
    assert FrameReader().feed(bytes([STX]) + b"no" + encode(frame)) == [
        Damaged("a byte that no message holds"),
        frame,
    ]


def test_an_endless_message_is_given_up():
    reader = FrameReader()
    assert reader.feed(bytes([STX]) + b"A" * 600) == [Damaged("longer than any message")]


def test_control_bytes_cannot_be_smuggled_into_a_message():
    with pytest.raises(UnsendableError, match="printable"):
        encode(Frame(TEXT, b"70\x03"))


def test_repr_shows_no_account():
    assert "4012345678909" not in repr(Frame(TEXT, b"Z60.4012345678909"))


@given(st.lists(events, max_size=8), st.data())
def test_any_split_gives_the_same_events(sent, data):
    stream = b"".join(map(wire, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    reader, received = FrameReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received += reader.feed(stream[start:end])
    assert received == sent


@given(st.binary(max_size=300))
def test_what_is_read_was_on_the_wire_whole_and_with_its_lrc(noise):
    for event in FrameReader().feed(noise):
        if isinstance(event, Frame):
            assert encode(event) in noise


@given(frames, st.data())
def test_one_flipped_byte_never_passes_for_the_same_length(frame, data):
    stream = bytearray(encode(frame))
    at = data.draw(st.integers(0, len(stream) - 1))
    stream[at] ^= data.draw(st.integers(1, 255))
    received = [event for event in FrameReader().feed(bytes(stream)) if isinstance(event, Frame)]
    assert all(len(found.message) < len(frame.message) for found in received)


@given(st.binary(max_size=30), frames)
def test_a_frame_after_noise_is_read_at_the_latest_when_repeated(noise, frame):
    received = FrameReader().feed(noise + encode(frame) + encode(frame))
    assert received[-1] == frame
