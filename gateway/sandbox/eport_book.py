"""The tables of e-port's ledger: checks and payments by point and txn_id, closed days, registries taken."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.sandbox.books import EportRow
from gateway.sandbox.eport_days import SCHEMA as DAYS_SCHEMA
from gateway.sandbox.eport_document import Requisites
from gateway.sandbox.eport_requests import AccountRequest, PaymentRequest, account_of
from gateway.sandbox.ledger import Ledger
from gateway.sandbox.registry_book import SCHEMA as REGISTRY_SCHEMA
from gateway.sandbox.registry_book import RegistryBook
from gateway.sandbox.subscribers import Reply

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS checked (
    point TEXT NOT NULL, txn_id TEXT NOT NULL, terminal TEXT NOT NULL,
    product TEXT NOT NULL, account TEXT NOT NULL, requisites TEXT NOT NULL, sum INTEGER,
    digest BLOB NOT NULL, result INTEGER NOT NULL, final INTEGER NOT NULL, answer BLOB NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (point, txn_id)
) STRICT;
CREATE TABLE IF NOT EXISTS payment (
    number INTEGER PRIMARY KEY,
    point TEXT NOT NULL, txn_id TEXT NOT NULL, check_id TEXT NOT NULL, terminal TEXT NOT NULL,
    product TEXT NOT NULL, account TEXT NOT NULL,
    sum INTEGER NOT NULL, fee INTEGER NOT NULL, total INTEGER NOT NULL, rrn TEXT NOT NULL,
    digest BLOB NOT NULL, serves_check INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'ACCEPTED', 'REFUSED', 'CANCELLED')),
    result INTEGER NOT NULL, final INTEGER NOT NULL, asks INTEGER NOT NULL, answer BLOB NOT NULL,
    received_at TEXT NOT NULL, changed_at TEXT NOT NULL, finished_at TEXT,
    UNIQUE (point, txn_id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_payment_a_check ON payment (point, check_id) WHERE serves_check;
CREATE TABLE IF NOT EXISTS told (account TEXT PRIMARY KEY, special TEXT NOT NULL) STRICT;
"""
FIRST_EPORT_ID: Final = 900_000_000


@dataclass(frozen=True)
class Checked:
    """A bank_account that was answered. Sums in tiyn."""

    product: str
    account: str
    requisites: Requisites
    sum: int | None
    digest: bytes
    result: int
    final: bool
    answer: bytes
    at: datetime

    @property
    def accepted(self) -> bool:
        return self.result == 0 and self.final


@dataclass(frozen=True)
class Paid:
    """A bank_payment. `result`, `final` and `answer` are what was last said about it.

    `final` may be said of a payment whose `status` is PENDING: results 8, 243, 300 decide nothing.
    """

    number: int
    point: str
    txn_id: str
    account: str
    digest: bytes
    status: str
    result: int
    final: bool
    asks: int
    answer: bytes
    serves_check: bool
    finished_at: str | None

    @property
    def eport_id(self) -> str | None:
        return str(FIRST_EPORT_ID + self.number) if self.serves_check else None


