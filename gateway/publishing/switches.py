"""Providers that are switched off, whatever the catalogue says of them, and who turned which switch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.times import from_ms
from spool import Transaction

_LAST: Final = (
    "n = (SELECT max(n) FROM provider_switch AS other WHERE other.provider = provider_switch.provider)"
)


@dataclass(frozen=True)
class Turn:
    provider: str
    off: bool
    at: datetime
    person: str
    reason: str


def turn(tx: Transaction, provider: str, *, off: bool, person: str, reason: str) -> bool:
    """False: it stood so already, and nothing was written."""
    if (provider in switched_off(tx)) is off:
        return False
    tx.execute(
        """INSERT INTO provider_switch (provider, n, off, at_ms, person, reason)
           SELECT :provider, coalesce(max(n), 0) + 1, :off, :now, :person, :reason
           FROM provider_switch WHERE provider = :provider""",
        {"provider": provider, "off": int(off), "now": tx.now_ms, "person": person, "reason": reason},
    )
    return True


def switched_off(tx: Transaction) -> tuple[str, ...]:
    """In the order of their codes."""
    rows = tx.execute(f"SELECT provider FROM provider_switch WHERE off = 1 AND {_LAST} ORDER BY provider")  # noqa: S608 - our own text
    return tuple(provider for (provider,) in rows)


def turns(tx: Transaction) -> list[Turn]:
    """The newest first."""
    rows = tx.execute(
        "SELECT provider, off, at_ms, person, reason FROM provider_switch ORDER BY at_ms DESC, provider, n DESC"
    )
    return [
        Turn(provider, bool(off), from_ms(at_ms), person, reason)
        for provider, off, at_ms, person, reason in rows
    ]
