"""The applications that we serve: how their identifiers begin, and the version that we claim for each."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scheme:
    """`version` answers tag 9F09."""

    name: str
    aid: bytes
    version: bytes


SCHEMES: Final = tuple(
    Scheme(name, bytes.fromhex(aid), bytes.fromhex(version))
    for name, aid, version in (
        ("Visa", "A0000000031010", "008C"),
        ("Visa Electron", "A0000000032010", "008C"),
        ("Mastercard", "A0000000041010", "0002"),
        ("Maestro", "A0000000043060", "0002"),
        ("UnionPay debit", "A000000333010101", "0030"),
        ("UnionPay credit", "A000000333010102", "0030"),
        ("Mir", "A0000006581010", "0100"),
    )
)


def scheme_of(aid: bytes) -> Scheme | None:
    """By the beginning of the identifier: the issuer's own digits may follow (Book 1, 12.3.1)."""
    return next((scheme for scheme in SCHEMES if aid.startswith(scheme.aid)), None)