class EportBook:
    """Reads and writes of e-port's tables. The caller holds the ledger's transaction."""

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self.ledger = Ledger(path, _SCHEMA + DAYS_SCHEMA + REGISTRY_SCHEMA, now=now)
        self.registries = RegistryBook(self.ledger)
        self._now = now

    def checked(self, point: str, txn_id: str) -> Checked | None:
        row = self.ledger.row(
            "SELECT product, account, requisites, sum, digest, result, final, answer, at FROM checked"
            " WHERE point = :point AND txn_id = :txn_id",
            point=point,
            txn_id=txn_id,
        )
        if row is None:
            return None
        row["requisites"] = tuple((code, value) for code, value in json.loads(row["requisites"]))
        row["final"] = bool(row["final"])
        row["at"] = datetime.fromisoformat(row["at"])
        return Checked(**row)

    def add_check(self, request: AccountRequest, digest: bytes, *, reply: Reply, answer: bytes) -> None:
        self.ledger.insert(
            "checked",
            {
                "point": request.point,
                "txn_id": request.txn_id,
                "terminal": request.terminal,
                "product": request.product,
                "account": account_of(request.requisites),
                "requisites": json.dumps(request.requisites),
                "sum": request.sum,
                "digest": digest,
                "result": reply.result,
                "final": reply.final,
                "answer": answer,
                "at": self.ledger.now_text(),
            },
        )

    def check_is_served(self, point: str, check_id: str) -> bool:
        sql = "SELECT 1 FROM payment WHERE point = :point AND check_id = :check_id AND serves_check"
        return self.ledger.row(sql, point=point, check_id=check_id) is not None

    def paid(self, point: str, txn_id: str) -> Paid | None:
        row = self.ledger.row(
            "SELECT number, point, txn_id, account, digest, status, result, final, asks, answer,"
            " serves_check, finished_at FROM payment WHERE point = :point AND txn_id = :txn_id",
            point=point,
            txn_id=txn_id,
        )
        if row is None:
            return None
        row["serves_check"], row["final"] = bool(row["serves_check"]), bool(row["final"])
        return Paid(**row)

    def add_payment(self, request: PaymentRequest, digest: bytes, *, serves_check: bool) -> Paid:
        """A new payment, PENDING and not yet asked about."""
        now = self.ledger.now_text()
        self.ledger.insert(
            "payment",
            {
                "point": request.point,
                "txn_id": request.txn_id,
                "check_id": request.check_id,
                "terminal": request.terminal,
                "product": request.product,
                "account": account_of(request.requisites),
                "sum": request.sum,
                "fee": request.fee,
                "total": request.total,
                "rrn": request.rrn,
                "digest": digest,
                "serves_check": serves_check,
                "status": "PENDING",
                "result": 90,
                "final": False,
                "asks": 0,
                "answer": b"",
                "received_at": now,
                "changed_at": now,
            },
        )
        added = self.paid(request.point, request.txn_id)
        assert added is not None
        return added

    def save(self, payment: Paid) -> None:
        """Keep what an asking, an ending or a cancellation changed."""
        self.ledger.execute(
            "UPDATE payment SET status = :status, result = :result, final = :final, asks = :asks,"
            " answer = :answer, finished_at = :finished_at, changed_at = :now WHERE number = :number",
            status=payment.status,
            result=payment.result,
            final=payment.final,
            asks=payment.asks,
            answer=payment.answer,
            finished_at=payment.finished_at,
            number=payment.number,
            now=self.ledger.now_text(),
        )

    def payments_of(self, txn_id: str) -> list[Paid]:
        """The payments with this txn_id, of whatever point."""
        found = self.ledger.rows("SELECT point FROM payment WHERE txn_id = :txn_id", txn_id=txn_id)
        payments = (self.paid(row["point"], txn_id) for row in found)
        return [payment for payment in payments if payment is not None]

    def told(self, account: str) -> str | None:
        """The special account that this one was told to behave as."""
        row = self.ledger.row("SELECT special FROM told WHERE account = :account", account=account)
        return None if row is None else str(row["special"])

    def all_told(self) -> dict[str, str]:
        return {
            row["account"]: row["special"] for row in self.ledger.rows("SELECT * FROM told ORDER BY account")
        }

    def tell(self, account: str, special: str | None) -> None:
        """None: it behaves as its own name says again."""
        self.ledger.execute("DELETE FROM told WHERE account = :account", account=account)
        if special is not None:
            self.ledger.insert("told", {"account": account, "special": special})

    def rows(self) -> list[EportRow]:
        """Every bank_payment that was answered with a result, oldest first."""
        found = self.ledger.rows(
            "SELECT number, txn_id, point, terminal, product, account, sum, fee, total, rrn, status,"
            " serves_check FROM payment ORDER BY number"
        )
        for row in found:
            number, has_id = row.pop("number"), row.pop("serves_check")
            row["eport_id"] = str(FIRST_EPORT_ID + number) if has_id else None
        return [EportRow(**row) for row in found]
