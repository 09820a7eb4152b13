"""Where registries stand, for a list and for the metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.registry.book import Registry
from gateway.times import from_ms
from spool import NoSuchEntry, Transaction, show
from spool.entry_states import State as EntryState
from spool.worklist import id_of

_STANDING: Final = """
SELECT series.kind,
       (SELECT max(closes_ms) FROM registry WHERE kind = series.kind AND acknowledged_ms IS NOT NULL),
       (SELECT count(*) FROM registry WHERE kind = series.kind AND acknowledged_ms IS NULL),
       (SELECT min(closes_ms) FROM registry WHERE kind = series.kind AND acknowledged_ms IS NULL)
FROM registry_series AS series ORDER BY series.kind
"""


class State(StrEnum):
    CLOSED = "closed"  # what it holds is being counted
    WAITING = "waiting"  # for its turn, or for an answer
    AT_PERSON = "at_person"
    GIVEN_UP = "given_up"  # a person closed its entry
    ACKNOWLEDGED = "acknowledged"


_BY_ENTRY: Final = {EntryState.TO_PERSON: State.AT_PERSON, EntryState.CLOSED: State.GIVEN_UP}


@dataclass(frozen=True)
class Standing:
    """Of one kind. `acknowledged_to` and `oldest_to` are ends of windows; None: there is none."""

    kind: str
    acknowledged_to: datetime | None
    waiting: int
    oldest_to: datetime | None


def standing(tx: Transaction) -> Sequence[Standing]:
    return [
        Standing(kind, _instant(acknowledged_ms), waiting, _instant(oldest_ms))
        for kind, acknowledged_ms, waiting, oldest_ms in tx.execute(_STANDING)
    ]


def state_of(tx: Transaction, registry: Registry) -> tuple[State, str]:
    """And what the last attempt to send it came to."""
    if registry.acknowledged_at is not None:
        return State.ACKNOWLEDGED, ""
    if registry.seal is None:
        return State.CLOSED, ""
    try:
        entry = show(tx, id_of(tx, registry.key)).listed
    except NoSuchEntry:
        return State.WAITING, ""
    return _BY_ENTRY.get(entry.state, State.WAITING), entry.note


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
