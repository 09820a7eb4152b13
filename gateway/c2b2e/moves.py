"""The only place that changes a transfer's state: look the move up, write it, do its steps, all in one transaction.

One engine for both roles; what decides are the tables of `payer` and `payee`. Whoever watches is told after
the commit, on the loop.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from gateway.alarms import raise_alarm
from gateway.c2b2e import payee, payer
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.transfer import Key, Role, State, Transfer, column_of, stored
from gateway.state_table import NoSuchRowError, Row
from spool import Transaction

_log = logging.getLogger(__name__)

Event = payer.Event | payee.Event
Step = payer.Step | payee.Step
BEGUN: Final = "BEGUN"  # the event that brings a transfer into its table

TABLES: Final[Mapping[Role, Mapping[Any, Row[Any, Any]]]] = {
    Role.PAYER: payer.TABLE,
    Role.PAYEE: payee.TABLE,
}
STARTS: Final[Mapping[Role, State]] = {Role.PAYER: payer.START, Role.PAYEE: payee.START}
FINAL: Final[Mapping[Role, frozenset[State]]] = {
    Role.PAYER: frozenset(payer.FINAL),
    Role.PAYEE: frozenset(payee.FINAL),
}
STEPS: Final[Mapping[Role, frozenset[Step]]] = {
    Role.PAYER: frozenset(payer.Step) - {payer.Step.ALARM},
    Role.PAYEE: frozenset(payee.Step) - {payee.Step.ALARM},
}
_PAID: Final = frozenset({payer.State.SETTLED, payee.State.SETTLED})  # an earlier doubt is over
_ALARMS: Final = frozenset({payer.Step.ALARM, payee.Step.ALARM})
_NOTE: Final = """
INSERT INTO transfer_move (role, end_to_end_id, n, event, state, at_ms, note)
VALUES (:role, :end_to_end_id, :n, :event, :state, :now, :note)
"""
_KNOWN: Final = """
SELECT 1 FROM transfer_move
WHERE role = :role AND end_to_end_id = :end_to_end_id AND event = :event AND state = :state
"""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What came with an event. `learnt` are attributes of the transfer, which a change of state writes down;
    `alarm` is a stable word for why a person must know, whatever the move.
    """

    reason: str | None = None
    note: str = ""
    alarm: str | None = None
    learnt: Mapping[str, object] = field(default_factory=dict)


NOTHING: Final = Evidence()


@dataclass(frozen=True)
class Move:
    """One event of one transfer, after its commit. `before` is None for the message that began it."""

    key: Key
    terminal: str
    order_id: str | None
    before: State | None
    event: str
    after: State
    at: datetime
    note: str = ""


Observer = Callable[[Move], None]
Effect = Callable[[Transaction, Transfer], None]
"""Does a step for a transfer as the steps before it have left it, inside the move's transaction."""


class UnknownTransferError(LookupError):
    """There is no transfer of this key."""


