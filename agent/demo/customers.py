"""What the customers of a campaign want to pay: a pure function of the seed and the catalogue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from gateway.money import Amount
from gateway.providers.product import Catalogue, Product
from gateway.providers.shapes import Phone
from gateway.sandbox.subscribers import SPECIAL, Behaviour

SPECIAL_SHARE: Final = 0.15  # of the phone numbers: the provider refuses them, or takes its time
_FIRST_ATTEMPT_ONLY: Final = frozenset(
    {17, 18, 19, 38}
)  # PROTOCOLS §2.3: later they leave the payment in doubt
_LARGEST_SUM: Final = Amount.parse("50000.00")


@dataclass(frozen=True)
class Wish:
    """One customer's order, as the arguments of a terminal's `pay`."""

    product: str
    requisites: dict[str, str]
    sum: str
    language: str

    def arguments(self) -> dict[str, Any]:
        return vars(self)


def wishes(catalogue: Catalogue, *, seed: int) -> Iterator[Wish]:
    """Without end, and the same for the same seed and catalogue."""
    dice = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    special = sorted(suffix for suffix, behaviour in SPECIAL.items() if _ends_by_itself(behaviour))
    while True:
        product = dice.choice(catalogue.products)
        yield Wish(
            product.id,
            {shape.code: _value(shape, special, dice) for shape in product.requisites},
            str(_sum(product, dice)),
            dice.choice(("kk", "ru", "en")),
        )


def _ends_by_itself(behaviour: Behaviour) -> bool:
    """However many attempts are lost on the way; what only the daily registry settles would end no campaign."""
    return (
        behaviour.asks is not None
        and not behaviour.conflict
        and behaviour.end.result not in _FIRST_ATTEMPT_ONLY
    )


def _value(shape: Any, special: Sequence[str], dice: Random) -> str:
    """Phones differ; what has a check digit is the catalogue's own example."""
    if not isinstance(shape, Phone):
        return str(shape.example)
    prefix = dice.choice(shape.prefixes or ("701", "705", "707", "747", "775"))
    if dice.random() < SPECIAL_SHARE:
        return f"{prefix}5{dice.choice(special)}"
    return f"{prefix}{dice.randrange(10**7):07d}"


def _sum(product: Product, dice: Random) -> Amount:
    if product.price is not None:
        return product.price.amount()
    smallest, largest = product.minimum.amount(), min(product.maximum.amount(), _LARGEST_SUM)
    return Amount(dice.randint(smallest.minor, largest.minor))
