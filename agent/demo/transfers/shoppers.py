"""Who buys what, and what comes of the link: a pure function of the seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, Final

from gateway.money import Amount

_LARGEST_SUM: Final = Amount.parse("50000.00")
_SMALLEST_SUM: Final = Amount.parse("100.00")
_GOODS: Final = ("Шай мен бауырсақ", "Кофе", "Books", "Нан", "Балмұздақ")


class Course(StrEnum):
    """What people do with the link of a sale."""

    PAID = "paid"  # one customer pays
    AGAIN = "again"  # and then somebody else scans it
    CALLED_OFF = "called off"  # the merchant cancels it, and then somebody scans it


_SHARES: Final = {Course.PAID: 0.86, Course.AGAIN: 0.07, Course.CALLED_OFF: 0.07}


@dataclass(frozen=True)
class Purchase:
    sum: str
    purpose: str
    course: Course

    def arguments(self) -> dict[str, Any]:
        """Of a till's `sale`."""
        return {"amount": self.sum, "purpose": self.purpose}


def purchases(*, seed: int) -> Iterator[Purchase]:
    """Without end, and the same for the same seed."""
    dice = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    while True:
        [course] = dice.choices(list(_SHARES), weights=list(_SHARES.values()))
        amount = Amount(dice.randint(_SMALLEST_SUM.minor, _LARGEST_SUM.minor))
        yield Purchase(str(amount), dice.choice(_GOODS), course)
