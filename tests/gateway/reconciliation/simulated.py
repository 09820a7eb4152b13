"""A simulated stretch of days: our book and e-port's registries made from one list of fates, and what must be found.

The fates are drawn by a seed; what each side writes of a fate, and what a comparison must say of it, are tables here
and nowhere else.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from gateway.money import Amount
from gateway.reconciliation.calendar import DAY, midnight
from gateway.times import to_ms
from tests.gateway.reconciliation.conftest import ALMATY, line, registry

PRODUCTS = (
    ("beeline-kz", "beeline"),
    ("kcell-kz", "kcell"),
    ("almaty-su", "su"),
    ("kazakhtelecom", "telecom"),
)
PROVIDERS = dict(PRODUCTS)

# fate: of how many in ten thousand, what our book says, what a comparison must say of both sides' days
FATES = {
    "good": (9_400, "PAID"),
    "late": (300, "PENDING"),  # an outage: e-port has it, and we learn it from the registry
    "refused": (100, "REFUSED"),
    "other_sum": (40, "PAID"),
    "other_account": (40, "PAID"),
    "released": (30, "RELEASED"),  # and listed all the same
    "omitted": (40, "PAID"),
    "foreign": (20, None),
    "twice": (15, "PAID"),
    "next_day": (15, "PAID"),
}
CLASS_OF = {
    "good": "MATCHED",
    "late": "MATCHED",
    "twice": "MATCHED",  # and a DUPLICATE beside it
    "other_sum": "AMOUNT_DIFF",
    "other_account": "STATUS_DIFF",
    "released": "STATUS_DIFF",
    "omitted": "ONLY_BANK",
    "foreign": "ONLY_EPORT",
}
_CHECK = """
INSERT INTO account_check (check_id, terminal, state, product, provider, catalogue_version, requisites, fields,
    minimum_minor, maximum_minor, fee_rule, offered_ms, valid_until_ms)
VALUES (?, 'ATM00017', 'USED', ?, ?, '0123456789abcdef', ?, '[]', 100, 100000000,
    '{"percent_hundredths": 300, "minimum": {"amount_minor": 0, "currency": "KZT"}}', ?, ?)
"""
_PAYMENT = """
INSERT INTO payment (payment_id, terminal, check_id, request_digest, state, moves, amount_minor, fee_minor,
    total_minor, txn_id, rrn, stan, acquirer, merchant, accepted_ms, changed_ms, business_day)
VALUES (?, 'ATM00017', ?, x'00', ?, 1, ?, ?, ?, ?, ?, '000001', '123456', 'M', ?, ?, ?)
"""


@dataclass
class Day:
    """What was made of one day. `lines` are those of its registry."""

    day: date
    lines: list = field(default_factory=list)
    classes: Counter = field(default_factory=Counter)  # (class, ours or eport) → count
    agreed: int = 0  # total of what both books agree on, in tiyn


@dataclass
class Period:
    """`insert` writes our book; `registry_of` is e-port's file."""

    first: date
    length: int
    payments: int
    seed: int = 7
    days: dict[date, Day] = field(default_factory=dict)
    _rows: list[tuple] = field(default_factory=list)

    def __post_init__(self) -> None:
        random, numbers = Random(self.seed), count(1)
        self.days = {day: Day(day) for day in (self.first + n * DAY for n in range(self.length + 1))}
        fates, weights = list(FATES), [weight for weight, _ in FATES.values()]
        for day in list(self.days)[: self.length]:
            for _ in range(self.payments // self.length):
                (fate,) = random.choices(fates, weights)
                self._make(day, next(numbers), fate, random)
        self._make_sure_of_every_fate(random, numbers)

    def registry_of(self, day: date) -> bytes:
        """In the order in which e-port finished them, which is not that of their txn_ids."""
        lines = list(self.days[day].lines)
        Random(day.toordinal()).shuffle(lines)
        return registry(day, lines)

    def insert(self, tx, some: range) -> None:
        for check, payment in self._rows[some.start : some.stop]:
            tx.execute(_CHECK, check)
            tx.execute(_PAYMENT, payment)

    def slices(self) -> Iterator[range]:
        return (range(at, at + 2_000) for at in range(0, len(self._rows), 2_000))

    def _make_sure_of_every_fate(self, random: Random, numbers: Iterator[int]) -> None:
        for fate in FATES:
            self._make(self.first, next(numbers), fate, random)

    def _make(self, day: date, n: int, fate: str, random: Random) -> None:
        product, provider = random.choice(PRODUCTS)
        sum_minor, fee_minor = random.randrange(100_00, 50_000_00), random.randrange(0, 500_00)
        at = midnight(day, ALMATY) + timedelta(seconds=random.randrange(86_400))
        facts = {
            "product": product,
            "account": f"7{random.randrange(10**9):09d}",
            "sum": Amount(sum_minor),
            "fee": Amount(fee_minor),
            "accepted_at": at,
            "finished_at": at,
            "rrn": f"{n:012d}",
        }
        _, state = FATES[fate]
        if state is not None:
            self._ours(day, n, state, facts, provider)
        _WRITES.get(fate, _as_it_is)(self, day, n, facts)
        made = self.days[day]
        if (kind := CLASS_OF.get(fate)) is not None:
            made.classes[kind, "ours"] += state in {"PAID", "PENDING"}
            made.classes[kind, "eport"] += fate != "omitted"
            made.agreed += (sum_minor + fee_minor) * (kind == "MATCHED")

    def _ours(self, day: date, n: int, state: str, facts: dict, provider: str) -> None:
        txn_id, at_ms = f"{day:%y%m%d}{n:014d}", to_ms(facts["accepted_at"])
        check_id = f"c{n}"
        requisites = f'[["account", "{facts["account"]}"]]'
        business_day = day.isoformat() if state == "PAID" else None
        sums = (facts["sum"].minor, facts["fee"].minor, facts["sum"].minor + facts["fee"].minor)
        check = (check_id, facts["product"], provider, requisites, at_ms, at_ms + 3_600_000)
        payment = (f"p{n}", check_id, state, *sums, txn_id, facts["rrn"], at_ms, at_ms, business_day)
        self._rows.append((check, payment))


def _as_it_is(period: Period, day: date, n: int, facts: dict) -> None:
    period.days[day].lines.append(line(n, day, **facts))


def _nothing(*_: object) -> None:
    pass


def _other_sum(period: Period, day: date, n: int, facts: dict) -> None:
    _as_it_is(period, day, n, facts | {"sum": facts["sum"] + Amount(100)})


def _other_account(period: Period, day: date, n: int, facts: dict) -> None:
    _as_it_is(period, day, n, facts | {"account": f"{facts['account']}0"})


def _twice(period: Period, day: date, n: int, facts: dict) -> None:
    _as_it_is(period, day, n, facts)
    _as_it_is(period, day, 9 * 10**13 + n, facts)
    period.days[day].classes["DUPLICATE", "eport"] += 1


def _next_day(period: Period, day: date, n: int, facts: dict) -> None:
    after = day + DAY
    shifted = line(n, day, **(facts | {"finished_at": midnight(after, ALMATY)}))
    period.days[after].lines.append(shifted)
    period.days[after].agreed += shifted.total.minor
    period.days[after].classes["DAY_SHIFT", "eport"] += 1
    period.days[day].classes["DAY_SHIFT", "ours"] += 1


_WRITES: dict[str, Callable[..., None]] = {
    "refused": _nothing,
    "omitted": _nothing,
    "other_sum": _other_sum,
    "other_account": _other_account,
    "twice": _twice,
    "next_day": _next_day,
}
