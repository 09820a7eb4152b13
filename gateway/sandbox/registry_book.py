"""The tables of whoever takes registries: the files that came, and the operations that they told of.

An operation is known by point and txn_id, so that windows may overlap: it is imported once, and what
a later window says of it is kept. A window that comes after its successors changes nothing of theirs.
"""

from dataclasses import asdict
from typing import Any, Final

from gateway.sandbox.ledger import Ledger
from gateway.sandbox.registry_comparison import RegistryRow
from gateway.sandbox.registry_layout import STEP, Operation, Registry
from gateway.sandbox.registry_rules import RegistryRefused, RegistryRule

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS registry (
    registry_id TEXT PRIMARY KEY, point TEXT NOT NULL, n INTEGER NOT NULL,
    from_ TEXT NOT NULL, to_ TEXT NOT NULL, ends INTEGER NOT NULL,
    count INTEGER NOT NULL, sum INTEGER NOT NULL, fee INTEGER NOT NULL, total INTEGER NOT NULL,
    sha256 TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS operation (
    number INTEGER PRIMARY KEY, point TEXT NOT NULL,
    txn_id TEXT NOT NULL, eport_id TEXT, terminal TEXT NOT NULL, product TEXT NOT NULL,
    account TEXT NOT NULL, sum INTEGER NOT NULL, fee INTEGER NOT NULL, total INTEGER NOT NULL,
    accepted_at TEXT NOT NULL, finished_at TEXT, status TEXT NOT NULL, result TEXT,
    rrn TEXT NOT NULL, tool TEXT NOT NULL,
    first_n INTEGER NOT NULL, last_n INTEGER NOT NULL, told INTEGER NOT NULL,
    UNIQUE (point, txn_id)
) STRICT;
"""
_KEPT: Final = ("terminal", "product", "account", "sum", "fee", "total", "accepted_at", "rrn")
_CHANGES: Final = ("eport_id", "finished_at", "status", "result")


class RegistryBook:
    """Reads and writes of these tables. The caller holds the ledger's transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def take(self, registry: Registry) -> None:
        """Import a file; the same one again changes nothing. RegistryRefused: nothing of it is taken."""
        head = registry.head
        known = self.ledger.row("SELECT sha256 FROM registry WHERE registry_id = :id", id=head.registry_id)
        if known is not None:
            if known["sha256"] != registry.sha256:
                raise RegistryRefused(RegistryRule.CONTENT, "Registry-Id")
            return
        self._check_number(registry)
        for line, operation in enumerate(registry.operations, 2):
            self._import(operation, registry, line)
        self.ledger.insert(
            "registry",
            {
                "registry_id": head.registry_id,
                "point": head.point,
                "n": head.n,
                "from_": head.from_,
                "to_": head.to,
                "ends": int(head.ends.timestamp()),
                **asdict(registry.sums),
                "sha256": registry.sha256,
                "at": self.ledger.now_text(),
            },
        )

    def registries(self) -> list[dict[str, Any]]:
        """The files taken, in the order of their windows."""
        return self.ledger.rows(
            "SELECT registry_id, point, n, from_ AS 'from', to_ AS 'to', count, sum, fee, total, sha256, at"
            " FROM registry ORDER BY point, n"
        )

    def rows(self) -> list[RegistryRow]:
        """Every operation as last told, in the order in which they were first told."""
        columns = ", ".join(RegistryRow.__dataclass_fields__)
        found = self.ledger.rows(f"SELECT {columns} FROM operation ORDER BY number")  # noqa: S608  # our own words
        return [RegistryRow(**row) for row in found]

    def as_json(self) -> dict[str, Any]:
        return {"registries": self.registries(), "operations": [asdict(row) for row in self.rows()]}

    def _check_number(self, registry: Registry) -> None:
        """The grid of a point is told by any window that came; refused ones leave no hole in it."""
        head = registry.head
        other = self.ledger.row("SELECT n, ends FROM registry WHERE point = :point LIMIT 1", point=head.point)
        if other is None:
            return
        if int(head.ends.timestamp()) != other["ends"] + (head.n - other["n"]) * int(STEP.total_seconds()):
            raise RegistryRefused(RegistryRule.NUMBER, "line 1, registry_id")

    def _import(self, operation: Operation, registry: Registry, line: int) -> None:
        point, n = registry.head.point, registry.head.n
        known = self.ledger.row(
            "SELECT * FROM operation WHERE point = :point AND txn_id = :txn_id",
            point=point,
            txn_id=operation.txn_id,
        )
        if known is None:
            told = {"point": point, "first_n": n, "last_n": n, "told": 1}
            self.ledger.insert("operation", operation._asdict() | told)
            return
        for name in _KEPT:
            if known[name] != getattr(operation, name):
                raise RegistryRefused(RegistryRule.OPERATION, f"line {line}, {name}")
        newest = operation._asdict() if n >= known["last_n"] else known
        self.ledger.execute(
            "UPDATE operation SET eport_id = :eport_id, finished_at = :finished_at, status = :status,"
            " result = :result, last_n = max(last_n, :n), first_n = min(first_n, :n), told = told + 1"
            " WHERE number = :number",
            **{name: newest[name] for name in _CHANGES},
            n=n,
            number=known["number"],
        )
