"""Every message of every chain, in and out, with its exact bytes: what a replay is known by and a dispute ends with.

A message that came is written down in the transaction that gives it its effect, one that goes in the
transaction that puts it into the spool. Refused messages are not remembered (PROTOCOLS §3.4).
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from gateway.c2b2e.transfer import Key, Role
from gateway.iso20022.messages import Message, kind_of
from gateway.times import from_ms
from spool import Transaction


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


@dataclass(frozen=True, kw_only=True)
class KeptMessage:
    """`signer` is the participant whose signature it bears; `digest` of what was signed, without the signature.

    `http` is what it was answered, or the last answer to it; `attempts` how often it was sent, or came.
    """

    direction: Direction
    signer: str
    kind: str
    msg_id: str
    role: Role
    end_to_end_id: str
    tx_id: str | None = None
    link_id: str | None = None
    original_msg_id: str | None = None
    query_msg_id: str | None = None
    status: str | None = None
    reason: str | None = None
    digest: str
    at: datetime
    http: int | None = None
    attempts: int = 0
    last: datetime | None = None


_OWN_COLUMNS: Final = ("at_ms", "http", "attempts", "last_ms")  # written by the store's clock, or later
_GIVEN: Final = tuple(
    field.name for field in fields(KeptMessage) if field.name not in {"at", "http", "attempts", "last"}
)
_NAMED: Final = ("msg_id", "tx_id", "link_id", "original_msg_id", "query_msg_id", "status", "reason")
_INSERT: Final = (
    f"INSERT INTO transfer_message ({', '.join(_GIVEN)}, body, {', '.join(_OWN_COLUMNS)}) "  # noqa: S608 - our own names
    f"VALUES ({', '.join(f':{name}' for name in _GIVEN)}, :body, :at_ms, :http, :attempts, :last_ms)"
)
_COUNT: Final = """
UPDATE transfer_message SET http = :http, attempts = attempts + 1, last_ms = :now
WHERE direction = :direction AND signer = :signer AND kind = :kind AND msg_id = :msg_id
"""
_DIGEST: Final = """
SELECT digest FROM transfer_message
WHERE direction = 'in' AND signer = :signer AND kind = :kind AND msg_id = :msg_id
"""


def kept(  # noqa: PLR0913 - what a message does not say of itself
    message: Message,
    *,
    direction: Direction,
    signer: str,
    key: Key,
    digest: str,
    at: datetime,
    http: int | None = None,
) -> KeptMessage:
    """By the names that its model has."""
    names: dict[str, Any] = {name: getattr(message, name, None) for name in _NAMED}
    return KeptMessage(
        direction=direction,
        signer=signer,
        kind=kind_of(message),
        role=key.role,
        end_to_end_id=key.end_to_end_id,
        digest=digest,
        at=at,
        http=http,
        **names,
    )


def keep(tx: Transaction, message: KeptMessage, body: bytes) -> None:
    """Write it down. One that came has been answered `http` at once; one that goes has not left."""
    came = message.direction is Direction.IN
    tx.execute(
        _INSERT,
        {
            **{name: getattr(message, name) for name in _GIVEN},
            "body": body,
            "at_ms": tx.now_ms,
            "http": message.http,
            "attempts": int(came),
            "last_ms": tx.now_ms if came else None,
        },
    )


def digest_of(tx: Transaction, *, signer: str, kind: str, msg_id: str) -> str | None:
    """Of the message that came under this MsgId before; None: none was taken."""
    found = tx.one(_DIGEST, {"signer": signer, "kind": kind, "msg_id": msg_id})
    return None if found is None else str(found[0])


def count(  # noqa: PLR0913 - the four parts of a message's name, and what it came to
    tx: Transaction, direction: Direction, *, signer: str, kind: str, msg_id: str, http: int | None
) -> None:
    """One more attempt to send it, or one more copy that came."""
    named = {"direction": direction, "signer": signer, "kind": kind, "msg_id": msg_id}
    tx.execute(_COUNT, {**named, "http": http, "now": tx.now_ms})


def chain(tx: Transaction, key: Key) -> list[KeptMessage]:
    """Every message of a transfer in our store, in the order in which they were written or came; no bytes."""
    columns = [*_GIVEN, *_OWN_COLUMNS]
    rows = tx.execute(
        f"SELECT {', '.join(columns)} FROM transfer_message"  # noqa: S608 - our own names
        " WHERE role = :role AND end_to_end_id = :end_to_end_id ORDER BY at_ms, direction, message_id",
        key._asdict(),
    )
    return [_from_row(dict(zip(columns, row, strict=True))) for row in rows]


def names_of(tx: Transaction, key: Key, kind: str) -> list[str]:
    """The MsgIds of our own messages of one kind in a chain."""
    rows = tx.execute(
        """SELECT msg_id FROM transfer_message WHERE direction = 'out' AND kind = :kind
           AND role = :role AND end_to_end_id = :end_to_end_id""",
        {**key._asdict(), "kind": kind},
    )
    return [msg_id for (msg_id,) in rows]


def body_of(tx: Transaction, *, signer: str, kind: str, msg_id: str) -> bytes | None:
    """The exact bytes; None: there is no such message."""
    found = tx.one(
        "SELECT body FROM transfer_message WHERE signer = :signer AND kind = :kind AND msg_id = :msg_id",
        {"signer": signer, "kind": kind, "msg_id": msg_id},
    )
    return None if found is None else bytes(found[0])


def _from_row(row: dict[str, Any]) -> KeptMessage:
    last_ms = row.pop("last_ms")
    return KeptMessage(
        direction=Direction(row.pop("direction")),
        role=Role(row.pop("role")),
        at=from_ms(row.pop("at_ms")),
        last=None if last_ms is None else from_ms(last_ms),
        **row,
    )
