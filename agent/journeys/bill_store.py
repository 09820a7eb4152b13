"""The rows of journeys that are paid by card, in `agent.db`. Every function runs inside a transaction of the spool."""

from collections.abc import Iterator, Mapping
from typing import Final

from agent.journeys.bill_record import Journey
from agent.journeys.card_record import CardJourney, J
from agent.journeys.link_record import LinkJourney
from spool import Transaction
from spool.transaction import milliseconds

_INSERT = """
INSERT INTO card_journey (kind, journey_id, state, payment_id, receipt_number, started_ms, changed_ms, record)
VALUES (:kind, :journey_id, :state, :payment_id, :receipt_number, :started_ms, :changed_ms, :record)
"""
_UPDATE = """
UPDATE card_journey
SET state = :state, payment_id = :payment_id, receipt_number = :receipt_number,
    changed_ms = :changed_ms, record = :record
WHERE journey_id = :journey_id AND state = :before
"""
_OPEN = """
SELECT kind, record FROM card_journey
WHERE state NOT IN ('CARD_TAKEN', 'CARD_LEFT', 'ABANDONED') ORDER BY id
"""
_LATEST = "SELECT record FROM card_journey WHERE kind = 'bill' ORDER BY id DESC LIMIT ?"
_BY_IDENTIFIER = """
SELECT kind, record FROM card_journey WHERE journey_id = :it OR payment_id = :it OR receipt_number = :it
"""
_BY_RECEIPT_NUMBER = "SELECT kind, record FROM card_journey WHERE receipt_number = ?"
_BY_RRN = """
SELECT kind, record FROM card_journey
WHERE json_extract(record, '$.view.rrn') IS NOT NULL AND json_extract(record, '$.view.rrn') = ?
ORDER BY id DESC
"""
_ENDED_PRODUCTS = """
SELECT json_extract(record, '$.product') FROM card_journey
WHERE kind = 'bill' AND state IN ('CARD_TAKEN', 'CARD_LEFT') ORDER BY id DESC LIMIT ?
"""


AnyJourney = Journey | LinkJourney
_RECORDS: Final[Mapping[str, type[AnyJourney]]] = {"bill": Journey, "link": LinkJourney}


class JourneyMovedError(Exception):
    """The stored journey is no longer in the state from which it was to move."""


def insert(tx: Transaction, journey: CardJourney) -> None:
    tx.execute(_INSERT, _row(journey))


def update(tx: Transaction, before: CardJourney, after: CardJourney) -> None:
    """Guarded by the state that `before` was in. JourneyMovedError if somebody else moved it."""
    row = _row(after)
    del row["started_ms"], row["kind"]
    tx.execute(_UPDATE, {**row, "before": before.state})
    if tx.changed() != 1:
        raise JourneyMovedError(f"journey {before.journey_id} is no longer {before.state}")


def still(tx: Transaction, journey: J) -> J:
    """What is stored of `journey`. JourneyMovedError unless it is in the same state."""
    stored = find(tx, journey.journey_id)
    if not isinstance(stored, type(journey)) or stored.state is not journey.state:
        raise JourneyMovedError(f"journey {journey.journey_id} is no longer {journey.state}")
    return stored


def unfinished(tx: Transaction) -> list[AnyJourney]:
    """Of every kind, oldest first."""
    return list(_journeys(tx.execute(_OPEN)))


def latest(tx: Transaction, limit: int) -> list[Journey]:
    """Bills, newest first."""
    return [Journey.model_validate_json(record) for (record,) in tx.execute(_LATEST, (limit,))]


def find(tx: Transaction, identifier: str) -> AnyJourney | None:
    """By journey_id, payment_id or receipt number."""
    return next(_journeys(tx.execute(_BY_IDENTIFIER, {"it": identifier})), None)


def numbered(tx: Transaction, operation_number: str) -> AnyJourney | None:
    """By what its receipt calls the operation: the RRN, of which the newest counts, else the receipt's number."""
    for sql in (_BY_RRN, _BY_RECEIPT_NUMBER):
        for journey in _journeys(tx.execute(sql, (operation_number,))):
            return journey
    return None


def ended_products(tx: Transaction, limit: int) -> list[str]:
    """The products of the newest payments that were sent and are over, newest first."""
    return [product for (product,) in tx.execute(_ENDED_PRODUCTS, (limit,))]


def _journeys(rows: Iterator[tuple[str, str]]) -> Iterator[AnyJourney]:
    return (_RECORDS[kind].model_validate_json(record) for kind, record in rows)


def _row(journey: CardJourney) -> dict[str, str | int | None]:
    return {
        "kind": next(kind for kind, record in _RECORDS.items() if type(journey) is record),
        "journey_id": journey.journey_id,
        "state": journey.state,
        "payment_id": journey.payment_id,
        "receipt_number": journey.receipt_number,
        "started_ms": milliseconds(journey.started_at),
        "changed_ms": milliseconds(journey.changed_at),
        "record": journey.model_dump_json(),
    }
