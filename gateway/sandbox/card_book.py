"""The tables of the card host's ledger: accounts by token, holds by acquirer, terminal and RRN.

A token is an HMAC of the PAN under a key that lives as long as the process. No PAN, track, PIN or PIN
block is ever written here, nor anything that they could be searched by.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.sandbox.account_book import SCHEMA as ACCOUNTS
from gateway.sandbox.account_book import AccountBook
from gateway.sandbox.books import CardRow
from gateway.sandbox.card_messages import CardMessage
from gateway.sandbox.card_rules import CardRule
from gateway.sandbox.ledger import Ledger

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS account (
    token TEXT PRIMARY KEY, balance INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0,
    pin_tries INTEGER NOT NULL DEFAULT 0, answers TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS hold (
    number INTEGER PRIMARY KEY,
    acquirer TEXT NOT NULL, terminal TEXT NOT NULL, rrn TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('HELD', 'DECLINED', 'CAPTURED', 'RELEASED', 'REVERSED UNSEEN')),
    stan TEXT, sent TEXT, token TEXT REFERENCES account, requested INTEGER NOT NULL,
    approved INTEGER NOT NULL DEFAULT 0, captured INTEGER NOT NULL DEFAULT 0,
    response_code TEXT, approval_code TEXT, digest BLOB, answer BLOB,
    at TEXT NOT NULL, changed_at TEXT NOT NULL,
    UNIQUE (acquirer, terminal, rrn)
) STRICT;
CREATE TABLE IF NOT EXISTS advice (
    hold INTEGER NOT NULL REFERENCES hold, operation TEXT NOT NULL,
    digest BLOB NOT NULL, answer BLOB NOT NULL, repeats INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL,
    PRIMARY KEY (hold, operation)
) STRICT;
CREATE TABLE IF NOT EXISTS violation (
    acquirer TEXT NOT NULL, terminal TEXT NOT NULL, rrn TEXT NOT NULL, rule TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Account:
    """Sums in tiyn; `balance` includes what is held. `answers` is field 39 given to every hold."""

    token: str
    balance: int
    held: int
    pin_tries: int
    answers: str | None


@dataclass(frozen=True)
class Hold:
    """A 0100 as it was judged, or the place of one whose reversal came first (REVERSED UNSEEN)."""

    number: int
    state: str
    stan: str | None
    sent: str | None  # field 7
    token: str | None
    requested: int
    approved: int
    response_code: str | None
    approval_code: str | None
    digest: bytes | None
    answer: bytes | None


@dataclass(frozen=True)
class Advice:
    digest: bytes
    answer: bytes


class CardBook:
    """Reads and writes of the card host's tables. The caller holds the ledger's transaction."""

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self.ledger = Ledger(path, _SCHEMA + ACCOUNTS, now=now)
        self.transfers = AccountBook(self.ledger)

    def account(self, token: str) -> Account | None:
        row = self.ledger.row("SELECT * FROM account WHERE token = :token", token=token)
        return None if row is None else Account(**row)

    def accounts(self) -> list[Account]:
        return [Account(**row) for row in self.ledger.rows("SELECT * FROM account ORDER BY token")]

    def open_account(self, account: Account) -> None:
        self.ledger.insert("account", vars(account))

    def save_account(self, account: Account) -> None:
        self.ledger.execute(
            "UPDATE account SET balance = :balance, held = :held, pin_tries = :pin_tries, answers = :answers"
            " WHERE token = :token",
            **vars(account),
        )

    def hold(self, message: CardMessage) -> Hold | None:
        """The hold that a message is about."""
        row = self.ledger.row(
            "SELECT number, state, stan, sent, token, requested, approved, response_code, approval_code,"
            " digest, answer FROM hold WHERE acquirer = :acquirer AND terminal = :terminal AND rrn = :rrn",
            **_key(message),
        )
        return None if row is None else Hold(**row)

    def stan_is_open(self, message: CardMessage) -> bool:
        """Whether the message's STAN belongs to a hold that is neither captured nor released."""
        found = self.ledger.row(
            "SELECT 1 FROM hold WHERE acquirer = :acquirer AND terminal = :terminal AND stan = :stan"
            " AND state = 'HELD' AND rrn <> :rrn",
            **_key(message),
            stan=message.fields[11],
        )
        return found is not None

    def add_hold(self, message: CardMessage, state: str, **values: Any) -> Hold:
        """A hold in its first state; `values` are the other columns of its row."""
        now = self.ledger.now_text()
        row = {**_key(message), "state": state, "requested": message.amount, "at": now, "changed_at": now}
        self.ledger.insert("hold", row | values)
        added = self.hold(message)
        assert added is not None
        return added

    def move(self, hold: Hold, state: str, *, captured: int = 0) -> None:
        """End a hold and settle its account: `captured` is taken, the rest is free again."""
        now = self.ledger.now_text()
        self.ledger.execute(
            "UPDATE hold SET state = :state, captured = :captured, changed_at = :now WHERE number = :number",
            state=state,
            captured=captured,
            now=now,
            number=hold.number,
        )
        self.ledger.execute(
            "UPDATE account SET held = held - :approved, balance = balance - :captured WHERE token = :token",
            approved=hold.approved,
            captured=captured,
            token=hold.token,
        )

    def advice(self, hold: Hold, operation: str) -> Advice | None:
        """The capture or reversal that was applied to a hold."""
        row = self.ledger.row(
            "SELECT digest, answer FROM advice WHERE hold = :hold AND operation = :operation",
            hold=hold.number,
            operation=operation,
        )
        return None if row is None else Advice(**row)

    def add_advice(self, hold: Hold, operation: str, advice: Advice) -> None:
        row = {"hold": hold.number, "operation": operation, "at": self.ledger.now_text()}
        self.ledger.insert("advice", row | vars(advice))

    def count_repeat(self, hold: Hold, operation: str) -> None:
        self.ledger.execute(
            "UPDATE advice SET repeats = repeats + 1 WHERE hold = :hold AND operation = :operation",
            hold=hold.number,
            operation=operation,
        )

    def add_violation(self, message: CardMessage, rule: CardRule) -> None:
        row = {"rule": rule.name.lower(), "at": self.ledger.now_text()}
        self.ledger.insert("violation", row | _key(message))

    def rows(self) -> list[CardRow]:
        """Every hold that was asked for or reversed, oldest first, then what only broke a rule."""
        violations = {
            (row["terminal"], row["rrn"]): tuple(row["rules"].split())
            for row in self.ledger.rows(
                "SELECT terminal, rrn, group_concat(rule, ' ') AS rules FROM violation GROUP BY terminal, rrn"
            )
        }
        found = self.ledger.rows(
            "SELECT rrn, terminal, state, approved, captured, response_code FROM hold ORDER BY number"
        )
        for credit in self.transfers.rows():
            violations.pop((credit.terminal, credit.rrn), None)  # they stand beside the credit
        holds = [_row(row, violations.pop((row["terminal"], row["rrn"]), ())) for row in found]
        return holds + [
            CardRow(rrn, terminal, 0, 0, 0, violations=rules) for (terminal, rrn), rules in violations.items()
        ]


def _key(message: CardMessage) -> dict[str, str]:
    return {"acquirer": message.fields[32], "terminal": message.terminal, "rrn": message.rrn}


def _row(hold: Mapping[str, Any], violations: tuple[str, ...]) -> CardRow:
    approved, captured, state = hold["approved"], hold["captured"], hold["state"]
    return CardRow(
        rrn=hold["rrn"],
        terminal=hold["terminal"],
        held=approved if state == "HELD" else 0,
        captured=captured,
        released=approved - captured if state in {"CAPTURED", "RELEASED"} else 0,
        response_code=hold["response_code"],
        violations=violations,
    )
