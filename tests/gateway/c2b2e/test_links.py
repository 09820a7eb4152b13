"""What is a payment link, and whose."""

import pytest

from gateway.c2b2e.links import FOREIGN_HOST, UNREADABLE, NotALinkError, read_link

HOSTS = {"qr.example", "pay.example:8443"}
ID = "BBB20261122abcdefghi-_90"


@pytest.mark.parametrize(
    "text", [ID, f" {ID}\n", f"https://qr.example/{ID}", f"https://QR.example/{ID}", f"https://pay.example:8443/{ID}"]
)  # fmt: skip
def test_a_link_is_read_as_it_was_scanned_or_typed(text):
    assert read_link(text, hosts=HOSTS) == ID


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", UNREADABLE),
        ("7011234567", UNREADABLE),
        (ID[:23], UNREADABLE),
        (ID + "a" * 9, UNREADABLE),
        (f"__B{ID[3:]}", UNREADABLE),
        (f"http://qr.example/{ID}", UNREADABLE),
        (f"https://qr.example/{ID}?x=1", UNREADABLE),
        (f"https://qr.example/{ID}#x", UNREADABLE),
        (f"https://qr.example/a/{ID}", UNREADABLE),
        (f"https://qr.example//{ID}", UNREADABLE),
        ("https://[::1/", UNREADABLE),
        (f"https://qr.example.evil/{ID}", FOREIGN_HOST),
        (f"https://qr.example@evil/{ID}", FOREIGN_HOST),
        (f"https://qr.example:8443/{ID}", FOREIGN_HOST),
        (f"https://evil/{ID}", FOREIGN_HOST),
    ],
)
def test_what_is_no_link_says_why(text, reason):
    with pytest.raises(NotALinkError) as refused:
        read_link(text, hosts=HOSTS)
    assert refused.value.reason == reason
