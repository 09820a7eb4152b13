import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.emv.dol import fill_dol, fit, parse_dol
from devices.emv.tags import Form, Tag
from devices.emv.tlv import MalformedTlvError, Tlv, build, first, parse, walk

tags = st.sampled_from([tag for tag in Tag if not Tlv(tag, b"").constructed])
nodes = st.builds(Tlv, tags, st.binary(max_size=300))


def test_a_directory_entry_is_read_in_depth():
    data = bytes.fromhex("6F1A840E325041592E5359532E4444463031A508BF0C0561034F01AA")
    assert first(parse(data), Tag.AID) == b"\xaa"
    assert [hex(node.tag) for node in walk(parse(data))] == ["0x6f", "0x84", "0xa5", "0xbf0c", "0x61", "0x4f"]


def test_duplicates_survive():
    data = bytes.fromhex("5A0101" + "5A0102")
    assert [node.value for node in parse(data)] == [b"\x01", b"\x02"]


def test_zero_bytes_between_elements_are_padding():
    assert parse(bytes.fromhex("00005A0101000050010200")) == [Tlv(0x5A, b"\x01"), Tlv(0x50, b"\x02")]


@pytest.mark.parametrize(
    "text",
    [
        "5A",  # no length
        "5A02AA",  # shorter than its length
        "5F",  # half a tag
        "5A80AA0000",  # indefinite length
        "5A83000001AA",  # a length of three bytes
        "5A81",  # half a length
        "5F81818101AA",  # a tag of four bytes
    ],
)
def test_what_is_no_tlv_is_malformed(text):
    with pytest.raises(MalformedTlvError):
        parse(bytes.fromhex(text))


def test_nesting_has_an_end():
    data = b""
    for _ in range(20):
        data = build((Tag.RECORD, data))
    with pytest.raises(MalformedTlvError, match="deeply"):
        list(walk(parse(data)))


def test_neither_repr_nor_error_quotes_a_value():
    assert repr(parse(bytes.fromhex("5A024111"))) == "[Tlv(5A, 2 bytes)]"


@given(st.lists(nodes, max_size=10))
def test_what_is_built_is_read_back(given_nodes):
    assert parse(b"".join(node.encode() for node in given_nodes)) == given_nodes


@given(st.binary(max_size=200))
def test_any_bytes_are_tlv_or_malformed(data):
    with contextlib.suppress(MalformedTlvError):
        found = parse(data)
        assert sum(len(node.value) for node in found) <= len(data)
        list(walk(found))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_list_or_malformed(data):
    with contextlib.suppress(MalformedTlvError):
        assert len(fill_dol(data, {Tag.AMOUNT: bytes(6)})) == sum(length for _, length in parse_dol(data))


@pytest.mark.parametrize(
    ("form", "length", "expected"),
    [
        (Form.NUMERIC, 3, "001234"),
        (Form.NUMERIC, 1, "34"),
        (Form.COMPRESSED, 3, "1234FF"),
        (Form.BINARY, 3, "123400"),
        (Form.BINARY, 1, "12"),
        (Form.NUMERIC, 0, ""),
    ],
)
def test_a_value_is_cut_or_filled_up_by_its_format(form, length, expected):
    assert fit(bytes.fromhex("1234"), length, form).hex().upper() == expected


def test_what_we_do_not_have_is_zeros():
    assert fill_dol(bytes.fromhex("5A04" + "9F0206"), {Tag.AMOUNT: bytes.fromhex("000000154500")}) == bytes(
        4
    ) + bytes.fromhex("000000154500")


def test_a_list_that_asks_for_more_than_a_command_holds_is_malformed():
    with pytest.raises(MalformedTlvError):
        parse_dol(bytes.fromhex("9F02FF"))


def test_a_tag_without_its_length_is_malformed():
    with pytest.raises(MalformedTlvError):
        parse_dol(bytes.fromhex("9F02"))


def test_the_elements_of_a_cardholder_are_secret():
    assert {tag for tag in Tag if tag.secret} == {Tag.TRACK2, Tag.PAN, Tag.NAME, Tag.EXPIRY}
