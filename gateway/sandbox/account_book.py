"""What the card host keeps for transfers: how an account stands, and every credit of a payee, once by its RRN."""

from dataclasses import dataclass
from typing import Final

from gateway.sandbox.card_messages import CardMessage
from gateway.sandbox.ledger import Ledger
from gateway.sandbox.transfer_books import CreditRow

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS standing (
    account TEXT PRIMARY KEY, standing TEXT NOT NULL CHECK (standing IN ('BLOCKED', 'ARRESTED'))
) STRICT;
CREATE TABLE IF NOT EXISTS credit (
    number INTEGER PRIMARY KEY,
    acquirer TEXT NOT NULL, terminal TEXT NOT NULL, rrn TEXT NOT NULL, iban TEXT NOT NULL,
    amount INTEGER NOT NULL, digest BLOB NOT NULL, answer BLOB NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL,
    UNIQUE (acquirer, terminal, rrn)
) STRICT;
"""
ACTIVE: Final = "ACTIVE"


@dataclass(frozen=True)
class Credit:
    """A 0220 with 210000 that was answered 00."""

    digest: bytes
    answer: bytes


class AccountBook:
    """Two tables of the card host's ledger. The caller holds its transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def standing(self, account: str) -> str:
        """ACTIVE, BLOCKED or ARRESTED; `account` is a card's token or an IBAN."""
        row = self._ledger.row("SELECT standing FROM standing WHERE account = :account", account=account)
        return ACTIVE if row is None else str(row["standing"])

    def stand(self, account: str, standing: str) -> None:
        self._ledger.execute("DELETE FROM standing WHERE account = :account", account=account)
        if standing != ACTIVE:
            self._ledger.insert("standing", {"account": account, "standing": standing})

    def credit(self, message: CardMessage) -> Credit | None:
        """The credit with the message's RRN."""
        row = self._ledger.row(
            "SELECT digest, answer FROM credit"
            " WHERE acquirer = :acquirer AND terminal = :terminal AND rrn = :rrn",
            **_key(message),
        )
        return None if row is None else Credit(**row)

    def add_credit(self, message: CardMessage, credit: Credit) -> None:
        row = {"iban": message.fields[103], "amount": message.amount, "at": self._ledger.now_text()}
        self._ledger.insert("credit", {**_key(message), **row, **vars(credit)})

    def count_repeat(self, message: CardMessage) -> None:
        self._ledger.execute(
            "UPDATE credit SET repeats = repeats + 1"
            " WHERE acquirer = :acquirer AND terminal = :terminal AND rrn = :rrn",
            **_key(message),
        )

    def rows(self) -> list[CreditRow]:
        """Every credit, oldest first, with the rules that were broken about it."""
        found = self._ledger.rows(
            "SELECT rrn, terminal, amount, (SELECT group_concat(rule, ' ') FROM violation"
            "  WHERE violation.terminal = credit.terminal AND violation.rrn = credit.rrn) AS rules"
            " FROM credit ORDER BY number"
        )
        return [
            CreditRow(row["rrn"], row["terminal"], row["amount"], tuple((row["rules"] or "").split()))
            for row in found
        ]


def _key(message: CardMessage) -> dict[str, str]:
    return {"acquirer": message.fields[32], "terminal": message.terminal, "rrn": message.rrn}
