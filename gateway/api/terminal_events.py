"""The journals of the terminals, as they told them: numbered by the terminal, kept as they came."""

import json
from collections.abc import Iterable, Mapping
from typing import Final

from gateway.alarms import raise_alarm
from gateway.contract import JournalEvent
from gateway.times import to_ms
from spool import Transaction

_REGISTRY_ALARMS: Final = (
    "registry_refused",
    "registry_not_taken",
    "registry_acknowledged_otherwise",
    "registry_clock_broken",
    "registry_clock_jumped",
    "registry_clock_behind",
    "registry_line_unwritable",
)
_ALARMS: Final[Mapping[str, str]] = {
    "catalogue.refused": "catalogue_refused",
    "certificate.not_renewed": "terminal_certificate_not_renewed",
    **{f"alarm.{word}": f"terminal_{word}" for word in _REGISTRY_ALARMS},
}
"""What a terminal's journal tells a person about, by the event's name."""


def take_events(tx: Transaction, terminal: str, events: Iterable[JournalEvent]) -> int:
    """Keep what is new and return the largest number kept. A number with other content is alarmed."""
    for event in events:
        data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        tx.execute(
            """INSERT INTO terminal_event (terminal, number, at_ms, taken_ms, name, data)
               VALUES (:terminal, :number, :at_ms, :now, :name, :data)
               ON CONFLICT (terminal, number) DO NOTHING""",
            {
                "terminal": terminal,
                "number": event.number,
                "at_ms": to_ms(event.at),
                "now": tx.now_ms,
                "name": event.name,
                "data": data,
            },
        )
        if tx.changed() and event.name in _ALARMS:
            raise_alarm(tx, _ALARMS[event.name], subject=terminal, detail=data)
        elif not tx.changed() and _known(tx, terminal, event.number) != (to_ms(event.at), event.name, data):
            raise_alarm(tx, "event_conflict", subject=terminal, detail=f"number {event.number}")
    found = tx.one(
        "SELECT max(number) FROM terminal_event WHERE terminal = :terminal", {"terminal": terminal}
    )
    assert found is not None
    return int(found[0])


def _known(tx: Transaction, terminal: str, number: int) -> tuple[int, str, str] | None:
    found = tx.one(
        "SELECT at_ms, name, data FROM terminal_event WHERE terminal = :terminal AND number = :number",
        {"terminal": terminal, "number": number},
    )
    return None if found is None else (found[0], found[1], found[2])
