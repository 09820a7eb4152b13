"""The tables of the platform's ledger: enquiries, transfers, and every message of their chains."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.sandbox.ledger import Ledger
from gateway.sandbox.platform.messages import Message
from gateway.sandbox.platform.participants import SCHEMA as PARTICIPANTS
from gateway.sandbox.platform.participants import Participants
from gateway.sandbox.platform.transfer_states import State, Step
from gateway.sandbox.transfer_books import PlatformRow

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS enquiry (
    end_to_end_id TEXT PRIMARY KEY, payer TEXT NOT NULL, payee TEXT NOT NULL, link_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ASKED', 'DETAILED', 'FAILED')), reason TEXT, at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS transfer (
    number INTEGER PRIMARY KEY, tx_id TEXT NOT NULL UNIQUE, end_to_end_id TEXT NOT NULL UNIQUE,
    payer TEXT NOT NULL, payee TEXT NOT NULL, amount INTEGER NOT NULL,
    state TEXT NOT NULL, reason TEXT, accepted_at TEXT NOT NULL,
    payer_msg_id TEXT NOT NULL, payee_msg_id TEXT, at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS taken (
    number INTEGER PRIMARY KEY, sender TEXT NOT NULL, kind TEXT NOT NULL, msg_id TEXT NOT NULL,
    content BLOB NOT NULL, step TEXT NOT NULL, end_to_end_id TEXT NOT NULL, tx_id TEXT NOT NULL,
    status TEXT NOT NULL, repeats INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL,
    UNIQUE (sender, kind, msg_id)
) STRICT;
CREATE TABLE IF NOT EXISTS sent (
    number INTEGER PRIMARY KEY, receiver TEXT NOT NULL, kind TEXT NOT NULL, msg_id TEXT NOT NULL UNIQUE,
    step TEXT NOT NULL, end_to_end_id TEXT NOT NULL, tx_id TEXT NOT NULL, status TEXT NOT NULL,
    body BLOB NOT NULL, fate TEXT NOT NULL DEFAULT 'DUE'
        CHECK (fate IN ('DUE', 'DELIVERED', 'REFUSED', 'SILENT', 'DROPPED')),
    http INTEGER, attempts INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sent_due ON sent (number) WHERE fate = 'DUE';
"""


@dataclass(frozen=True)
class Enquiry:
    """An admi.009 and what came of it."""

    end_to_end_id: str
    payer: str
    payee: str
    link_id: str
    state: str  # ASKED, DETAILED, FAILED
    at: datetime


@dataclass(frozen=True)
class Transfer:
    """A pacs.008 that was taken; `amount` in tiyn. The MsgIds are those of its two hops."""

    number: int
    tx_id: str
    end_to_end_id: str
    payer: str
    payee: str
    amount: int
    state: State
    reason: str | None
    accepted_at: datetime
    payer_msg_id: str
    payee_msg_id: str | None


@dataclass(frozen=True)
class Letter:
    """What a message of the platform's own is about. `status`: of a pacs.002, or an admi.010's key."""

    receiver: str
    kind: str
    step: Step
    end_to_end_id: str
    tx_id: str = ""
    status: str = ""


@dataclass(frozen=True, repr=False)
class Sent:
    """A message on its way."""

    number: int
    letter: Letter
    body: bytes
    attempts: int

    @property
    def step(self) -> Step:
        return self.letter.step


