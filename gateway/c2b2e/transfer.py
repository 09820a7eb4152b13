"""Transfers in the store, read; both roles have one shape. What changes one is in `moves`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

from gateway.c2b2e import payee, payer
from gateway.funds.interface import HoldIdentifiers
from gateway.money import Amount
from gateway.times import from_ms, to_ms
from spool import Transaction

State = payer.State | payee.State


NO_FEE: Final = Amount(0)


class Role(StrEnum):
    """Whose bank we are in a transfer."""

    PAYER = "payer"
    PAYEE = "payee"


STATES: Final[Mapping[Role, type[payer.State] | type[payee.State]]] = {
    Role.PAYER: payer.State,
    Role.PAYEE: payee.State,
}


class Key(NamedTuple):
    """What a transfer is named by in our store."""

    role: Role
    end_to_end_id: str


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One chain, as one of its banks has it. Attributes are the columns; an instant's column ends in `_ms`."""

    role: Role
    end_to_end_id: str
    terminal: str
    link_id: str
    state: State
    moves: int
    reason: str | None = None
    amount: Amount | None = None
    fee: Amount = NO_FEE
    creditor_name: str | None = None
    creditor_bin: str | None = None
    creditor_iban: str | None = None
    creditor_bic: str | None = None
    knp: str | None = None
    kbe: str | None = None
    purpose: str | None = None
    merchant_order: str | None = None
    valid_until: datetime | None = None
    order_id: str | None = None
    request_digest: bytes | None = None
    ordered: datetime | None = None
    debtor_iban: str | None = None
    debtor_iin: str | None = None
    debtor_name: str | None = None
    debtor_bic: str | None = None
    tx_id: str | None = None
    order_msg_id: str | None = None
    accepted: datetime | None = None
    pending_sent: datetime | None = None
    asked: int = 0
    last_asked: datetime | None = None
    rrn: str | None = None
    stan: str | None = None
    acquirer: str | None = None
    merchant: str | None = None
    held: datetime | None = None
    advice_stan: str | None = None
    response_code: str | None = None
    approval_code: str | None = None
    began: datetime
    changed: datetime
    finished: datetime | None = None
    hold_closed: datetime | None = None

    @property
    def key(self) -> Key:
        return Key(self.role, self.end_to_end_id)

    @property
    def sum(self) -> Amount:
        """What the creditor gets; only of a transfer that has its details."""
        assert self.amount is not None, "the details say how much"
        return self.amount

    @property
    def total(self) -> Amount:
        """What is held and captured on the payer's card."""
        return self.sum + self.fee

    @property
    def hold(self) -> HoldIdentifiers:
        """What the payer's messages to the card host are built from, also after a restart."""
        assert self.stan is not None, "HOLDING is entered with its identifiers"
        assert self.rrn is not None, "a confirmed order has its RRN"
        assert self.held is not None, "HOLDING is entered with its instant"
        return HoldIdentifiers(
            stan=self.stan,
            rrn=self.rrn,
            terminal=self.terminal,
            total=self.total,
            sent_at=self.held,
            acquirer=self.acquirer,
            merchant=self.merchant,
        )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From the columns of its row."""
        role = Role(row["role"])
        values = {_ATTRIBUTES[column]: _value(column, content) for column, content in row.items()}
        return cls(**{**values, "role": role, "state": STATES[role](row["state"])})


@dataclass(frozen=True)
class HistoryLine:
    event: str
    state: str
    at: datetime
    note: str


_AMOUNTS: Final = frozenset({"amount", "fee"})
_INSTANTS: Final = frozenset(
    {
        "valid_until",
        "ordered",
        "accepted",
        "pending_sent",
        "last_asked",
        "held",
        "began",
        "changed",
        "finished",
        "hold_closed",
    }
)


def column_of(attribute: str) -> str:
    """`amount_minor`, `began_ms`: units come last."""
    suffix = "_minor" if attribute in _AMOUNTS else "_ms" if attribute in _INSTANTS else ""
    return attribute + suffix


def stored(content: object) -> object:
    """As a column holds it."""
    if isinstance(content, Amount):
        return content.minor
    return to_ms(content) if isinstance(content, datetime) else content


COLUMNS: Final = tuple(column_of(field.name) for field in fields(Transfer))
_SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM transfer"  # noqa: S608 - our own names
_ATTRIBUTES: Final = {column_of(field.name): field.name for field in fields(Transfer)}
FINDABLE: Final = ("end_to_end_id", "tx_id", "link_id", "order_id", "rrn")
_SALE_OF: Final = "SELECT link_id FROM sale WHERE sale_id = :value"
_CHAIN_OF_MESSAGE: Final = "SELECT end_to_end_id FROM transfer_message WHERE msg_id = :value"


def load(tx: Transaction, key: Key) -> Transfer | None:
    where = "WHERE role = :role AND end_to_end_id = :end_to_end_id"
    return next(_read(tx, where, key._asdict()), None)


def accepted_at(tx: Transaction, key: Key) -> datetime:
    """AccptncDtTm of its order."""
    found = load(tx, key)
    assert found is not None, "a message belongs to a transfer"
    assert found.accepted is not None, "an order has its AccptncDtTm"
    return found.accepted


def of_order(tx: Transaction, order_id: str) -> Transfer | None:
    return next(_read(tx, "WHERE order_id = :order_id", {"order_id": order_id}), None)


def with_tx_id(tx: Transaction, role: Role, tx_id: str) -> Transfer | None:
    return next(_read(tx, "WHERE role = :role AND tx_id = :tx_id", {"role": role, "tx_id": tx_id}), None)


def of_link(tx: Transaction, link_id: str) -> list[Transfer]:
    """Every chain that somebody began with this link of ours, the oldest first."""
    where = "WHERE role = 'payee' AND link_id = :link_id ORDER BY began_ms"
    return list(_read(tx, where, {"link_id": link_id}))


def find(tx: Transaction, value: str) -> list[Transfer]:
    """By whichever identifier it is: EndToEndId, TxId, MsgId, link, order, sale or RRN; the oldest first."""
    by = " OR ".join(f"{name} = :value" for name in FINDABLE)
    also = f"link_id IN ({_SALE_OF}) OR end_to_end_id IN ({_CHAIN_OF_MESSAGE})"
    return list(_read(tx, f"WHERE {by} OR {also} ORDER BY began_ms", {"value": value}))


def find_time(tx: Transaction, terminal: str, begin: datetime, end: datetime) -> list[Transfer]:
    """Those that a terminal began within [begin, end), the oldest first."""
    where = "WHERE terminal = :terminal AND began_ms >= :begin AND began_ms < :end ORDER BY began_ms"
    return list(_read(tx, where, {"terminal": terminal, "begin": to_ms(begin), "end": to_ms(end)}))


def newest(tx: Transaction, *, limit: int) -> list[Transfer]:
    return list(_read(tx, "ORDER BY began_ms DESC, end_to_end_id LIMIT :limit", {"limit": limit}))


def every(tx: Transaction) -> Iterator[Transfer]:
    """The whole book, the oldest first. Read them inside the transaction."""
    return _read(tx, "ORDER BY began_ms, role, end_to_end_id", {})


def interrupted(tx: Transaction, *, limit: int) -> list[Key]:
    """The payer's, which the end of the process left in CHECKING or HOLDING; the payee's wait in the spool."""
    rows = tx.execute(
        """SELECT end_to_end_id FROM transfer
           WHERE role = 'payer' AND state IN ('CHECKING', 'HOLDING') LIMIT :limit""",
        {"limit": limit},
    )
    return [Key(Role.PAYER, end_to_end_id) for (end_to_end_id,) in rows]


def history(tx: Transaction, key: Key) -> list[HistoryLine]:
    rows = tx.execute(
        """SELECT event, state, at_ms, note FROM transfer_move
           WHERE role = :role AND end_to_end_id = :end_to_end_id ORDER BY n""",
        key._asdict(),
    )
    return [HistoryLine(event, state, from_ms(at_ms), note) for event, state, at_ms, note in rows]


def _read(tx: Transaction, where: str, bindings: Mapping[str, Any]) -> Iterator[Transfer]:
    for row in tx.execute(f"{_SELECT} {where}", bindings):
        yield Transfer.of(dict(zip(COLUMNS, row, strict=True)))


def _value(column: str, content: Any) -> Any:
    if content is None:
        return None
    attribute = _ATTRIBUTES[column]
    if attribute in _AMOUNTS:
        return Amount(content)
    return from_ms(content) if attribute in _INSTANTS else content
