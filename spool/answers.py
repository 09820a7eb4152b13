"""Idempotent answers: the same key and content get the stored answer, byte for byte (PROTOCOLS §1).

Of a request only an HMAC is stored (`Spool.digest`), never its body. A key lives ninety days.
"""

import hmac
from dataclasses import dataclass, field

from spool.errors import AnswerConflict
from spool.moves import KEY_MS
from spool.transaction import Transaction

_REMEMBER = """
INSERT INTO answer (scope, key, digest, status, body, at_ms, purge_ms)
VALUES (:scope, :key, :digest, :status, :body, :now_ms, :purge_ms)
"""
_RECALL = "SELECT digest, status, body FROM answer WHERE scope = :scope AND key = :key"


@dataclass(frozen=True)
class Stored:
    """An answer that was given: status code and body."""

    status: int
    body: bytes = field(repr=False)


def remember(tx: Transaction, scope: str, key: str, digest: bytes, status: int, body: bytes) -> None:  # noqa: PLR0913, PLR0917 - agreed order; five different things
    """Store the answer in the transaction that does what it tells of. Once for each (scope, key).

    Raises AnswerConflict when the key is known with other content; a known key with the same content keeps
    its first answer.
    """
    tx.must_be_durable("an answer")
    if recall(tx, scope, key, digest) is not None:
        return
    tx.execute(
        _REMEMBER,
        {
            "scope": scope,
            "key": key,
            "digest": digest,
            "status": status,
            "body": body,
            "now_ms": tx.now_ms,
            "purge_ms": tx.clock_ms + KEY_MS,
        },
    )


def recall(tx: Transaction, scope: str, key: str, digest: bytes) -> Stored | None:
    """The answer given to this key; None if there is none. Raises AnswerConflict for other content."""
    row = tx.one(_RECALL, {"scope": scope, "key": key})
    if row is None:
        return None
    if not hmac.compare_digest(row[0], digest):
        raise AnswerConflict(f"key {key} of {scope} was used with other content")
    return Stored(row[1], row[2])
