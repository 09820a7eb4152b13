"""A payment link, as an address, an id alone, or what its QR code holds (PROTOCOLS §4).

Only the id is trusted: whom it pays, and how much, the payee's bank is asked. The id begins with that
bank's three characters.
"""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from gateway.c2b2e.qr import VERSION, NotAQrError, read_qr

LINK_ID: Final = re.compile(r"[0-9A-Za-z]{3}[0-9A-Za-z_-]{21,29}", re.ASCII)
UNREADABLE: Final = "link.unreadable"
FOREIGN_HOST: Final = "link.foreign_host"


class NotALinkError(ValueError):
    """`reason` is of `gateway.reasons`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_link(text: str, *, hosts: Collection[str]) -> str:
    """The id of a link of one of these hosts. Raises NotALinkError."""
    text = text.strip()
    if LINK_ID.fullmatch(text):
        return text
    return _of_qr(text, hosts) if text.startswith(VERSION) else _of_address(text, hosts)


def _of_qr(text: str, hosts: Collection[str]) -> str:
    try:
        found = read_qr(text)
    except NotAQrError:
        raise NotALinkError(UNREADABLE) from None
    return _checked(found.link_id, found.host, hosts)


def _of_address(text: str, hosts: Collection[str]) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise NotALinkError(UNREADABLE) from None
    if parts.scheme != "https" or parts.query or parts.fragment:
        raise NotALinkError(UNREADABLE)
    return _checked(parts.path.removeprefix("/"), parts.netloc, hosts)


def _checked(link_id: str, host: str, hosts: Collection[str]) -> str:
    if LINK_ID.fullmatch(link_id) is None:
        raise NotALinkError(UNREADABLE)
    if host.lower() not in hosts:
        raise NotALinkError(FOREIGN_HOST)
    return link_id