class TransferMoves:
    def __init__(
        self, effects: Mapping[Role, Mapping[Any, Effect]], observers: Sequence[Observer] = ()
    ) -> None:
        for role, steps in effects.items():
            missing = STEPS[role] - set(steps)
            assert not missing, f"nobody does {missing}"
        self._effects = effects
        self._observers = observers

    def begin(self, tx: Transaction, transfer: Transfer) -> None:
        """Enter the table of its role."""
        assert transfer.state is STARTS[transfer.role]
        row = {name: stored(getattr(transfer, name)) for name in transfer.__dataclass_fields__}
        columns = [column_of(name) for name in row]
        tx.execute(
            f"INSERT INTO transfer ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in row)})",  # noqa: S608 - our own names
            row,
        )
        self._note(tx, transfer, before=None, event=BEGUN, note="")

    def apply(self, tx: Transaction, key: Key, event: Event, evidence: Evidence = NOTHING) -> Transfer:
        """Play `event`. Returns the transfer as it is then. What repeats itself is noted once."""
        before = _known(tx, key)
        row = TABLES[key.role].get((before.state, event))
        if row is None:
            raise NoSuchRowError(f"no row for event {event} in state {before.state}")
        after = _moved(tx, before, row.next, evidence) or _noted(tx, before, event) or before
        if after is not before:
            self._note(tx, after, before=before.state, event=event, note=evidence.note)
        for step in row.steps:
            if step in _ALARMS:
                detail = f"{event} in {before.state}: {evidence.note}".removesuffix(": ")
                name = f"{key.role}_{event.lower()}"
                raise_alarm(tx, name, subject=key.end_to_end_id, detail=detail)
            else:
                self._effects[key.role][step](tx, _known(tx, key))
        if evidence.alarm is not None:
            raise_alarm(tx, evidence.alarm, subject=key.end_to_end_id, detail=evidence.note)
        return _known(tx, key)

    def _note(self, tx: Transaction, after: Transfer, *, before: State | None, event: str, note: str) -> None:
        tx.execute(
            _NOTE,
            {
                **after.key._asdict(),
                "n": after.moves,
                "event": event,
                "state": after.state,
                "now": tx.now_ms,
                "note": note,
            },
        )
        move = Move(after.key, after.terminal, after.order_id, before, event, after.state, tx.now, note)
        tx.after_commit(lambda: self._tell(move))

    def _tell(self, move: Move) -> None:
        _log.info(
            "transfer.moved",
            extra={
                "role": move.key.role,
                "end_to_end_id": move.key.end_to_end_id,
                "terminal": move.terminal,
                "before": move.before,
                "cause": move.event,
                "after": move.after,
            },
        )
        for observer in self._observers:
            observer(move)


def write_down(tx: Transaction, key: Key, **learnt: object) -> None:
    """What a step adds to its transfer: attributes and their contents. No state is among them."""
    assert "state" not in learnt, "a state is moved by its table"
    assignments = ", ".join(f"{column_of(name)} = :{name}" for name in learnt)
    tx.execute(
        f"UPDATE transfer SET {assignments} WHERE role = :role AND end_to_end_id = :end_to_end_id",  # noqa: S608 - our own names
        {**key._asdict(), **{name: stored(content) for name, content in learnt.items()}},
    )


def _known(tx: Transaction, key: Key) -> Transfer:
    found = transfers.load(tx, key)
    if found is None:
        raise UnknownTransferError(f"no transfer {key.end_to_end_id} as {key.role}")
    return found


def _moved(tx: Transaction, before: Transfer, state: State, evidence: Evidence) -> Transfer | None:
    """The transfer in its next state, with what came with the event. None: it stays where it is."""
    if state is before.state:
        return None
    changed = max(before.changed, tx.now)
    reason = None if state in _PAID else evidence.reason or before.reason
    finished = changed if state in FINAL[before.role] else None
    tx.execute(
        """UPDATE transfer SET state = :next, moves = moves + 1, changed_ms = :changed,
               finished_ms = :finished, reason = :reason
           WHERE role = :role AND end_to_end_id = :end_to_end_id AND state = :state""",
        {
            **before.key._asdict(),
            "state": before.state,
            "next": state,
            "changed": stored(changed),
            "finished": stored(finished),
            "reason": reason,
        },
    )
    assert tx.changed() == 1, "one transaction at a time moves a transfer"
    if evidence.learnt:
        write_down(tx, before.key, **evidence.learnt)
    return _known(tx, before.key)


def _noted(tx: Transaction, before: Transfer, event: Event) -> Transfer | None:
    """The transfer with one more line of history. None: the event was noted in this state before."""
    noted = {**before.key._asdict(), "event": event, "state": before.state}
    if tx.one(_KNOWN, noted) is not None:
        return None
    write_down(tx, before.key, moves=before.moves + 1)
    return replace(before, moves=before.moves + 1)
