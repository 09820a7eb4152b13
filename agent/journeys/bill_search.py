"""Finding a journey by whatever a person has of it. Inside a transaction of the spool.

A person waits for it and nothing else does, so what has no index is looked for in every record.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from agent.journeys.bill_record import Journey
from spool import Transaction
from spool.transaction import milliseconds

_BY_OWN_NUMBER: Final = """
SELECT record FROM card_journey
WHERE kind = 'bill' AND (journey_id = :it OR payment_id = :it OR receipt_number = :it)
"""
_BY_RRN: Final = """
SELECT record FROM card_journey
WHERE kind = 'bill' AND json_extract(record, '$.view.rrn') IS NOT NULL AND json_extract(record, '$.view.rrn') = :it
ORDER BY id DESC
"""
_BY_ANOTHERS_NUMBER: Final = """
SELECT record FROM card_journey
WHERE kind = 'bill' AND :it IN (
    json_extract(record, '$.view.txn_id'), json_extract(record, '$.view.eport_id'),
    json_extract(record, '$.view.check_id'), json_extract(record, '$.offer.check_id'))
ORDER BY id DESC
"""
_STARTED: Final = """
SELECT record FROM card_journey
WHERE kind = 'bill' AND started_ms >= :begin AND started_ms < :end ORDER BY id
"""
_LONGEST_BEFORE_SENDING: Final = timedelta(hours=2)  # a check is good for one


def by_number(tx: Transaction, number: str) -> list[Journey]:
    """By journey_id, payment_id, receipt number, RRN, txn_id, eport_id or check_id: the first that knows it."""
    for sql in (_BY_OWN_NUMBER, _BY_RRN, _BY_ANOTHERS_NUMBER):
        if found := _read(tx, sql, {"it": number}):
            return found
    return []


def by_time(tx: Transaction, begin: datetime, end: datetime) -> list[Journey]:
    """By the time that its receipt shows, within [begin, end)."""
    started = {"begin": milliseconds(begin - _LONGEST_BEFORE_SENDING), "end": milliseconds(end)}
    return [
        journey
        for journey in _read(tx, _STARTED, started)
        if begin <= (journey.sent_at or journey.started_at) < end
    ]


def _read(tx: Transaction, sql: str, bindings: Mapping[str, Any]) -> list[Journey]:
    return [Journey.model_validate_json(record) for (record,) in tx.execute(sql, bindings)]
