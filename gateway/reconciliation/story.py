"""What reconciliation knows of one payment, for its whole story (`payments.show`)."""

from datetime import datetime
from typing import Any, Final

from gateway.reconciliation import cases
from gateway.reconciliation.commands import case_item
from gateway.registry.layout import money
from spool import Transaction

Item = dict[str, Any]

_LISTED: Final = """
SELECT r.day, r.registry_id, l.number, l.eport_id, l.product, l.sum_minor, l.fee_minor, l.finished_at, l.rrn
FROM daily_line l JOIN daily_registry r ON r.daily_id = l.daily_id
WHERE l.txn_id = :txn_id AND r.taken_ms IS NOT NULL ORDER BY r.day
"""
_BUSINESS_DAY: Final = "SELECT business_day FROM payment WHERE txn_id = :txn_id"


def story_of(tx: Transaction, txn_id: str, now: datetime) -> Item:
    """Its business day, the lines of e-port's registries that list it, and the cases about it."""
    found = tx.one(_BUSINESS_DAY, {"txn_id": txn_id})
    return {
        "business_day": None if found is None else found[0],
        "listed": [
            {
                "day": day,
                "registry_id": registry_id,
                "line": number,
                "eport_id": eport_id,
                "product": product,
                "sum": money(sum_minor),
                "fee": money(fee_minor),
                "finished_at": finished_at,
                "rrn": rrn,
            }
            for day, registry_id, number, eport_id, product, sum_minor, fee_minor, finished_at, rrn in tx.execute(
                _LISTED, {"txn_id": txn_id}
            )
        ],
        "cases": [case_item(tx, case, now) for case in cases.about(tx, txn_id)],
    }
