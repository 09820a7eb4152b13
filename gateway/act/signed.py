"""The acts that were signed: added once for each month, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.providers.product import CatalogueSignature
from gateway.times import from_ms
from spool import Transaction

_COLUMNS: Final = "month, document, key, signature, signed_ms, signed_by"
_INSERT: Final = """
INSERT INTO act (month, document, key, signature, signed_ms, signed_by)
VALUES (:month, :document, :key, :signature, :now, :by)
"""


@dataclass(frozen=True)
class SignedAct:
    month: str
    content: bytes
    signature: CatalogueSignature
    at: datetime
    by: str


def add(tx: Transaction, month: str, content: bytes, signature: CatalogueSignature, *, by: str) -> None:
    """`month` has none yet."""
    row = {"month": month, "document": content, "key": signature.key, "signature": signature.value}
    tx.execute(_INSERT, {**row, "now": tx.now_ms, "by": by})


def find(tx: Transaction, month: str) -> SignedAct | None:
    return next(iter(_read(tx, "WHERE month = :month", month)), None)


def every(tx: Transaction) -> Sequence[SignedAct]:
    """The newest month first."""
    return _read(tx, "WHERE month <> :month ORDER BY month DESC", "")


def _read(tx: Transaction, where: str, month: str) -> Sequence[SignedAct]:
    rows = tx.execute(f"SELECT {_COLUMNS} FROM act {where}", {"month": month})  # noqa: S608 - our own texts
    return [
        SignedAct(name, bytes(document), CatalogueSignature(key=key, value=value), from_ms(at), by)
        for name, document, key, value, at, by in rows
    ]
