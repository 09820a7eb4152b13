"""A terminal's registry as bytes, and one payment as a terminal tells of it."""

import hashlib

from gateway.registry.layout import (
    Header,
    Kind,
    Operation,
    Status,
    Totals,
    header_line,
    operation_line,
    trailer_line,
)
from gateway.registry.window import LENGTH, last_end

TERMINAL, INSTALLED = "ATM00017", "0123abcd"


def registry(
    clock, n: int, *operations: Operation, terminal: str = TERMINAL, installed: str = INSTALLED
) -> bytes:
    """The terminal's nth, whose window has just been closed."""
    closes_at = last_end(clock())
    registry_id = f"{terminal}-TERM-{installed}-{n}"
    head = header_line(Header(Kind.TERM, terminal, registry_id, closes_at - LENGTH, closes_at, clock()))
    content = head + b"".join(operation_line(operation, Kind.TERM) for operation in operations)
    totals = Totals()
    for operation in operations:
        totals = totals.plus(sum_minor=operation.sum.minor, fee_minor=operation.fee.minor)
    return content + trailer_line(totals, hashlib.sha256(content).hexdigest())


def told(payment, ending: str, status: Status = Status.PENDING, **other) -> Operation:
    facts = {
        "txn_id": payment.txn_id,
        "terminal": payment.terminal,
        "product": payment.check.product,
        "account": "7011234567",
        "sum": payment.amount,
        "fee": payment.fee,
        "total": payment.total,
        "accepted_at": payment.accepted_at,
        "status": status,
        "rrn": payment.rrn,
        "payment_id": payment.payment_id,
        "ending": ending,
        "receipt_number": "000017",
    }
    return Operation(**{**facts, **other})
