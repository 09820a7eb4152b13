import doctest
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.funds import framing
from gateway.funds.framing import LONGEST_MESSAGE, SHORTEST_MESSAGE, Deframer, FramingError, frame

MESSAGES = st.lists(st.binary(min_size=SHORTEST_MESSAGE, max_size=60), max_size=6)


def test_examples_in_the_docstring_hold():
    assert doctest.testmod(framing).failed == 0


@given(messages=MESSAGES, cuts=st.lists(st.integers(0, 400), max_size=12))
def test_however_a_stream_is_cut_the_same_messages_come_out(messages, cuts):
    stream = b"".join(map(frame, messages))
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    deframer = Deframer()
    found = [message for start, end in pairwise(edges) for message in deframer.feed(stream[start:end])]
    assert found == messages


@pytest.mark.parametrize("length", [SHORTEST_MESSAGE, LONGEST_MESSAGE])
def test_the_shortest_and_the_longest_message_pass(length):
    assert list(Deframer().feed(frame(bytes(length)))) == [bytes(length)]


@pytest.mark.parametrize("length", [0, SHORTEST_MESSAGE - 1, LONGEST_MESSAGE + 1])
def test_no_frame_is_made_of_a_message_outside_the_limits(length):
    with pytest.raises(FramingError):
        frame(bytes(length))


@pytest.mark.parametrize("noise", [b"\x00\x00", b"\x00\x13", b"GARBAGE", b"\xff\xff", b"\x16\x03\x01"])
def test_noise_is_recognised_by_its_first_two_bytes(noise):
    with pytest.raises(FramingError):
        list(Deframer().feed(noise))


def test_what_came_before_the_noise_is_still_given():
    deframer = Deframer()
    found = []
    with pytest.raises(FramingError):
        found.extend(deframer.feed(frame(bytes(20)) + b"\xff\xff"))
    # list.extend keeps what a generator gave before it raised
    assert found == [bytes(20)]
