"""Cards for a person's hand: each goes another way, at the terminal or at the card host.

Numbers and keys are thrown when a wallet is made; every card's PIN is the one that a sandbox expects.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from devices.emulators.card import CardFaults, VirtualCard
from devices.emulators.card_files import CREDIT, DEBIT, CardApplication, throw_contents

VALID_YEARS: Final = 3


@dataclass(frozen=True)
class CardKind:
    """`says`: what becomes of it. `demands`: what the card host answers, where it does not decide by itself."""

    says: str
    years: int = VALID_YEARS  # until it expires; negative: it has
    demands: str = ""
    applications: Sequence[CardApplication] = (CREDIT,)
    faults: CardFaults = field(default_factory=CardFaults)


KINDS: Final[Mapping[str, CardKind]] = {
    "good": CardKind("approved"),
    "two_applications": CardKind("credit or debit: the customer chooses", applications=(CREDIT, DEBIT)),
    "no_money": CardKind("the bank answers 51", demands="51"),
    "expired": CardKind("seen by the terminal", years=-1),
    "stolen": CardKind("the bank answers 43", demands="43"),
    "blocked": CardKind("the chip says so", faults=CardFaults(blocked=True)),
    "declines": CardKind("the chip says no (AAC)", faults=CardFaults(declines=True)),
    "mute": CardKind("no answer to reset", faults=CardFaults(mute=True)),
}


def wallet(random_bytes: Callable[[int], bytes], *, today: date) -> Mapping[str, VirtualCard]:
    """One card of each kind, by the names of `KINDS`."""
    return {name: _card(kind, random_bytes, today) for name, kind in KINDS.items()}


def _card(kind: CardKind, random_bytes: Callable[[int], bytes], today: date) -> VirtualCard:
    contents = throw_contents(
        random_bytes,
        expiry_yymm=f"{(today.year + kind.years) % 100:02d}{today.month:02d}",
        demands=kind.demands,
        applications=kind.applications,
    )
    return VirtualCard(contents, faults=kind.faults)
