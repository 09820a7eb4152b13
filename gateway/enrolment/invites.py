"""Invitations: a terminal, the digest of its code, until when, and how often may be guessed."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.alarms import raise_alarm
from gateway.times import from_ms
from spool import Transaction, next_number

GUESSES: Final = 5


class Judgement(StrEnum):
    """What a code comes to; only who knows it hears that it was used or is over."""

    GOOD = "good"
    WRONG = "enrolment_refused"
    USED = "enrolment_code_used"
    EXPIRED = "enrolment_code_expired"


@dataclass(frozen=True)
class Invite:
    invite_id: int
    terminal: str
    until: datetime
    guesses_left: int
    used: bool


def invite(tx: Transaction, terminal: str, digest: bytes, *, by: str, life_ms: int) -> Invite:
    """A new one; what was open for this terminal is closed by it."""
    tx.execute(
        "DELETE FROM terminal_invite WHERE terminal = :terminal AND used_ms IS NULL", {"terminal": terminal}
    )
    invite_id, until_ms = next_number(tx, "invite"), tx.now_ms + life_ms
    tx.execute(
        """INSERT INTO terminal_invite
               (invite_id, terminal, digest, invited_ms, invited_by, until_ms, guesses_left)
           VALUES (:id, :terminal, :digest, :now, :by, :until, :guesses)""",
        {
            "id": invite_id,
            "terminal": terminal,
            "digest": digest,
            "now": tx.now_ms,
            "by": by,
            "until": until_ms,
            "guesses": GUESSES,
        },
    )
    return Invite(invite_id, terminal, from_ms(until_ms), GUESSES, used=False)


def judge(tx: Transaction, terminal: str, digest: bytes) -> tuple[Judgement, int | None]:
    """The code's judgement, and its invitation if it is good. A wrong one costs the open invitation a guess."""
    rows = list(
        tx.execute(
            """SELECT invite_id, digest, until_ms, guesses_left, used_ms FROM terminal_invite
               WHERE terminal = :terminal ORDER BY invite_id DESC""",
            {"terminal": terminal},
        )
    )
    for invite_id, kept, until_ms, guesses_left, used_ms in rows:
        if not hmac.compare_digest(kept, digest):
            continue
        if used_ms is not None:
            return Judgement.USED, None
        if guesses_left == 0:
            return Judgement.WRONG, None
        return (Judgement.EXPIRED, None) if tx.now_ms > until_ms else (Judgement.GOOD, invite_id)
    _count_guess(tx, terminal)
    return Judgement.WRONG, None


def use(tx: Transaction, invite_id: int) -> bool:
    """False: somebody was faster."""
    tx.execute(
        "UPDATE terminal_invite SET used_ms = :now WHERE invite_id = :id AND used_ms IS NULL",
        {"now": tx.now_ms, "id": invite_id},
    )
    return bool(tx.changed())


def open_invites(tx: Transaction) -> list[Invite]:
    """Which may still be used."""
    rows = tx.execute(
        """SELECT invite_id, terminal, until_ms, guesses_left FROM terminal_invite
           WHERE used_ms IS NULL AND until_ms >= :now AND guesses_left > 0 ORDER BY invite_id""",
        {"now": tx.now_ms},
    )
    return [
        Invite(invite_id, terminal, from_ms(until_ms), guesses, used=False)
        for invite_id, terminal, until_ms, guesses in rows
    ]


def _count_guess(tx: Transaction, terminal: str) -> None:
    tx.execute(
        """UPDATE terminal_invite SET guesses_left = guesses_left - 1
           WHERE terminal = :terminal AND used_ms IS NULL AND guesses_left > 0""",
        {"terminal": terminal},
    )
    left = tx.one(
        "SELECT guesses_left FROM terminal_invite WHERE terminal = :terminal AND used_ms IS NULL",
        {"terminal": terminal},
    )
    if left is not None and left[0] == 0:
        raise_alarm(
            tx, "enrolment_guessed", subject=terminal, detail=f"{GUESSES} wrong codes; invite it anew"
        )
