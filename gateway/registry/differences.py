"""What a terminal tells of its payments against what our book says, and terminals that tell nothing.

A difference is a word for an alarm and a sentence for whoever closes it. What may still come out right is none:
"in processing" says nothing about the end, and a payment of which we never heard may be one whose PUT was lost.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from gateway.alarms import raise_alarm
from gateway.registry.layout import Operation, Status
from gateway.registry.window import EVERY
from gateway.times import from_ms, to_ms
from spool import Transaction

INVENTED: Final = "terminal_payment_invented"
SUM: Final = "terminal_sum_differs"
ENDING: Final = "terminal_ending_differs"
MISSING: Final = "terminal_registry_missing"

# How far apart the clocks of terminal and gateway may be, and some time for a payment on its way.
LEEWAY: Final = timedelta(minutes=10)

PAID: Final = "PAID"
_MONEY_MOVED: Final = frozenset({"paid", "being_unblocked"})
_UNDECIDED: Final = frozenset({"paid", "being_unblocked", "nothing_taken"})
# Our state → the endings that a customer cannot have been told.
_CONTRADICTED: Final[Mapping[str, frozenset[str]]] = {
    "HOLDING": _UNDECIDED,
    "PAYING": _UNDECIDED,
    "PENDING": _UNDECIDED,
    "UNRESOLVED": _UNDECIDED,
    PAID: frozenset({"being_unblocked", "nothing_taken"}),
    "RELEASING": frozenset({"paid"}),
    "RELEASED": frozenset({"paid"}),
    "REFUSED": frozenset({"paid"}),
}
# Is it PAID with us? → what the terminal cannot have heard from us.
_STATUS_RULED_OUT: Final[Mapping[bool, frozenset[Status]]] = {
    True: frozenset({Status.REFUSED, Status.CANCELLED}),
    False: frozenset({Status.ACCEPTED}),
}
_PAYMENT: Final = (
    "SELECT terminal, state, amount_minor, fee_minor FROM payment WHERE payment_id = :payment_id"
)
_PROGRESS: Final = "SELECT compared_ms FROM terminal_progress WHERE terminal = :terminal"
_UNTOLD: Final = """
SELECT payment_id FROM payment
WHERE terminal = :terminal AND accepted_ms >= :since_ms AND accepted_ms < :until_ms
  AND payment_id NOT IN (SELECT payment_id FROM terminal_payment WHERE terminal = :terminal)
"""
_ADVANCE: Final = """
INSERT INTO terminal_progress (terminal, closes_ms, compared_ms, taken_ms, missed)
VALUES (:terminal, :closes_ms, :compared_ms, :now, 0)
ON CONFLICT (terminal) DO UPDATE SET closes_ms = max(closes_ms, excluded.closes_ms),
    compared_ms = max(compared_ms, excluded.compared_ms), taken_ms = excluded.taken_ms, missed = 0
"""
_SILENT: Final = (
    "SELECT terminal, closes_ms FROM terminal_progress WHERE missed = 0 AND closes_ms < :before_ms"
)
_NEVER_TOLD: Final = """
SELECT DISTINCT terminal FROM payment WHERE accepted_ms >= :since_ms AND accepted_ms < :before_ms
  AND terminal NOT IN (SELECT terminal FROM terminal_progress)
"""
_SILENT_NOW: Final = "SELECT terminal, closes_ms FROM terminal_progress WHERE missed = 1 ORDER BY terminal"
# Nothing of it was compared yet: all that was ever accepted from it is asked for when it speaks at last.
_MISSED: Final = """
INSERT INTO terminal_progress (terminal, closes_ms, compared_ms, taken_ms, missed)
VALUES (:terminal, 0, 0, :now, 1)
ON CONFLICT (terminal) DO UPDATE SET missed = 1
"""


def differences(tx: Transaction, operation: Operation) -> Iterator[tuple[str, str]]:
    """Of one line of a terminal's registry."""
    ours = tx.one(_PAYMENT, {"payment_id": operation.payment_id})
    if ours is None:
        if operation.ending in _MONEY_MOVED or operation.txn_id or operation.status is Status.ACCEPTED:
            yield INVENTED, f"it says {operation.ending or operation.status}, and we never had this payment"
        return
    terminal, state, amount_minor, fee_minor = ours
    if terminal != operation.terminal:
        yield INVENTED, f"it is a payment of {terminal}"
    if (amount_minor, fee_minor) != (operation.sum.minor, operation.fee.minor):
        yield SUM, f"it says {operation.sum} and a fee of {operation.fee}"
    ruled_out = _STATUS_RULED_OUT[state == PAID]
    if operation.ending in _CONTRADICTED[state] or operation.status in ruled_out:
        yield ENDING, f"it says {operation.ending or 'nothing yet'} and {operation.status}; we say {state}"


def lost(tx: Transaction, terminal: str, *, closes: datetime) -> list[str]:
    """Our payments of which the terminal should have told by now. Each is asked for once.

    `closes` is that of its registry which was just compared. Its first one answers for everything before: a
    terminal's first window is that of its oldest change, so what is older was paid at a store that is lost.
    """
    progress = tx.one(_PROGRESS, {"terminal": terminal})
    since_ms = 0 if progress is None else int(progress[0])
    until_ms = max(to_ms(min(closes, tx.now) - LEEWAY), since_ms)
    times = {"terminal": terminal, "since_ms": since_ms, "until_ms": until_ms}
    found = [payment_id for (payment_id,) in tx.execute(_UNTOLD, times)]
    tx.execute(
        _ADVANCE,
        {"terminal": terminal, "closes_ms": to_ms(closes), "compared_ms": until_ms, "now": tx.now_ms},
    )
    return found


def silent_terminals(tx: Transaction) -> list[tuple[str, datetime | None]]:
    """Those that `watch_silence` has missed and that have not spoken since, with the end of their last registry."""
    return [
        (terminal, from_ms(closes_ms) if closes_ms else None)
        for terminal, closes_ms in tx.execute(_SILENT_NOW)
    ]


def watch_silence(tx: Transaction, *, windows: int) -> None:
    """Alarm each terminal, once, that has sent none of its last `windows` registries."""
    before = tx.now - windows * EVERY
    silent = {
        terminal: f"its last registry ended {from_ms(closes_ms).isoformat()}"
        for terminal, closes_ms in tx.execute(_SILENT, {"before_ms": to_ms(before - EVERY)})
    }
    times = {"since_ms": to_ms(before - 4 * EVERY), "before_ms": to_ms(before)}
    silent |= {
        terminal: "it takes payments and has never sent a registry"
        for (terminal,) in tx.execute(_NEVER_TOLD, times)
    }
    for terminal, detail in silent.items():
        raise_alarm(tx, MISSING, subject=terminal, detail=detail)
        tx.execute(_MISSED, {"terminal": terminal, "now": tx.now_ms})
