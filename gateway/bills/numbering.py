"""Identifiers out of the store's sequences, in the transaction that first uses them (PROTOCOLS §2.1, §5).

A number that a former store of the same `point` may have used must never come again, since e-port would
answer with that payment's result. So a new store does not begin at 1:

- txn_id goes on from a floor. The settings may name one (`eport.sequence_floor`, for a point whose numbers
  run ahead of the clock); otherwise it is Unix milliseconds × 10, 14 digits: no former store that made
  fewer than 10,000 numbers a second since 1970 is above it. A restored store gets a new floor likewise.
- RRN carries its day, so each day has a sequence of its own, which begins at the milliseconds of the local
  day in which it is first used: above every number of that day that a former store gave at fewer than
  1000 a second, and within 8 digits.
- STAN need not be unique for long: six digits from the seconds of the clock, wrapping, except those still
  open on the same terminal.

Which floor was used, and why, is kept in `sequence_floor`.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway import identifiers
from gateway.times import from_ms, milliseconds_of_day, to_ms
from spool import Transaction, next_number, set_floor

_TXN_ID: Final = "txn_id"
_STAN: Final = "stan"
_ALARM: Final = "alarm"
_TRIES: Final = 1000  # more STANs open on one terminal than that is a fault of ours


class NoFreeStanError(Exception):
    """The terminal has more holds open than it can ever have made."""


def set_floors(tx: Transaction, *, configured: int | None, restored: str | None) -> None:
    """Once at each start. `configured` is the greatest number ever used for this point, if that is known;
    `restored` names the copy that this store was restored from, if it was.
    """
    known = _floors(tx)
    if not known:
        _set(tx, _STAN, to_ms(tx.now) // 1000 % identifiers.STAN_LARGEST, "clock")
        _set(tx, _ALARM, 0, "new")
    wanted = {
        f"settings {configured}": configured,
        f"clock, restored from {restored}": None if restored is None else _clock_floor(tx),
        "clock": None if known or configured is not None else _clock_floor(tx),
    }
    for source, floor in wanted.items():
        if floor is not None and (_TXN_ID, source) not in known:
            _set(tx, _TXN_ID, floor, source)


def first_opened(tx: Transaction, restored: str) -> datetime:
    """When the store that was restored from this copy first ran; after `set_floors`."""
    source = f"clock, restored from {restored}"
    found = tx.one("SELECT at_ms FROM sequence_floor WHERE source = :source", {"source": source})
    assert found is not None, "set_floors comes first"
    return from_ms(found[0])


def new_txn_id(tx: Transaction, zone: ZoneInfo) -> str:
    """Raises NotAnIdentifierError where the sequence ends: it never begins again (PROTOCOLS §2.1)."""
    return identifiers.txn_id(tx.now.astimezone(zone).date(), next_number(tx, _TXN_ID))


def new_rrn(tx: Transaction, zone: ZoneInfo) -> str:
    local = tx.now.astimezone(zone)
    name = f"rrn {local:%Y-%m-%d}"
    set_floor(tx, name, milliseconds_of_day(local))
    return identifiers.rrn(local.date(), next_number(tx, name, largest=identifiers.RRN_LARGEST))


def new_stan(tx: Transaction, terminal: str) -> str:
    """A number that names no other message of a hold still open on `terminal`."""
    for _ in range(_TRIES):
        stan = identifiers.stan(next_number(tx, _STAN, largest=identifiers.STAN_LARGEST))
        if not _is_open(tx, terminal, stan):
            return stan
    raise NoFreeStanError(f"{_TRIES} STANs in a row are open on terminal {terminal}")


def _clock_floor(tx: Transaction) -> int:
    return to_ms(tx.now) * 10


def _is_open(tx: Transaction, terminal: str, stan: str) -> bool:
    found = tx.one(
        """SELECT 1 FROM payment WHERE terminal = :terminal AND hold_closed_ms IS NULL
           AND (stan = :stan OR advice_stan = :stan)
           UNION ALL SELECT 1 FROM transfer WHERE terminal = :terminal AND hold_closed_ms IS NULL
           AND stan IS NOT NULL AND (stan = :stan OR advice_stan = :stan)""",
        {"terminal": terminal, "stan": stan},
    )
    return found is not None


def _floors(tx: Transaction) -> set[tuple[str, str]]:
    return {(name, source) for name, source in tx.execute("SELECT name, source FROM sequence_floor")}


def _set(tx: Transaction, name: str, floor: int, source: str) -> None:
    set_floor(tx, name, floor)
    tx.execute(
        "INSERT INTO sequence_floor (name, floor, source, at_ms) VALUES (:name, :floor, :source, :now)",
        {"name": name, "floor": floor, "source": source, "now": tx.now_ms},
    )