class PlatformBook:
    """Reads and writes of the platform's tables. The caller holds the ledger's transaction."""

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self.ledger = Ledger(path, PARTICIPANTS + _SCHEMA, now=now)
        self.participants = Participants(self.ledger)

    # enquiries

    def enquiry(self, end_to_end_id: str) -> Enquiry | None:
        row = self.ledger.row(
            "SELECT end_to_end_id, payer, payee, link_id, state, at FROM enquiry"
            " WHERE end_to_end_id = :end_to_end_id",
            end_to_end_id=end_to_end_id,
        )
        return None if row is None else _enquiry(row)

    def open_enquiries(self) -> list[Enquiry]:
        found = self.ledger.rows(
            "SELECT end_to_end_id, payer, payee, link_id, state, at FROM enquiry WHERE state = 'ASKED'"
        )
        return [_enquiry(row) for row in found]

    def add_enquiry(self, enquiry: Enquiry) -> None:
        self.ledger.insert("enquiry", {**asdict(enquiry), "at": enquiry.at.isoformat()})

    def end_enquiry(self, end_to_end_id: str, state: str, reason: str | None = None) -> None:
        self.ledger.execute(
            "UPDATE enquiry SET state = :state, reason = :reason WHERE end_to_end_id = :end_to_end_id",
            state=state,
            reason=reason,
            end_to_end_id=end_to_end_id,
        )

    # transfers

    def transfer(self, tx_id: str) -> Transfer | None:
        row = self.ledger.row("SELECT * FROM transfer WHERE tx_id = :tx_id", tx_id=tx_id)
        return None if row is None else _transfer(row)

    def transfer_of(self, end_to_end_id: str) -> Transfer | None:
        row = self.ledger.row(
            "SELECT * FROM transfer WHERE end_to_end_id = :end_to_end_id", end_to_end_id=end_to_end_id
        )
        return None if row is None else _transfer(row)

    def open_transfers(self) -> list[Transfer]:
        found = self.ledger.rows("SELECT * FROM transfer WHERE state NOT IN ('SETTLED', 'REJECTED')")
        return [_transfer(row) for row in found]

    def add_transfer(
        self, order: Message, *, payer: str, payee: str, state: State, reason: str | None
    ) -> None:
        assert order.accepted_at is not None
        now = self.ledger.now_text()
        self.ledger.insert(
            "transfer",
            {
                "tx_id": order.tx_id,
                "end_to_end_id": order.end_to_end_id,
                "payer": payer,
                "payee": payee,
                "amount": order.amount,
                "state": state,
                "reason": reason,
                "accepted_at": order.accepted_at.isoformat(),
                "payer_msg_id": order.msg_id,
                "at": now,
                "changed_at": now,
            },
        )

    def set_payee_msg_id(self, tx_id: str, msg_id: str) -> None:
        """The MsgId of the second hop, which the payee's pacs.002 names."""
        self.ledger.execute(
            "UPDATE transfer SET payee_msg_id = :msg_id WHERE tx_id = :tx_id", msg_id=msg_id, tx_id=tx_id
        )

    def move(self, transfer: Transfer, state: State, reason: str | None) -> None:
        self.ledger.execute(
            "UPDATE transfer SET state = :state, reason = :reason, changed_at = :now WHERE number = :number",
            state=state,
            reason=reason,
            now=self.ledger.now_text(),
            number=transfer.number,
        )

    # messages

    def content_of(self, sender: str, kind: str, msg_id: str) -> bytes | None:
        """What a MsgId of this sender stands for; counts the repeat."""
        key = {"sender": sender, "kind": kind, "msg_id": msg_id}
        where = "WHERE sender = :sender AND kind = :kind AND msg_id = :msg_id"
        row = self.ledger.row(f"SELECT content FROM taken {where}", **key)  # noqa: S608  # our own words
        self.ledger.execute(f"UPDATE taken SET repeats = repeats + 1 {where}", **key)  # noqa: S608  # our own words
        return None if row is None else bytes(row["content"])

    def add_taken(self, message: Message, *, sender: str, content: bytes, step: str) -> None:
        self.ledger.insert(
            "taken",
            {
                "sender": sender,
                "kind": message.kind,
                "msg_id": message.msg_id,
                "content": content,
                "step": step,
                "end_to_end_id": message.end_to_end_id,
                "tx_id": message.tx_id,
                "status": message.status or message.report_key,
                "at": self.ledger.now_text(),
            },
        )

    def add_sent(self, msg_id: str, letter: Letter, body: bytes) -> None:
        now = self.ledger.now_text()
        row = {**asdict(letter), "msg_id": msg_id, "body": body, "at": now, "changed_at": now}
        self.ledger.insert("sent", row)

    def due(self) -> list[Sent]:
        """What is still to be delivered, oldest first."""
        found = self.ledger.rows(
            "SELECT number, receiver, kind, step, end_to_end_id, tx_id, status, body, attempts FROM sent"
            " WHERE fate = 'DUE' ORDER BY number"
        )
        return [_sent(row) for row in found]

    def count_attempt(self, sent: Sent) -> None:
        self.ledger.execute(
            "UPDATE sent SET attempts = attempts + 1 WHERE number = :number", number=sent.number
        )

    def end_sent(self, sent: Sent, fate: str, http: int | None) -> None:
        self.ledger.execute(
            "UPDATE sent SET fate = :fate, http = :http, changed_at = :now WHERE number = :number",
            fate=fate,
            http=http,
            now=self.ledger.now_text(),
            number=sent.number,
        )

    # what a person and a comparison read

    def rows(self) -> list[PlatformRow]:
        """Every transfer, oldest first."""
        found = self.ledger.rows(
            "SELECT tx_id, end_to_end_id, payer, payee, amount, state, reason FROM transfer ORDER BY number"
        )
        return [PlatformRow(**row) for row in found]

    def chain(self, end_to_end_id: str) -> list[dict[str, Any]]:
        """The messages of one chain in the order in which they were taken and written; no bytes."""
        return self.ledger.rows(
            "SELECT at, 'in' AS direction, step, kind, sender AS party, msg_id, tx_id, status, 200 AS http,"
            " repeats AS attempts, 'TAKEN' AS fate FROM taken WHERE end_to_end_id = :end_to_end_id"
            " UNION ALL SELECT at, 'out', step, kind, receiver, msg_id, tx_id, status, http, attempts, fate"
            " FROM sent WHERE end_to_end_id = :end_to_end_id ORDER BY at, direction",
            end_to_end_id=end_to_end_id,
        )

    def enquiries(self) -> list[dict[str, Any]]:
        return self.ledger.rows("SELECT * FROM enquiry ORDER BY at")


def _enquiry(row: dict[str, Any]) -> Enquiry:
    return Enquiry(**{**row, "at": datetime.fromisoformat(row["at"])})


def _sent(row: dict[str, Any]) -> Sent:
    number, body, attempts = row.pop("number"), bytes(row.pop("body")), row.pop("attempts")
    return Sent(number, Letter(**{**row, "step": Step(row["step"])}), body, attempts)


def _transfer(row: dict[str, Any]) -> Transfer:
    return Transfer(
        row["number"],
        row["tx_id"],
        row["end_to_end_id"],
        row["payer"],
        row["payee"],
        row["amount"],
        State(row["state"]),
        row["reason"],
        datetime.fromisoformat(row["accepted_at"]),
        row["payer_msg_id"],
        row["payee_msg_id"],
    )
