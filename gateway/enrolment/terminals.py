"""The certificates that were given to terminals, and the terminals that were shut out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from gateway.times import from_ms, to_ms
from spool import Transaction

REVOKED: Final = "this terminal was shut out by the bank; a technician must enrol it anew"


@dataclass(frozen=True)
class Given:
    """One certificate of a terminal. `fingerprint`: SHA-256, lower-case hex."""

    terminal: str
    fingerprint: str
    issued_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    renewal: bool


class ShutOut:
    """Which certificates get in no more, in memory: every request asks. Changed after the commit."""

    def __init__(self) -> None:
        self._given: dict[str, bool] = {}  # fingerprint → was it revoked?
        self._terminals: set[str] = set()

    @classmethod
    def of(cls, tx: Transaction) -> Self:
        """As the store has it at the start."""
        shut_out = cls()
        for one in every_certificate(tx):
            shut_out._given[one.fingerprint] = one.revoked_at is not None
        rows = tx.execute("SELECT terminal FROM terminal_revocation")
        shut_out._terminals.update(terminal for (terminal,) in rows)
        return shut_out

    def refuses(self, terminal: str, fingerprint: str) -> bool:
        """A certificate that we gave goes by itself; any other of the CA goes by its name."""
        return self._given.get(fingerprint, terminal in self._terminals)

    def give(
        self, tx: Transaction, terminal: str, fingerprint: str, *, ends: datetime, invite_id: int | None
    ) -> None:
        """Write a new certificate down. `invite_id` None: it renews another."""
        tx.execute(
            """INSERT INTO terminal_certificate (fingerprint, terminal, invite_id, issued_ms, ends_ms)
               VALUES (:fingerprint, :terminal, :invite, :now, :ends)""",
            {
                "fingerprint": fingerprint,
                "terminal": terminal,
                "invite": invite_id,
                "now": tx.now_ms,
                "ends": to_ms(ends),
            },
        )
        tx.after_commit(lambda: self._given.__setitem__(fingerprint, False))

    def revoke(self, tx: Transaction, terminal: str, *, by: str, reason: str) -> int:
        """Shut out every certificate that the terminal has now; how many of ours were among them."""
        tx.execute(
            """INSERT INTO terminal_revocation (terminal, revoked_ms, revoked_by, reason)
               VALUES (:terminal, :now, :by, :reason)
               ON CONFLICT (terminal) DO UPDATE
                  SET revoked_ms = :now, revoked_by = :by, reason = :reason""",
            {"terminal": terminal, "now": tx.now_ms, "by": by, "reason": reason},
        )
        found = [one.fingerprint for one in certificates_of(tx, terminal) if one.revoked_at is None]
        tx.execute(
            """UPDATE terminal_certificate SET revoked_ms = :now
               WHERE terminal = :terminal AND revoked_ms IS NULL""",
            {"terminal": terminal, "now": tx.now_ms},
        )
        tx.execute(
            "DELETE FROM terminal_invite WHERE terminal = :terminal AND used_ms IS NULL",
            {"terminal": terminal},
        )

        def shut() -> None:
            self._given.update(dict.fromkeys(found, True))
            self._terminals.add(terminal)

        tx.after_commit(shut)
        return len(found)


def is_revoked(tx: Transaction, terminal: str, fingerprint: str) -> bool:
    """As `ShutOut.refuses`, by what is committed: for who signs a new certificate in this transaction."""
    ours = tx.one(
        "SELECT revoked_ms FROM terminal_certificate WHERE fingerprint = :fingerprint",
        {"fingerprint": fingerprint},
    )
    if ours is not None:
        return ours[0] is not None
    shut = tx.one("SELECT 1 FROM terminal_revocation WHERE terminal = :terminal", {"terminal": terminal})
    return shut is not None


def every_certificate(tx: Transaction) -> list[Given]:
    """By terminal, the newest last."""
    return [_given(row) for row in tx.execute(_SELECT + " ORDER BY terminal, issued_ms")]


def certificates_of(tx: Transaction, terminal: str) -> list[Given]:
    found = tx.execute(_SELECT + " WHERE terminal = :terminal ORDER BY issued_ms", {"terminal": terminal})
    return [_given(row) for row in found]


_SELECT = "SELECT terminal, fingerprint, issued_ms, ends_ms, revoked_ms, invite_id FROM terminal_certificate"


def _given(row: tuple[str, str, int, int, int | None, int | None]) -> Given:
    terminal, fingerprint, issued_ms, ends_ms, revoked_ms, invite_id = row
    return Given(
        terminal=terminal,
        fingerprint=fingerprint,
        issued_at=from_ms(issued_ms),
        ends_at=from_ms(ends_ms),
        revoked_at=None if revoked_ms is None else from_ms(revoked_ms),
        renewal=invite_id is None,
    )
