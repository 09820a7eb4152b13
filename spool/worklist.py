"""What people see of the entries, and what they may do: the list that a person must close.

Nothing here shows a payload: its length and its SHA-256 have to do, unless its owner describes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from spool.entry_states import FINAL, NEXT, Event, State
from spool.errors import NoSuchEntry, NotForAPerson
from spool.moves import move, standing, wall_time
from spool.transaction import Transaction

Describe = Callable[[str, bytes], Mapping[str, str]]  # kind, payload → what a person may see of it

LONGEST_LIST: Final = 1000

_COLUMNS = """id, kind, destination, lane, key, state, attempts, due_ms, expires_ms, created_ms, changed_ms,
              payload_length, payload_sha256, note"""
_OPEN = {
    state: f"""
SELECT {_COLUMNS} FROM entry WHERE state = '{state}' ORDER BY {order} LIMIT :at_most
"""  # noqa: S608 - the columns and the states are ours; a partial index wants them spelled out
    for state, order in (
        (State.READY, "lane, destination, due_ms, id"),
        (State.CLAIMED, "destination, id"),
        (State.TO_PERSON, "destination, id"),
    )
}
_ENDED = f"""
SELECT {_COLUMNS} FROM entry WHERE purge_ms IS NOT NULL AND state = :state
 ORDER BY purge_ms DESC LIMIT :at_most
"""  # noqa: S608 - the columns are ours
_ONE = f"SELECT {_COLUMNS} FROM entry WHERE id = :id"  # noqa: S608 - the columns are ours
_ID_OF_KEY = "SELECT id FROM entry WHERE key = :key"
_BODY = "SELECT payload FROM body WHERE entry_id = :id"
_HISTORY = "SELECT at_ms, event, state, claimed_ms, person, note FROM history WHERE entry_id = :id ORDER BY n"


@dataclass(frozen=True)
class Listed:
    """One line of a list. `due_at` is None for what is ended."""

    id: int
    kind: str
    destination: str
    lane: str
    key: str
    state: State
    attempts: int
    due_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    changed_at: datetime
    payload_length: int
    payload_sha256: str
    note: str


@dataclass(frozen=True)
class Happened:
    """One line of an entry's history. `began_at`: when the attempt that ended here had begun."""

    at: datetime
    event: Event
    state: State
    began_at: datetime | None
    person: str | None
    note: str


@dataclass(frozen=True)
class Shown:
    listed: Listed
    history: tuple[Happened, ...]
    described: Mapping[str, str]


def entries_in(tx: Transaction, state: State, *, at_most: int = 100) -> list[Listed]:
    """Ready ones by lane and due time, other open ones by destination; ended ones with the latest first."""
    sql = _ENDED if state in FINAL else _OPEN[state]
    rows = tx.execute(sql, {"state": state, "at_most": min(at_most, LONGEST_LIST)})
    return [_listed(tx, row) for row in rows]


def show(tx: Transaction, entry_id: int, *, describe: Describe | None = None) -> Shown:
    """An entry with its history. Raises NoSuchEntry."""
    row = tx.one(_ONE, {"id": entry_id})
    if row is None:
        raise NoSuchEntry(f"no entry has the number {entry_id}")
    listed = _listed(tx, row)
    body = tx.one(_BODY, {"id": entry_id})
    return Shown(
        listed,
        tuple(_happened(row) for row in tx.execute(_HISTORY, {"id": entry_id})),
        {} if describe is None or body is None else describe(listed.kind, body[0]),
    )


def id_of(tx: Transaction, key: str) -> int:
    """The number of the entry with this key. Raises NoSuchEntry."""
    row = tx.one(_ID_OF_KEY, {"key": key})
    if row is None:
        raise NoSuchEntry(f"no entry has the key {key}")
    return int(row[0])


def retry_by_person(tx: Transaction, entry_id: int, *, person: str, reason: str) -> None:
    """Have an entry sent now that waits for a person or for its due time. Raises NotForAPerson, NoSuchEntry."""
    _decide(tx, entry_id, Event.RETRIED_BY_PERSON, person=person, reason=reason)


def close_by_person(tx: Transaction, entry_id: int, *, person: str, reason: str) -> None:
    """Take an entry off the list that a person must close. Raises NotForAPerson, NoSuchEntry."""
    _decide(tx, entry_id, Event.CLOSED_BY_PERSON, person=person, reason=reason)


def _decide(tx: Transaction, entry_id: int, event: Event, *, person: str, reason: str) -> None:
    if not person.strip() or not reason.strip():
        raise NotForAPerson("a decision has a person and a reason")
    before = standing(tx, entry_id=entry_id)
    if before is None:
        raise NoSuchEntry(f"no entry has the number {entry_id}")
    if (before.state, event) not in NEXT:
        raise NotForAPerson(f"entry {entry_id} is {before.state}: there is nothing for a person to decide")
    due_ms = tx.clock_ms if event is Event.RETRIED_BY_PERSON else None
    move(tx, before, event, note=reason, person=person, due_ms=due_ms)


def _listed(tx: Transaction, row: tuple[Any, ...]) -> Listed:
    entry_id, kind, destination, lane, key, state, attempts, due_ms, expires_ms, *rest = row
    created_ms, changed_ms, length, sha256, note = rest
    return Listed(
        id=entry_id,
        kind=kind,
        destination=destination,
        lane=lane,
        key=key,
        state=State(state),
        attempts=attempts,
        due_at=None if state in FINAL else wall_time(tx, due_ms),
        expires_at=None if expires_ms is None else wall_time(tx, expires_ms),
        created_at=_utc(created_ms),
        changed_at=_utc(changed_ms),
        payload_length=length,
        payload_sha256=sha256.hex(),
        note=note,
    )


def _happened(row: tuple[Any, ...]) -> Happened:
    at_ms, event, state, claimed_ms, person, note = row
    began_at = None if claimed_ms is None else _utc(claimed_ms)
    return Happened(_utc(at_ms), Event(event), State(state), began_at, person, note)


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
