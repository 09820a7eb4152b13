"""The rows of bill journeys in `agent.db`. Every function runs inside a transaction of the spool."""

from collections.abc import Iterator

from agent.journeys.bill_record import Journey
from spool import Transaction
from spool.transaction import milliseconds

_INSERT = """
INSERT INTO bill_journey (journey_id, state, payment_id, receipt_number, started_ms, changed_ms, record)
VALUES (:journey_id, :state, :payment_id, :receipt_number, :started_ms, :changed_ms, :record)
"""
_UPDATE = """
UPDATE bill_journey
SET state = :state, payment_id = :payment_id, receipt_number = :receipt_number,
    changed_ms = :changed_ms, record = :record
WHERE journey_id = :journey_id AND state = :before
"""
_OPEN = """
SELECT record FROM bill_journey
WHERE state NOT IN ('CARD_TAKEN', 'CARD_LEFT', 'ABANDONED') ORDER BY id
"""
_LATEST = "SELECT record FROM bill_journey ORDER BY id DESC LIMIT ?"
_BY_IDENTIFIER = """
SELECT record FROM bill_journey WHERE journey_id = :it OR payment_id = :it OR receipt_number = :it
"""
_BY_RECEIPT_NUMBER = "SELECT record FROM bill_journey WHERE receipt_number = ?"
_BY_RRN = """
SELECT record FROM bill_journey
WHERE json_extract(record, '$.view.rrn') IS NOT NULL AND json_extract(record, '$.view.rrn') = ?
ORDER BY id DESC
"""
_ENDED_PRODUCTS = """
SELECT json_extract(record, '$.product') FROM bill_journey
WHERE state IN ('CARD_TAKEN', 'CARD_LEFT') ORDER BY id DESC LIMIT ?
"""


class JourneyMovedError(Exception):
    """The stored journey is no longer in the state from which it was to move."""


def insert(tx: Transaction, journey: Journey) -> None:
    tx.execute(_INSERT, _row(journey))


def update(tx: Transaction, before: Journey, after: Journey) -> None:
    """Guarded by the state that `before` was in. JourneyMovedError if somebody else moved it."""
    row = _row(after)
    del row["started_ms"]
    tx.execute(_UPDATE, {**row, "before": before.state})
    if tx.changed() != 1:
        raise JourneyMovedError(f"journey {before.journey_id} is no longer {before.state}")


def still(tx: Transaction, journey: Journey) -> Journey:
    """What is stored of `journey`. JourneyMovedError unless it is in the same state."""
    stored = find(tx, journey.journey_id)
    if stored is None or stored.state is not journey.state:
        raise JourneyMovedError(f"journey {journey.journey_id} is no longer {journey.state}")
    return stored


def unfinished(tx: Transaction) -> list[Journey]:
    """Oldest first."""
    return list(_journeys(tx.execute(_OPEN)))


def latest(tx: Transaction, limit: int) -> list[Journey]:
    """Newest first."""
    return list(_journeys(tx.execute(_LATEST, (limit,))))


def find(tx: Transaction, identifier: str) -> Journey | None:
    """By journey_id, payment_id or receipt number."""
    return next(_journeys(tx.execute(_BY_IDENTIFIER, {"it": identifier})), None)


def numbered(tx: Transaction, operation_number: str) -> Journey | None:
    """By what its receipt calls the operation: the RRN, of which the newest counts, else the receipt's number."""
    for sql in (_BY_RRN, _BY_RECEIPT_NUMBER):
        for journey in _journeys(tx.execute(sql, (operation_number,))):
            return journey
    return None


def ended_products(tx: Transaction, limit: int) -> list[str]:
    """The products of the newest payments that were sent and are over, newest first."""
    return [product for (product,) in tx.execute(_ENDED_PRODUCTS, (limit,))]


def _journeys(rows: Iterator[tuple[str]]) -> Iterator[Journey]:
    return (Journey.model_validate_json(record) for (record,) in rows)


def _row(journey: Journey) -> dict[str, str | int | None]:
    return {
        "journey_id": journey.journey_id,
        "state": journey.state,
        "payment_id": journey.payment_id,
        "receipt_number": journey.receipt_number,
        "started_ms": milliseconds(journey.started_at),
        "changed_ms": milliseconds(journey.changed_at),
        "record": journey.model_dump_json(),
    }
