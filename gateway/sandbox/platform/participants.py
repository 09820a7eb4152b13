"""Who takes part, and what each has: positions and blocks in tiyn, addresses, pins."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from gateway.sandbox.ledger import Ledger
from gateway.sandbox.platform.settings import Participant

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS participant (
    bank_id TEXT PRIMARY KEY, bic TEXT NOT NULL UNIQUE, url TEXT, pins TEXT NOT NULL,
    position INTEGER NOT NULL, blocked INTEGER NOT NULL DEFAULT 0, "limit" INTEGER NOT NULL
) STRICT;
"""


class Participants:
    """Reads and writes of one table of the platform's ledger. The caller holds its transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def join_all(self, participants: Iterable[Participant]) -> None:
        """`join` in a transaction of its own."""
        with self._ledger.transaction():
            for participant in participants:
                self.join(participant)

    def join(self, participant: Participant) -> None:
        """A new participant, or one that is told anew; its position stays as it is if it is known."""
        known = self.get(participant.bank_id)
        row = {**asdict(participant), "pins": json.dumps(sorted(participant.pins))}
        self._ledger.execute(
            'INSERT INTO participant (bank_id, bic, url, pins, position, "limit")'
            " VALUES (:bank_id, :bic, :url, :pins, :position, :limit)"
            " ON CONFLICT (bank_id) DO UPDATE SET bic = :bic, url = :url, pins = :pins, position = :position,"
            ' "limit" = :limit',
            **row | ({} if known is None else {"position": known.position}),
        )

    def set_position(self, bank_id: str, position: int) -> None:
        self._ledger.execute(
            "UPDATE participant SET position = :position WHERE bank_id = :bank_id",
            position=position,
            bank_id=bank_id,
        )

    def all(self) -> list[Participant]:
        return [_participant(row) for row in self._ledger.rows("SELECT * FROM participant ORDER BY bank_id")]

    def get(self, bank_id: str) -> Participant | None:
        row = self._ledger.row("SELECT * FROM participant WHERE bank_id = :bank_id", bank_id=bank_id)
        return None if row is None else _participant(row)

    def blocked(self) -> dict[str, int]:
        """What each participant's open transfers have blocked."""
        found = self._ledger.rows("SELECT bank_id, blocked FROM participant ORDER BY bank_id")
        return {row["bank_id"]: row["blocked"] for row in found}

    def shift(self, bank_id: str, *, position: int = 0, blocked: int = 0) -> None:
        """Add to what a participant has."""
        self._ledger.execute(
            "UPDATE participant SET position = position + :position, blocked = blocked + :blocked"
            " WHERE bank_id = :bank_id",
            position=position,
            blocked=blocked,
            bank_id=bank_id,
        )


def _participant(row: dict[str, Any]) -> Participant:
    return Participant(
        row["bank_id"],
        row["bic"],
        row["url"],
        frozenset(json.loads(row["pins"])),
        row["position"],
        row["limit"],
    )
