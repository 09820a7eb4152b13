"""The only place that changes a payment's state: look the move up, write it, do its steps, all in one transaction.

Whoever watches (long polls, metrics, a demo's display) is told after the commit, on the loop.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.alarms import raise_alarm
from gateway.bills import payment as payments
from gateway.bills.business_day import business_day
from gateway.bills.payment import Payment
from gateway.bills.payment_states import FINAL, START, TABLE, Event, State, Step
from gateway.bills.reported import operation_of
from gateway.registry.changes import record
from gateway.registry.layout import Kind
from gateway.state_table import advance
from gateway.times import to_ms
from spool import Transaction

_log = logging.getLogger(__name__)

_UTC: Final = ZoneInfo("UTC")
PUT: Final = "PUT"  # the event that brings a payment into the table

_INSERT: Final = """
INSERT INTO payment (payment_id, terminal, check_id, request_digest, state, moves, amount_minor, fee_minor,
                     total_minor, txn_id, rrn, stan, acquirer, merchant, accepted_ms, changed_ms)
VALUES (:payment_id, :terminal, :check_id, :request_digest, :state, 1, :amount, :fee, :total, :txn_id, :rrn,
        :stan, :acquirer, :merchant, :accepted_ms, :accepted_ms)
"""
_ADVANCE: Final = """
UPDATE payment SET state = :next, moves = :moves, changed_ms = :changed_ms, finished_ms = :finished_ms,
    reason = :reason,
    response_code = :response_code,
    approval_code = :approval_code,
    eport_id = :eport_id,
    provider_finished_at = :provider_finished_at,
    business_day = :business_day
WHERE payment_id = :payment_id AND state = :state
"""
_STAY: Final = """
UPDATE payment SET moves = :moves, eport_id = :eport_id WHERE payment_id = :payment_id AND state = :state
"""
_FINDABLE: Final = """
INSERT INTO payment_requisite (value, payment_id) VALUES (:value, :payment_id) ON CONFLICT DO NOTHING
"""
_NOTE: Final = """
INSERT INTO payment_move (payment_id, n, event, state, at_ms, note)
VALUES (:payment_id, :n, :event, :state, :now, :note)
"""
_KNOWN: Final = """
SELECT 1 FROM payment_move WHERE payment_id = :payment_id AND event = :event AND state = :state
"""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What came with an event. `alarm` is a stable word for why a person must know, whatever the move."""

    reason: str | None = None
    response_code: str | None = None
    approval_code: str | None = None
    eport_id: str | None = None
    provider_finished_at: str | None = None
    note: str = ""
    alarm: str | None = None
    result: int | None = None  # e-port's code, for the registry


NOTHING: Final = Evidence()
_EVIDENCE: Final = ("reason", "response_code", "approval_code", "eport_id", "provider_finished_at")


@dataclass(frozen=True)
class Move:
    """One event of one payment, after its commit. `before` is None for the PUT that began it."""

    payment_id: str
    terminal: str
    before: State | None
    event: str
    after: State
    at: datetime
    note: str = ""


Observer = Callable[[Move], None]
Effect = Callable[[Transaction, Payment], None]
"""Does a step for a payment as it is after the move, inside the move's transaction."""


class UnknownPaymentError(LookupError):
    """There is no payment of this id."""


