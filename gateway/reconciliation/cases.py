"""Differences as cases: opened by a comparison, owned and decided by people, and never forgotten.

A decision is added and never changed. What it counts is an adjustment of the first day that is open then, so that a
closed day stays as it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from gateway.bills.payment_states import State
from gateway.reconciliation.decision_rules import CONSEQUENCES, Decision, Side
from gateway.reconciliation.matching import Class, Finding
from gateway.times import from_ms
from spool import Transaction

NOBODY: Final = "tolem"  # decided by a later registry
OPEN_STATES: Final = (State.PAYING, State.PENDING, State.UNRESOLVED)

_COLUMNS: Final = """case_id, day, class, txn_id, payment_id, provider, product, our_state, our_sum, our_fee, eport_id,
    eport_sum, eport_fee, detail, owner, opened_ms, closed_ms"""
_OPEN: Final = """
INSERT INTO reconciliation_case (day, class, txn_id, payment_id, provider, product, our_state, our_sum, our_fee,
                                 eport_id, eport_sum, eport_fee, detail, opened_ms, opened_run, seen_run)
VALUES (:day, :class, :txn_id, :payment_id, :provider, :product, :our_state, :our_sum, :our_fee,
        :eport_id, :eport_sum, :eport_fee, :detail, :now, :run, :run)
ON CONFLICT (txn_id, class, day) DO UPDATE SET seen_run = excluded.seen_run,
    closed_ms = CASE (SELECT decision FROM reconciliation_decision AS d
                      WHERE d.case_id = reconciliation_case.case_id ORDER BY n DESC LIMIT 1)
                WHEN 'EXPLAINED' THEN NULL ELSE closed_ms END
RETURNING opened_run = seen_run
"""
_DECIDE: Final = """
INSERT INTO reconciliation_decision (case_id, n, decision, person, reason, at_ms)
SELECT :case_id, count(*) + 1, :decision, :person, :reason, :now FROM reconciliation_decision WHERE case_id = :case_id
"""
_CLOSE: Final = (
    "UPDATE reconciliation_case SET closed_ms = :now WHERE case_id = :case_id AND closed_ms IS NULL"
)
_OWN: Final = "UPDATE reconciliation_case SET owner = :owner WHERE case_id = :case_id AND closed_ms IS NULL"
_ADJUST: Final = """
INSERT INTO adjustment (case_id, day, provider, sum_minor, fee_minor, person, reason, at_ms)
VALUES (:case_id, :day, :provider, :sum, :fee, :person, :reason, :now)
"""
_DECISIONS: Final = """
SELECT decision, person, reason, at_ms FROM reconciliation_decision WHERE case_id = :case_id ORDER BY n
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    case_id: int
    day: date
    kind: Class
    txn_id: str
    payment_id: str | None
    provider: str
    product: str
    our_state: str | None
    our_sum: int | None
    our_fee: int | None
    eport_id: str | None
    eport_sum: int | None
    eport_fee: int | None
    detail: str
    owner: str | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Decided:
    decision: Decision
    person: str
    reason: str
    at: datetime


def open_case(tx: Transaction, day: date, found: Finding, *, run: int, detail: str = "") -> bool:
    """Open a case, or see it again. True: it is new."""
    ours, line = found.ours, found.line
    product = ours.product if ours is not None else line.product if line is not None else ""
    row = tx.one(
        _OPEN,
        {
            "day": day.isoformat(),
            "class": found.kind,
            "txn_id": found.txn_id,
            "payment_id": None if ours is None else ours.payment_id,
            "provider": found.provider,
            "product": product,
            "our_state": None if ours is None else ours.state,
            "our_sum": None if ours is None else ours.sum_minor,
            "our_fee": None if ours is None else ours.fee_minor,
            "eport_id": None if line is None else line.eport_id,
            "eport_sum": None if line is None else line.sum_minor,
            "eport_fee": None if line is None else line.fee_minor,
            "detail": detail or told(found),
            "now": tx.now_ms,
            "run": run,
        },
    )
    assert row is not None, "RETURNING has a row"
    return bool(row[0])


def told(found: Finding) -> str:
    """What is different, in words."""
    if found.differs:
        return f"differs in {', '.join(name.removesuffix('_minor') for name in found.differs)}"
    line = found.line
    if line is not None and line.listed_before is not None:
        return f"listed on {line.listed_before.isoformat()} before"
    if line is not None and line.twin is not None:
        return f"has the RRN of {line.twin}"
    return "a decision has counted it before" if found.kind is Class.DUPLICATE else ""


def explain(tx: Transaction, case_id: int, reason: str) -> None:
    """Close a case that a later registry has explained."""
    _decide(tx, case_id, Decision.EXPLAINED, person=NOBODY, reason=reason)


