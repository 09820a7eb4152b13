"""The two streams of a day out of the store, a page at a time, and what their merge finds.

A page is the next txn_ids that either side has, by the indexes of both; it is read in a snapshot of its own. So a day
costs what it holds, however many payments the store has, and memory holds one page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.reconciliation.matching import Class, Finding, Line, Ours, match
from gateway.reconciliation.settlement import account_in
from spool import Transaction

PAGE: Final = 1_000
ProviderOf = Callable[[str], str]  # of a product; '' if no catalogue of ours has it

_KEYS: Final = """
SELECT txn_id FROM payment WHERE business_day = :day AND txn_id > :after
UNION SELECT txn_id FROM daily_line WHERE daily_id = :daily_id AND txn_id > :after
ORDER BY 1 LIMIT :limit
"""
_OURS: Final = f"""
WITH page (txn_id) AS ({_KEYS})
SELECT p.txn_id, p.payment_id, p.state, p.business_day, c.provider, c.product, c.requisites, p.rrn,
       p.amount_minor, p.fee_minor,
       (SELECT max(r.day) FROM daily_line l JOIN daily_registry r ON r.daily_id = l.daily_id
         WHERE l.txn_id = p.txn_id AND r.day <> :day AND r.taken_ms IS NOT NULL),
       EXISTS (SELECT 1 FROM reconciliation_case k JOIN adjustment a ON a.case_id = k.case_id
                WHERE k.txn_id = p.txn_id AND k.day <> :day)
FROM page CROSS JOIN payment p ON p.txn_id = page.txn_id
CROSS JOIN account_check c ON c.check_id = p.check_id ORDER BY page.txn_id
"""  # noqa: S608 - our own texts
_LINES: Final = """
SELECT l.txn_id, l.eport_id, l.product, l.account, l.rrn, l.sum_minor, l.fee_minor,
       (SELECT min(r.day) FROM daily_line o JOIN daily_registry r ON r.daily_id = o.daily_id
         WHERE o.txn_id = l.txn_id AND r.day < :day AND r.taken_ms IS NOT NULL),
       (SELECT min(p.txn_id) FROM payment p WHERE p.rrn = l.rrn AND p.txn_id <> l.txn_id)
FROM daily_line l WHERE l.daily_id = :daily_id AND l.txn_id > :after AND l.txn_id <= :last ORDER BY l.txn_id
"""


@dataclass(slots=True)
class Sums:
    """Of one provider and class. Ours: of payments that are PAID in this business day."""

    our_count: int = 0
    our_sum: int = 0
    our_fee: int = 0
    eport_count: int = 0
    eport_sum: int = 0
    eport_fee: int = 0

    def add(self, day: date, found: Finding) -> None:
        if found.ours is not None and found.ours.day == day:
            self.our_count += 1
            self.our_sum += found.ours.sum_minor
            self.our_fee += found.ours.fee_minor
        if found.line is not None:
            self.eport_count += 1
            self.eport_sum += found.line.sum_minor
            self.eport_fee += found.line.fee_minor


Totals = dict[tuple[str, Class], Sums]


@dataclass(frozen=True)
class Page:
    """What was found, in order; `last` is the txn_id to go on after, None at the end."""

    findings: list[Finding]
    last: str | None


def page(tx: Transaction, day: date, daily_id: int, provider_of: ProviderOf, *, after: str) -> Page:
    bindings = {"day": day.isoformat(), "daily_id": daily_id, "after": after, "limit": PAGE}
    keys = [txn_id for (txn_id,) in tx.execute(_KEYS, bindings)]
    if not keys:
        return Page([], None)
    of_page = {**bindings, "last": keys[-1]}
    lines = _lines(tx, {name: of_page[name] for name in ("day", "daily_id", "after", "last")}, provider_of)
    findings = list(match(day, _ours(tx, bindings, provider_of), lines))
    return Page(findings, keys[-1] if len(keys) == PAGE else None)


def _ours(tx: Transaction, bindings: dict[str, Any], provider_of: ProviderOf) -> Iterator[Ours]:
    for row in tx.execute(_OURS, bindings):
        txn_id, payment_id, state, own_day, provider, product, requisites, rrn, sum_, fee, other, counted = (
            row
        )
        yield Ours(
            txn_id=txn_id,
            payment_id=payment_id,
            state=state,
            day=_day(own_day),
            provider=provider or provider_of(product),
            product=product,
            account=account_in(requisites),
            rrn=rrn,
            sum_minor=sum_,
            fee_minor=fee,
            listed_on=_day(other),
            counted=bool(counted),
        )


def _lines(tx: Transaction, bindings: dict[str, Any], provider_of: ProviderOf) -> Iterator[Line]:
    for txn_id, eport_id, product, account, rrn, sum_, fee, before, twin in tx.execute(_LINES, bindings):
        yield Line(
            txn_id=txn_id,
            eport_id=eport_id,
            provider=provider_of(product),
            product=product,
            account=account,
            rrn=rrn,
            sum_minor=sum_,
            fee_minor=fee,
            listed_before=_day(before),
            twin=twin,
        )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
