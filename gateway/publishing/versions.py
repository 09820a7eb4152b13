"""The published versions of the catalogue: added, never changed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.publishing.document import Document, compact
from gateway.times import from_ms, to_ms
from spool import Transaction

_COLUMNS: Final = "number, version, published_ms, effective_ms, document, signature, copy_of, person, reason"
_INSERT: Final = """
INSERT INTO catalogue_version (number, version, published_ms, effective_ms, document, source, signature,
                               copy_of, person, reason)
VALUES (:number, :version, :published_ms, :effective_ms, :document, :source, :signature,
        :copy_of, :person, :reason)
"""


@dataclass(frozen=True)
class Version:
    """One published version. `document` are its signed members, `copy_of` what it goes back to."""

    number: int
    version: str
    published_at: datetime
    effective_at: datetime
    document: Document
    signature: Document | None
    copy_of: int | None
    person: str
    reason: str

    @property
    def rank(self) -> tuple[datetime, int]:
        """Of those whose time has come, the highest one is in force."""
        return self.effective_at, self.number


def add(tx: Transaction, version: Version, *, source: bytes) -> None:
    """`version.number` is `next_number`."""
    tx.execute(
        _INSERT,
        {
            "number": version.number,
            "version": version.version,
            "published_ms": to_ms(version.published_at),
            "effective_ms": to_ms(version.effective_at),
            "document": compact(version.document).decode(),
            "source": source.decode(),
            "signature": None if version.signature is None else compact(version.signature).decode(),
            "copy_of": version.copy_of,
            "person": version.person,
            "reason": version.reason,
        },
    )


def next_number(tx: Transaction) -> int:
    found = tx.one("SELECT max(number) FROM catalogue_version")
    return 1 if found is None or found[0] is None else int(found[0]) + 1


def last_published(tx: Transaction) -> datetime | None:
    found = tx.one("SELECT max(published_ms) FROM catalogue_version")
    return None if found is None or found[0] is None else from_ms(found[0])


def every(tx: Transaction) -> list[Version]:
    """The newest first."""
    return _read(tx, "ORDER BY number DESC", {})


def from_now_on(tx: Transaction) -> list[Version]:
    """The one in force, if there is one, and those whose time will come, in the order of their times."""
    return _read(
        tx,
        """WHERE effective_ms >= coalesce(
               (SELECT max(effective_ms) FROM catalogue_version WHERE effective_ms <= :now), 0)
           ORDER BY effective_ms, number""",
        {"now": tx.now_ms},
    )


def find(tx: Transaction, number: int) -> Version | None:
    found = _read(tx, "WHERE number = :number", {"number": number})
    return found[0] if found else None


def source_of(tx: Transaction, number: int) -> bytes | None:
    """The file as its editor wrote it."""
    found = tx.one("SELECT source FROM catalogue_version WHERE number = :number", {"number": number})
    return None if found is None else str(found[0]).encode()


def _read(tx: Transaction, where: str, bindings: dict[str, int]) -> list[Version]:
    rows = tx.execute(f"SELECT {_COLUMNS} FROM catalogue_version {where}", bindings)  # noqa: S608 - our own texts
    return [_version(row) for row in rows]


def _version(row: tuple[Any, ...]) -> Version:
    number, version, published_ms, effective_ms, document, signature, copy_of, person, reason = row
    return Version(
        number=number,
        version=version,
        published_at=from_ms(published_ms),
        effective_at=from_ms(effective_ms),
        document=json.loads(document),
        signature=None if signature is None else json.loads(signature),
        copy_of=copy_of,
        person=person,
        reason=reason,
    )
