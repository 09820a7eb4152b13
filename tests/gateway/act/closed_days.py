"""A month of closed days in a store, as reconciliation leaves them."""

from datetime import date

from gateway.act.month import Month
from spool import Transaction

DAY = "INSERT INTO reconciled_day (day, registry_id, sha256, compared_ms, runs) VALUES (:day, :id, :sha256, 0, 1)"
TOTAL = """
INSERT INTO reconciled_total (day, provider, class, our_count, our_sum, our_fee, eport_count, eport_sum, eport_fee)
VALUES (:day, :provider, 'MATCHED', :count, :sum, :fee, :count, :sum, :fee)
"""
CLOSE = "UPDATE reconciled_day SET closed_ms = :now, closed_by = 'asel' WHERE day = :day"
CASE = """
INSERT INTO reconciliation_case (day, class, txn_id, provider, product, eport_id, eport_sum, eport_fee, detail,
                                 opened_ms, opened_run, seen_run)
VALUES (:day, 'ONLY_EPORT', :txn_id, 'samal', 'samal-internet', '9000000041', 500000, 0, '', :now, 1, 1)
"""
PROVIDERS = ("kokjiek", "samal")


def close_day(tx: Transaction, day: date) -> None:
    """Each provider has as many payments as the day's number says, of 1000.00 with a fee of 15.00."""
    now = tx.now_ms
    tx.execute(DAY, {"day": str(day), "id": f"10001-DAY-{day:%j}", "sha256": f"{day.toordinal():064x}"})
    for provider in PROVIDERS:
        sums = {"count": day.day, "sum": day.day * 100_000, "fee": day.day * 1_500}
        tx.execute(TOTAL, {"day": str(day), "provider": provider, **sums})
    tx.execute(CLOSE, {"day": str(day), "now": now})


def close_month(tx: Transaction, month: Month, *, but: int | None = None) -> None:
    """`but`: this day stays open."""
    for day in month.days():
        if day.day != but:
            close_day(tx, day)


def open_case(tx: Transaction, day: date, number: int = 41) -> None:
    tx.execute(CASE, {"day": str(day), "txn_id": f"{day:%y%m%d}{number:014d}", "now": tx.now_ms})