def decide(  # noqa: PLR0913 - what was decided about what, by whom and why, and where it counts
    tx: Transaction, case: Case, decision: Decision, *, person: str, reason: str, day: date
) -> None:
    """Close it, and count what the decision counts as an adjustment of `day`, the first that is open."""
    _decide(tx, case.case_id, decision, person=person, reason=reason)
    counted = counts(case, decision)
    if counted is not None:
        sum_minor, fee_minor = counted
        told_by = {"person": person, "reason": reason, "now": tx.now_ms}
        place = {"case_id": case.case_id, "day": day.isoformat(), "provider": case.provider}
        tx.execute(_ADJUST, {**place, **told_by, "sum": sum_minor, "fee": fee_minor})


def counts(case: Case, decision: Decision) -> tuple[int, int] | None:
    """Sum and fee that a decision adds. Ours only of what we have as paid."""
    side = CONSEQUENCES[case.kind, decision].counts
    if side is Side.OURS and case.our_state == State.PAID and case.our_sum is not None:
        return case.our_sum, case.our_fee or 0
    if side is Side.EPORT and case.eport_sum is not None:
        return case.eport_sum, case.eport_fee or 0
    return None


def own(tx: Transaction, case_id: int, owner: str) -> bool:
    """False: no open case has this number."""
    tx.execute(_OWN, {"case_id": case_id, "owner": owner})
    return bool(tx.changed())


def load(tx: Transaction, case_id: int) -> Case | None:
    return next(_read(tx, "WHERE case_id = :value", case_id), None)


def worklist(tx: Transaction, *, limit: int) -> Sequence[Case]:
    """The open ones, the oldest first."""
    return list(_read(tx, "WHERE closed_ms IS NULL ORDER BY case_id LIMIT :value", limit))


def of_day(tx: Transaction, day: date) -> Sequence[Case]:
    return list(_read(tx, "WHERE day = :value ORDER BY case_id", day.isoformat()))


def about(tx: Transaction, txn_id: str) -> Sequence[Case]:
    return list(_read(tx, "WHERE txn_id = :value ORDER BY case_id", txn_id))


def decisions(tx: Transaction, case_id: int) -> Sequence[Decided]:
    rows = tx.execute(_DECISIONS, {"case_id": case_id})
    return [Decided(Decision(decision), person, reason, from_ms(at)) for decision, person, reason, at in rows]


def unseen(tx: Transaction, day: date, *, run: int) -> Sequence[Case]:
    """Open cases of a day which its last comparison did not find any more."""
    open_ones = ", ".join(f"'{state}'" for state in OPEN_STATES)
    still_open = (
        f"(class = 'ONLY_BANK' AND our_state IN ({open_ones}))"  # those are not found by a comparison
    )
    where = (
        f"WHERE day = '{day.isoformat()}' AND closed_ms IS NULL AND seen_run <> :value AND NOT {still_open}"
    )
    return list(_read(tx, where, run))


def open_ones(tx: Transaction, txn_id: str, kind: Class) -> Sequence[Case]:
    where = f"WHERE txn_id = :value AND class = '{kind}' AND closed_ms IS NULL"
    return list(_read(tx, where, txn_id))


def of_ended(tx: Transaction) -> Sequence[Case]:
    """Open cases of payments that were still open then, and are not any more."""
    states = ", ".join(f"'{state}'" for state in OPEN_STATES)
    ended = f"SELECT payment_id FROM payment WHERE state NOT IN ({states})"  # noqa: S608 - our own names
    where = (
        f"our_state IN ({states}) AND payment_id IN ({ended} AND payment_id = reconciliation_case.payment_id)"
    )
    return list(_read(tx, f"WHERE closed_ms IS NULL AND class = :value AND {where}", Class.ONLY_BANK))


def _decide(tx: Transaction, case_id: int, decision: Decision, *, person: str, reason: str) -> None:
    told_by = {"person": person, "reason": reason, "now": tx.now_ms}
    tx.execute(_DECIDE, {"case_id": case_id, "decision": decision, **told_by})
    tx.execute(_CLOSE, {"case_id": case_id, "now": tx.now_ms})
    assert tx.changed() == 1, "an open case is decided once"


def _read(tx: Transaction, where: str, value: Any) -> Iterator[Case]:
    for row in tx.execute(f"SELECT {_COLUMNS} FROM reconciliation_case {where}", {"value": value}):  # noqa: S608 - our own texts
        case_id, day, kind, txn_id, payment_id, provider, product, *rest = row
        our_state, our_sum, our_fee, eport_id, eport_sum, eport_fee, detail, owner, opened_ms, closed_ms = (
            rest
        )
        yield Case(
            case_id=case_id,
            day=date.fromisoformat(day),
            kind=Class(kind),
            txn_id=txn_id,
            payment_id=payment_id,
            provider=provider,
            product=product,
            our_state=our_state,
            our_sum=our_sum,
            our_fee=our_fee,
            eport_id=eport_id,
            eport_sum=eport_sum,
            eport_fee=eport_fee,
            detail=detail,
            owner=owner,
            opened_at=from_ms(opened_ms),
            closed_at=None if closed_ms is None else from_ms(closed_ms),
        )
