"""Our payments of a day against the lines of e-port's registry of it: two sorted streams, merged (DESIGN §7). Pure.

Every txn_id of either side comes out once, with a class. What is compared, and in which order the classes are tried,
stands in two tables; memory holds one payment and one line.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Protocol, TypeVar


class Class(StrEnum):
    MATCHED = "MATCHED"
    AMOUNT_DIFF = "AMOUNT_DIFF"  # sum or fee
    STATUS_DIFF = "STATUS_DIFF"  # we do not have it as paid; or it is about something else
    ONLY_BANK = "ONLY_BANK"  # we have it as paid, and no registry lists it
    ONLY_EPORT = "ONLY_EPORT"  # no payment of ours has this txn_id
    DUPLICATE = "DUPLICATE"  # it was listed, or counted, before; or another payment's RRN under a new txn_id
    DAY_SHIFT = "DAY_SHIFT"  # the same on both sides, in neighbouring days


AGREED: Final = frozenset({Class.MATCHED, Class.DAY_SHIFT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Ours:
    """A payment of ours. `day`: its business day, of a paid one. `listed_on`: another day whose registry has it.
    `counted`: a decision about another day has counted it already.
    """

    txn_id: str
    payment_id: str
    state: str
    day: date | None
    provider: str
    product: str
    account: str
    rrn: str
    sum_minor: int
    fee_minor: int
    listed_on: date | None = None
    counted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """An accepted payment, as e-port lists it. `listed_before`: an earlier day whose registry has it too.
    `twin`: the txn_id of another payment of ours that has its RRN.
    """

    txn_id: str
    eport_id: str
    provider: str
    product: str
    account: str
    rrn: str
    sum_minor: int
    fee_minor: int
    listed_before: date | None = None
    twin: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`differs` names what is not the same on both sides."""

    kind: Class
    ours: Ours | None
    line: Line | None
    differs: tuple[str, ...] = ()

    @property
    def txn_id(self) -> str:
        side = self.ours or self.line
        assert side is not None, "a finding is about somebody"
        return side.txn_id

    @property
    def provider(self) -> str:
        """Ours where we know: the catalogue of the day on which it was paid."""
        return (self.ours.provider if self.ours else "") or (self.line.provider if self.line else "")


class NotSortedError(ValueError):
    """A stream is not in the order of its txn_ids, or has one twice."""


class _Named(Protocol):
    @property
    def txn_id(self) -> str: ...


N = TypeVar("N", bound=_Named)
_PAID: Final = "PAID"
_AMOUNTS: Final = ("sum_minor", "fee_minor")
_CONTENT: Final = (*_AMOUNTS, "product", "account", "rrn")
_Test = Callable[[date, Finding], bool]


def _again(_: date, found: Finding) -> bool:
    line, ours = found.line, found.ours
    if line is None:
        return False
    return line.listed_before is not None or (line.twin is not None if ours is None else ours.counted)


# The first that holds is the class.
_CLASSES: Final[tuple[tuple[Class, _Test], ...]] = (
    (Class.DUPLICATE, _again),
    (Class.ONLY_EPORT, lambda _, found: found.ours is None),
    (
        Class.DAY_SHIFT,
        lambda _, found: found.line is None and found.ours is not None and _elsewhere(found.ours),
    ),
    (Class.ONLY_BANK, lambda _, found: found.line is None),
    (Class.AMOUNT_DIFF, lambda _, found: not set(_AMOUNTS).isdisjoint(found.differs)),
    (Class.STATUS_DIFF, lambda _, found: bool(found.differs)),
    (Class.DAY_SHIFT, lambda day, found: found.ours is not None and found.ours.day != day),
    (Class.MATCHED, lambda *_: True),
)


def match(day: date, ours: Iterable[Ours], lines: Iterable[Line]) -> Iterator[Finding]:
    """Both in the order of their txn_ids, and so is what comes out. Raises NotSortedError."""
    payments, listed = _sorted(ours), _sorted(lines)
    payment, line = next(payments, None), next(listed, None)
    while payment is not None or line is not None:
        if line is None or (payment is not None and payment.txn_id < line.txn_id):
            yield _judged(day, payment, None)
            payment = next(payments, None)
        elif payment is None or line.txn_id < payment.txn_id:
            yield _judged(day, None, line)
            line = next(listed, None)
        else:
            yield _judged(day, payment, line)
            payment, line = next(payments, None), next(listed, None)


def same_content(ours: Ours, line: Line) -> bool:
    """Whether the line is about this payment and no other: product, account, sum, fee and RRN (PROTOCOLS §2.3, 215)."""
    return not _differing(ours, line)


def _judged(day: date, ours: Ours | None, line: Line | None) -> Finding:
    differs: tuple[str, ...] = ()
    if ours is not None and line is not None:
        differs = (*_differing(ours, line), *(() if ours.state == _PAID else ("status",)))
    found = Finding(Class.MATCHED, ours, line, differs)
    return Finding(next(kind for kind, holds in _CLASSES if holds(day, found)), ours, line, differs)


def _differing(ours: Ours, line: Line) -> tuple[str, ...]:
    return tuple(name for name in _CONTENT if getattr(ours, name) != getattr(line, name))


def _elsewhere(ours: Ours) -> bool:
    return ours.listed_on is not None or ours.counted


def _sorted(stream: Iterable[N]) -> Iterator[N]:
    last = ""
    for one in stream:
        if one.txn_id <= last:
            raise NotSortedError(f"{one.txn_id} comes after {last}")
        last = one.txn_id
        yield one
