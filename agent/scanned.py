"""What a scanned code says: a bill's requisite, by the catalogue's rules, or a payment link. Pure.

Of a link only its id is trusted (PROTOCOLS §4): whom it pays, and how much, the payee's bank is asked.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from gateway.providers import barcodes
from gateway.providers.faults import FaultyValueError
from gateway.providers.product import Product
from gateway.providers.requisites import check_value
from gateway.providers.shapes import RequisiteShape

LONGEST_LINK: Final = 200
_LINK_ID: Final = re.compile(r"/(?P<id>[0-9A-Za-z]{3}[0-9A-Za-z_-]{21,29})", re.ASCII)


@dataclass(frozen=True)
class ScannedRequisite:
    """A value that the product would take. `repr` does not show it: it is somebody's account."""

    product: str
    code: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class ScannedLink:
    link_id: str


def classify(
    text: str, products: Sequence[Product], *, link_hosts: Collection[str] = ()
) -> ScannedLink | Sequence[ScannedRequisite]:
    """A link of one of these hosts; else every requisite whose barcode this may be, of none if empty."""
    link_id = link_of(text, link_hosts)
    if link_id is not None:
        return ScannedLink(link_id)
    return [
        ScannedRequisite(product.id, shape.code, value)
        for product in products
        for shape in product.requisites
        if (value := requisite_of(text, shape)) is not None
    ]


def may_be_link(text: str) -> bool:
    """An address, or an EMVCo merchant-presented code. What it is, the gateway decides (PROTOCOLS §4)."""
    return text.lower().startswith("https://") or text.startswith("000201")


def requisite_of(text: str, shape: RequisiteShape) -> str | None:
    """The value that stands in this barcode, if it is one of this requisite and its value passes."""
    value = None if shape.barcode is None else barcodes.read(shape.barcode, text.strip())
    if value is None:
        return None
    try:
        check_value(shape, value)
    except FaultyValueError:
        return None
    return value


def link_of(text: str, hosts: Collection[str]) -> str | None:
    """The id of `https://<one of the hosts>/<id>`, with nothing else in it; else None."""
    if len(text) > LONGEST_LINK or not text.isascii():
        return None
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    found = _LINK_ID.fullmatch(parts.path)
    bare = not (parts.query or parts.fragment)
    return found["id"] if found and bare and parts.scheme == "https" and parts.netloc in hosts else None
