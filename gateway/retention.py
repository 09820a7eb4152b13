"""What is kept how long, and forgotten then: a slice at a time, so that no payment waits, and with an audit line.

A rule says which rows are ripe and what goes with each. Nothing goes that somebody must still close: a payment that
has not ended, that no closed day covers, or that an open case or alarm is about.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from gateway.settings import RetentionSection
from gateway.times import from_ms
from spool import SpoolError, Store, Transaction
from spool.control import Command

_log = logging.getLogger(__name__)

SLICE: Final = 100
LOOK_SECONDS: Final = 3600.0
_BETWEEN_SLICES: Final = 0.02  # what the store has to do meanwhile goes first


@dataclass(frozen=True)
class Rule:
    """`ripe` selects at most `:slice` rows older than `:before_ms` (or `:before_day`); each row's columns are bound to
    every statement of `forget` by the names of `columns`.
    """

    kind: str
    columns: tuple[str, ...]
    ripe: str
    forget: tuple[str, ...]


_PAYMENTS: Final = Rule(
    "payments",
    ("payment_id", "check_id"),
    """
SELECT payment_id, check_id FROM payment AS p
WHERE accepted_ms < :before_ms AND state IN ('PAID', 'RELEASED', 'REFUSED') AND hold_closed_ms IS NOT NULL
  AND (business_day IS NULL OR business_day <= (SELECT max(day) FROM reconciled_day WHERE closed_ms IS NOT NULL))
  AND NOT EXISTS (SELECT 1 FROM reconciliation_case AS k WHERE k.txn_id = p.txn_id AND k.closed_ms IS NULL)
  AND NOT EXISTS (SELECT 1 FROM alarm AS a WHERE a.subject = p.payment_id AND a.closed_ms IS NULL)
ORDER BY accepted_ms LIMIT :slice
""",
    (
        "DELETE FROM payment_requisite WHERE payment_id = :payment_id",
        "DELETE FROM payment_move WHERE payment_id = :payment_id",
        "DELETE FROM terminal_payment WHERE payment_id = :payment_id",
        "DELETE FROM payment WHERE payment_id = :payment_id",
        "DELETE FROM account_check WHERE check_id = :check_id",
    ),
)
# A check's id begins with its day. Those that were paid go with their payment.
_CHECKS: Final = Rule(
    "checks",
    ("check_id",),
    """
SELECT check_id FROM account_check AS c WHERE check_id < :before_yymmdd
  AND NOT EXISTS (SELECT 1 FROM payment AS p WHERE p.check_id = c.check_id) ORDER BY check_id LIMIT :slice
""",
    ("DELETE FROM account_check WHERE check_id = :check_id",),
)
# The last number of each terminal stays: the next one follows it.
_JOURNAL: Final = Rule(
    "journal",
    ("terminal", "number"),
    """
SELECT terminal, number FROM terminal_event AS e WHERE taken_ms < :before_ms
  AND number < (SELECT max(number) FROM terminal_event AS last WHERE last.terminal = e.terminal)
ORDER BY taken_ms LIMIT :slice
""",
    ("DELETE FROM terminal_event WHERE terminal = :terminal AND number = :number",),
)
_OF_TERMINALS: Final = Rule(
    "registries of terminals",
    ("terminal", "installation", "n"),
    """
SELECT terminal, installation, n FROM terminal_registry AS r WHERE taken_ms < :before_ms
  AND n < (SELECT max(n) FROM terminal_registry AS last
           WHERE last.terminal = r.terminal AND last.installation = r.installation)
ORDER BY taken_ms LIMIT :slice
""",
    ("DELETE FROM terminal_registry WHERE terminal = :terminal AND installation = :installation AND n = :n",),
)
OUR_REGISTRIES: Final = Rule(
    "registries",
    ("kind", "n"),
    """
SELECT kind, n FROM registry WHERE closes_ms < :before_ms AND acknowledged_ms IS NOT NULL
ORDER BY closes_ms LIMIT :slice
""",
    ("DELETE FROM registry WHERE kind = :kind AND n = :n",),
)
# A window that is still to be sent needs its lines, however old they are.
REGISTRY_LINES: Final = Rule(
    "lines of registries",
    ("changed_ms", "subject", "n"),
    """
SELECT changed_ms, subject, n FROM registry_change
WHERE changed_ms < :before_ms AND changed_ms < (SELECT coalesce(min(opens_ms), :before_ms) FROM registry)
ORDER BY changed_ms, subject, n LIMIT :slice
""",
    ("DELETE FROM registry_change WHERE changed_ms = :changed_ms AND subject = :subject AND n = :n",),
)
# Of e-port's own the id and the hash stay for ever: the acts rest on them.
_DAILY_LINES: Final = Rule(
    "lines of daily registries",
    ("daily_id", "txn_id"),
    """
