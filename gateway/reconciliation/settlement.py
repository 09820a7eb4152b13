"""What daily registries decide about payments that are still open: listed is paid, missing twice is not (PROTOCOLS §2.5).

A line pays a payment only if it is about that very payment. A payment is missing when the registries of the day of its
first sending and of the next day are both there and neither lists it. Then a person decides; it is released without one
only where the contract's setting says so, and never if e-port once called it pending or knows its txn_id with other content.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.bills import payment as payments
from gateway.bills.moves import Evidence, Moves
from gateway.bills.payment import Payment
from gateway.bills.payment_states import Event
from gateway.bills.steps import CANCEL, PAYMENT, STATUS, key_of
from gateway.reconciliation.calendar import DAY, day_of
from spool import NoSuchEntry, Transaction, show
from spool.entry_states import State as EntryState
from spool.worklist import id_of

AT_ONCE: Final = 100  # payments in one transaction

# Driven from the few payments that are open, never from the registry's many lines.
_LISTED: Final = """
SELECT p.payment_id, l.number, l.eport_id, l.product, l.account, l.sum_minor, l.fee_minor, l.finished_at, l.rrn
FROM payment p CROSS JOIN daily_line l ON l.daily_id = :daily_id AND l.txn_id = p.txn_id
WHERE p.state IN ('PAYING', 'PENDING', 'UNRESOLVED') ORDER BY p.txn_id
"""
# None of the last closed day or later is missing: the day after its first sending is not there yet.
_OPEN: Final = """
SELECT payment_id, txn_id FROM payment
WHERE state IN ('PAYING', 'PENDING', 'UNRESOLVED') AND txn_id > :after AND txn_id < :last_yymmdd
ORDER BY txn_id LIMIT :limit
"""
_LAST_TAKEN: Final = "SELECT max(day) FROM daily_registry WHERE taken_ms IS NOT NULL"
_LISTED_ANYWHERE: Final = """
SELECT 1 FROM daily_line l JOIN daily_registry r ON r.daily_id = l.daily_id
WHERE l.txn_id = :txn_id AND r.taken_ms IS NOT NULL LIMIT 1
"""
_TAKEN: Final = "SELECT 1 FROM daily_registry WHERE day = :day AND taken_ms IS NOT NULL"
_ASKING: Final = (PAYMENT, STATUS, CANCEL)
# What forbids a release without a person, from the payment's own history.
_ONLY_BY_PERSON: Final = (Event.PAYMENT_PENDING, Event.ID_CONFLICT)


@dataclass(frozen=True)
class Missing:
    """`first_sent`: the day; `why_person` is empty if nothing forbids a release by itself."""

    payment: Payment
    first_sent: date
    why_person: str


def settle(tx: Transaction, moves: Moves, daily_id: int) -> int:
    """Pay what the registry lists; how many were paid. Call again until none is."""
    found = _to_settle(tx, daily_id)
    for payment_id, evidence in found:
        moves.apply(tx, payment_id, Event.REGISTRY_MATCHED, evidence)
    return len(found)


def missing(tx: Transaction, zone: ZoneInfo, *, after: str) -> tuple[list[Missing], str | None]:
    """Those among the next open payments, and the txn_id to go on after; None when there are no more."""
    last = tx.one(_LAST_TAKEN)
    if last is None or last[0] is None:
        return [], None
    before = f"{date.fromisoformat(last[0]):%y%m%d}"
    rows = list(tx.execute(_OPEN, {"after": after, "last_yymmdd": before, "limit": AT_ONCE}))
    found = [
        one for payment_id, txn_id in rows if (one := _missing(tx, zone, payment_id, txn_id)) is not None
    ]
    return found, rows[-1][1] if len(rows) == AT_ONCE else None


def release(tx: Transaction, moves: Moves, payment_id: str, *, note: str) -> None:
    """The payment is not paid: its hold is released, and nothing more is sent to e-port."""
    moves.apply(tx, payment_id, Event.REGISTRY_MISSING, Evidence(note=note, reason="missing_in_registry"))


def in_flight(tx: Transaction, payment: Payment) -> bool:
    """Whether an attempt is on its way to e-port, whose answer may still come."""
    return any(_state(tx, key_of(kind, payment)) is EntryState.CLAIMED for kind in _ASKING)


def account_of(payment: Payment) -> str:
    """As a registry names it: the requisite `account`, else the first."""
    requisites = dict(payment.check.requisites)
    return requisites.get("account", payment.check.requisites[0][1])


def account_in(requisites: str) -> str:
    """The same of the JSON in the store."""
    pairs: Sequence[Sequence[str]] = json.loads(requisites)
    return next((value for code, value in pairs if code == "account"), pairs[0][1])


def _to_settle(tx: Transaction, daily_id: int) -> list[tuple[str, Evidence]]:
    """Open payments that the registry lists with the same content: payment_id and evidence, AT_ONCE at most."""
    found = []
    for payment_id, number, eport_id, *rest in tx.execute(_LISTED, {"daily_id": daily_id}):
        payment = payments.load(tx, payment_id)
        assert payment is not None, "the row was just read"
        product, account, sum_minor, fee_minor, finished_at, rrn = rest
        ours = (
            payment.check.product,
            account_of(payment),
            payment.amount.minor,
            payment.fee.minor,
            payment.rrn,
        )
        if ours == (product, account, sum_minor, fee_minor, rrn):
            note = f"line {number} of the daily registry"
            evidence = Evidence(
                eport_id=eport_id or None, provider_finished_at=finished_at, note=note, result=0
            )
            found.append((payment_id, evidence))
        if len(found) == AT_ONCE:
            break
    return found


def _missing(tx: Transaction, zone: ZoneInfo, payment_id: str, txn_id: str) -> Missing | None:
    payment = payments.load(tx, payment_id)
    first_sent = None if payment is None else first_sending(tx, zone, payment)
    if payment is None or first_sent is None:
        return None  # e-port was never told of it, and will refuse it when it is
    both_there = all(tx.one(_TAKEN, {"day": day.isoformat()}) for day in (first_sent, first_sent + DAY))
    if not both_there or tx.one(_LISTED_ANYWHERE, {"txn_id": txn_id}) or in_flight(tx, payment):
        return None
    forbidding = [event for event in _ONLY_BY_PERSON if payments.happened(tx, payment_id, event)]
    return Missing(payment, first_sent, ", ".join(forbidding))


def first_sending(tx: Transaction, zone: ZoneInfo, payment: Payment) -> date | None:
    """The day of its first attempt; None if none has ended yet."""
    began = [line.began_at for line in _history(tx, key_of(PAYMENT, payment)) if line.began_at is not None]
    return day_of(min(began), zone) if began else None


def _history(tx: Transaction, key: str) -> Iterator[Any]:
    try:
        yield from show(tx, id_of(tx, key)).history
    except NoSuchEntry:
        return


def _state(tx: Transaction, key: str) -> EntryState | None:
    try:
        return show(tx, id_of(tx, key)).listed.state
    except NoSuchEntry:
        return None