class Moves:
    def __init__(
        self,
        effects: Mapping[Step, Effect],
        observers: Sequence[Observer] = (),
        *,
        time_zone: ZoneInfo = _UTC,
    ) -> None:
        """`time_zone`: of the business days, and in which the registries tell times."""
        missing = set(Step) - set(effects) - {Step.ALARM}
        assert not missing, f"nobody does {missing}"
        self._effects = effects
        self._observers = observers
        self._time_zone = time_zone

    def begin(self, tx: Transaction, payment: Payment) -> None:
        """Enter the table: commit the identifiers before anything leaves."""
        assert payment.state is START
        tx.execute(
            _INSERT,
            {
                "payment_id": payment.payment_id,
                "terminal": payment.terminal,
                "check_id": payment.check.check_id,
                "request_digest": payment.request_digest,
                "state": payment.state,
                "amount": payment.amount.minor,
                "fee": payment.fee.minor,
                "total": payment.total.minor,
                "txn_id": payment.txn_id,
                "rrn": payment.rrn,
                "stan": payment.stan,
                "acquirer": payment.acquirer,
                "merchant": payment.merchant,
                "accepted_ms": to_ms(payment.accepted_at),
            },
        )
        for _, value in payment.check.requisites:
            tx.execute(_FINDABLE, {"value": value, "payment_id": payment.payment_id})
        self._note(tx, payment, before=None, event=PUT, note="")

    def apply(self, tx: Transaction, payment_id: str, event: Event, evidence: Evidence = NOTHING) -> Payment:
        """Play `event`. Returns the payment as it is then. What repeats itself is noted once."""
        before = payments.load(tx, payment_id)
        if before is None:
            raise UnknownPaymentError(f"no payment {payment_id}")
        row = advance(TABLE, before.state, event)
        after = self._moved(tx, before, row.next, evidence) or _noted(tx, before, event, evidence) or before
        if after is not before:
            self._note(tx, after, before=before.state, event=event, note=evidence.note)
        if (after.state, after.eport_id) != (before.state, before.eport_id):
            self._report(tx, after, before=before.state, result=evidence.result)
        for step in row.steps:
            if step is Step.ALARM:
                detail = f"{event} in {before.state}: {evidence.note}".removesuffix(": ")
                raise_alarm(tx, f"payment_{event.lower()}", subject=payment_id, detail=detail)
            else:
                self._effects[step](tx, after)
        if evidence.alarm is not None:
            raise_alarm(tx, evidence.alarm, subject=payment_id, detail=evidence.note)
        return after

    def _moved(self, tx: Transaction, before: Payment, state: State, evidence: Evidence) -> Payment | None:
        """The payment in its next state, with what came with the event. None: it stays where it is."""
        if state is before.state:
            return None
        changed_at = max(before.changed_at, tx.now)
        after = replace(
            before,
            state=state,
            moves=before.moves + 1,
            changed_at=changed_at,
            finished_at=changed_at if state in FINAL else None,
            **{name: getattr(evidence, name) or getattr(before, name) for name in _EVIDENCE},
        )
        day = business_day(tx, after.provider_finished_at, self._time_zone) if state is State.PAID else None
        tx.execute(
            _ADVANCE,
            {
                "next": state,
                "moves": after.moves,
                "changed_ms": to_ms(changed_at),
                "finished_ms": to_ms(changed_at) if state in FINAL else None,
                "business_day": None if day is None else day.isoformat(),
                "payment_id": before.payment_id,
                "state": before.state,
                **{name: getattr(after, name) for name in _EVIDENCE},
            },
        )
        assert tx.changed() == 1, "one transaction at a time moves a payment"
        return after

    def _note(self, tx: Transaction, after: Payment, *, before: State | None, event: str, note: str) -> None:
        tx.execute(
            _NOTE,
            {
                "payment_id": after.payment_id,
                "n": after.moves,
                "event": event,
                "state": after.state,
                "now": tx.now_ms,
                "note": note,
            },
        )
        move = Move(after.payment_id, after.terminal, before, event, after.state, tx.now, note)
        tx.after_commit(lambda: self._tell(move))

    def _report(self, tx: Transaction, after: Payment, *, before: State, result: int | None) -> None:
        """The line of the registries, in the commit of the move. What cannot be written stops no payment."""
        try:
            operation = operation_of(after, before=before, result=result, time_zone=self._time_zone)
            if operation is not None:
                record(tx, after.payment_id, operation, Kind.TECH)
        except ValueError as fault:
            raise_alarm(tx, "registry_line_unwritable", subject=after.payment_id, detail=str(fault))

    def _tell(self, move: Move) -> None:
        _log.info(
            "payment.moved",
            extra={
                "payment_id": move.payment_id,
                "terminal": move.terminal,
                "before": move.before,
                "cause": move.event,
                "after": move.after,
            },
        )
        for observer in self._observers:
            observer(move)


def _noted(tx: Transaction, before: Payment, event: Event, evidence: Evidence) -> Payment | None:
    """The payment with one more line of history. None: nothing new, the event was noted in this state before."""
    noted = {"payment_id": before.payment_id, "event": event, "state": before.state}
    learnt = before.eport_id is None and evidence.eport_id is not None
    if not learnt and tx.one(_KNOWN, noted) is not None:
        return None
    after = replace(before, moves=before.moves + 1, eport_id=before.eport_id or evidence.eport_id)
    tx.execute(
        _STAY,
        {
            "moves": after.moves,
            "eport_id": after.eport_id,
            "payment_id": before.payment_id,
            "state": before.state,
        },
    )
    return after