SELECT l.daily_id, l.txn_id FROM daily_registry AS r
JOIN reconciled_day AS d ON d.day = r.day AND d.closed_ms IS NOT NULL
JOIN daily_line AS l ON l.daily_id = r.daily_id
WHERE r.day < :before_day LIMIT :slice
""",
    ("DELETE FROM daily_line WHERE daily_id = :daily_id AND txn_id = :txn_id",),
)
_DAILY_PIECES: Final = Rule(
    "daily registries",
    ("daily_id", "n"),
    """
SELECT p.daily_id, p.n FROM daily_registry AS r
JOIN reconciled_day AS d ON d.day = r.day AND d.closed_ms IS NOT NULL
JOIN daily_piece AS p ON p.daily_id = r.daily_id
WHERE r.day < :before_day LIMIT :slice
""",
    ("DELETE FROM daily_piece WHERE daily_id = :daily_id AND n = :n",),
)
_AUDIT: Final = """
INSERT INTO forgotten (day, kind, before_ms, rows, last_ms) VALUES (:day, :kind, :before_ms, :rows, :now)
ON CONFLICT (day, kind) DO UPDATE
SET before_ms = excluded.before_ms, rows = forgotten.rows + excluded.rows, last_ms = excluded.last_ms
"""
_AUDITED: Final = "SELECT day, kind, before_ms, rows FROM forgotten ORDER BY day DESC, kind LIMIT 1000"


@dataclass(frozen=True)
class Kept:
    """A rule, and how long it keeps its rows."""

    rule: Rule
    days: float


def kept_by_gateway(retention: RetentionSection) -> Sequence[Kept]:
    """In the order in which they are looked at."""
    return (
        *(Kept(rule, retention.payments_days) for rule in (_PAYMENTS, _CHECKS)),
        Kept(_JOURNAL, retention.journal_days),
        *(
            Kept(rule, retention.registries_days)
            for rule in (_OF_TERMINALS, OUR_REGISTRIES, REGISTRY_LINES, _DAILY_LINES, _DAILY_PIECES)
        ),
    )


class Retention:
    """On the control socket `retention`: what was forgotten, the newest day first."""

    def __init__(self, spool: Store, kept: Sequence[Kept]) -> None:
        self._spool = spool
        self._kept = kept

    def commands(self) -> Mapping[str, Command]:
        return {"retention": self._told}

    async def run(self) -> None:
        """For ever: what is ripe is forgotten within the hour."""
        while True:
            try:
                await self.once()
            except SpoolError as error:
                _log.warning("retention.failed", extra={"why": str(error)})
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> int:
        """Forget all that is ripe now; how many rows that were."""
        forgotten = 0
        for kept in self._kept:
            of_kind = 0
            while found := await self._spool.write(lambda tx: forget_slice(tx, kept), durable=False):  # noqa: B023 - awaited in this round
                of_kind += found
                await asyncio.sleep(_BETWEEN_SLICES)
            if of_kind:
                _log.info("retention.forgotten", extra={"kind": kept.rule.kind, "rows": of_kind})
            forgotten += of_kind
        return forgotten

    async def _told(self, _: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        for day, kind, before_ms, rows in await self._spool.read(lambda tx: list(tx.execute(_AUDITED))):
            yield {"day": day, "kind": kind, "before": from_ms(before_ms).isoformat(), "rows": rows}


def forget_slice(tx: Transaction, kept: Kept) -> int:
    """The oldest ones, with their audit line in the same commit; how many they were."""
    before = tx.now - timedelta(days=kept.days)
    before_ms = tx.now_ms - int(kept.days * 86_400_000)
    bounds = {
        "before_ms": before_ms,
        "before_day": before.date().isoformat(),
        "before_yymmdd": f"{before:%y%m%d}",
        "slice": SLICE,
    }
    named = {name: value for name, value in bounds.items() if f":{name}" in kept.rule.ripe}
    rows = list(tx.execute(kept.rule.ripe, named))
    for row in rows:
        bindings = dict(zip(kept.rule.columns, row, strict=True))
        for statement in kept.rule.forget:
            tx.execute(
                statement, {name: value for name, value in bindings.items() if f":{name}" in statement}
            )
    if rows:
        audit = {"day": tx.now.date().isoformat(), "kind": kept.rule.kind, "before_ms": before_ms}
        tx.execute(_AUDIT, {**audit, "rows": len(rows), "now": tx.now_ms})
    return len(rows)
