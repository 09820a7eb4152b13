"""EMVCo's form of a payment link: read whole, or not at all."""

import doctest

import pytest

from gateway.c2b2e import qr
from gateway.c2b2e.links import FOREIGN_HOST, UNREADABLE, NotALinkError, read_link
from gateway.c2b2e.qr import NotAQrError, QrLink, checksum, read_qr

HOST, ID = "qr.example", "BBB20261122abcdefghi-_90"


def tlv(number: str, value: str) -> str:
    return f"{number}{len(value):02d}{value}"


def code(*, host: str = HOST, link_id: str = ID, name: str = "Арай дүкені") -> str:
    """Dynamic, KZT, 1500.00, in Almaty."""
    account = tlv("26", tlv("00", host) + tlv("01", link_id))
    rest = (("52", "5999"), ("53", "398"), ("54", "1500.00"), ("58", "KZ"), ("59", name), ("60", "Алматы"))
    text = tlv("00", "01") + tlv("01", "12") + account + "".join(tlv(*one) for one in rest) + "6304"
    return f"{text}{checksum(text):04X}"


def test_the_examples_in_the_docstring_hold():
    assert doctest.testmod(qr).failed == 0


def test_a_code_with_a_name_in_kazakh_gives_its_link():
    assert read_qr(code()) == QrLink(HOST, ID)
    assert read_link(f" {code()} ", hosts={HOST}) == ID


@pytest.mark.parametrize("at", range(0, len(code()), 7))
def test_a_character_that_was_misread_is_no_code(at):
    text = code()
    other = "1" if text[at] != "1" else "2"
    with pytest.raises(NotAQrError):
        read_qr(text[:at] + other + text[at + 1 :])


def signed(text: str) -> str:
    return f"{text}6304{checksum(text + '6304'):04X}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000201",
        signed("000201"),
        signed("000201" + tlv("26", tlv("00", HOST))),
        signed("000201" + tlv("26", tlv("00", HOST) + "0199x")),
        signed("0002015399"),
        signed("000201" + tlv("53", "398") * 2),
        signed("000201٠١٠١"),
    ],
)
def test_what_is_in_another_form_is_no_code(text):
    with pytest.raises(NotAQrError):
        read_qr(text)


@pytest.mark.parametrize(
    ("text", "reason"), [(code(host="evil.example"), FOREIGN_HOST), (code(link_id="short"), UNREADABLE)]
)
def test_only_a_link_of_a_known_host_is_taken(text, reason):
    with pytest.raises(NotALinkError) as refused:
        read_link(text, hosts={HOST})
    assert refused.value.reason == reason
