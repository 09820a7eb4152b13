"""Checks in the store: offers that wait for their one payment."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.bills.check_states import TABLE, Event, State, Step
from gateway.contract import FeeRule
from gateway.money import Amount
from gateway.state_table import advance
from gateway.times import from_ms, to_ms
from spool import Transaction

COLUMNS: Final = (
    "check_id",
    "terminal",
    "state",
    "product",
    "provider",
    "catalogue_version",
    "requisites",
    "fields",
    "amount_minor",
    "minimum_minor",
    "maximum_minor",
    "debt_minor",
    "fee_rule",
    "offered_ms",
    "valid_until_ms",
)
_INSERT: Final = (
    f"INSERT INTO account_check ({', '.join(COLUMNS)}) VALUES ({', '.join(f':{name}' for name in COLUMNS)})"  # noqa: S608 - our own names
)
_SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM account_check WHERE check_id = :check_id"  # noqa: S608 - our own names


@dataclass(frozen=True, kw_only=True)
class Check:
    """An accepted bank_account and what was offered on it."""

    check_id: str
    terminal: str
    state: State = State.OFFERED
    product: str
    provider: str  # of the product, when it was offered; '' in an old row
    catalogue_version: str
    requisites: tuple[tuple[str, str], ...]  # code, value
    fields: tuple[tuple[str, str, str], ...]  # name, title, value
    amount: Amount | None  # the sum that was checked, if one was
    minimum: Amount
    maximum: Amount
    debt: Amount | None
    fee_rule: FeeRule
    offered_at: datetime
    valid_until: datetime


def insert_check(tx: Transaction, check: Check) -> None:
    tx.execute(
        _INSERT,
        {
            "check_id": check.check_id,
            "terminal": check.terminal,
            "state": check.state,
            "product": check.product,
            "provider": check.provider,
            "catalogue_version": check.catalogue_version,
            "requisites": _json(check.requisites),
            "fields": _json(check.fields),
            "amount_minor": None if check.amount is None else check.amount.minor,
            "minimum_minor": check.minimum.minor,
            "maximum_minor": check.maximum.minor,
            "debt_minor": None if check.debt is None else check.debt.minor,
            "fee_rule": check.fee_rule.model_dump_json(),
            "offered_ms": to_ms(check.offered_at),
            "valid_until_ms": to_ms(check.valid_until),
        },
    )


def load_check(tx: Transaction, check_id: str) -> Check | None:
    row = tx.one(_SELECT, {"check_id": check_id})
    return None if row is None else from_row(row)


def take_check(tx: Transaction, check: Check) -> Step:
    """Let a payment use the check, if its table says so: SERVE, SAY_USED or SAY_EXPIRED."""
    state = check.state
    if tx.now >= check.valid_until:
        state = advance(TABLE, state, Event.EXPIRED).next
    row = advance(TABLE, state, Event.TAKEN)
    if row.next is not check.state:
        tx.execute(
            "UPDATE account_check SET state = :next WHERE check_id = :check_id AND state = :state",
            {"next": row.next, "check_id": check.check_id, "state": check.state},
        )
        assert tx.changed() == 1, "one transaction at a time takes a check"
    (step,) = row.steps
    return step


def from_row(row: tuple[Any, ...]) -> Check:
    """A row of `COLUMNS`, in their order."""
    column = dict(zip(COLUMNS, row, strict=True))
    return Check(
        check_id=column["check_id"],
        terminal=column["terminal"],
        state=State(column["state"]),
        product=column["product"],
        provider=column["provider"],
        catalogue_version=column["catalogue_version"],
        requisites=tuple((code, value) for code, value in json.loads(column["requisites"])),
        fields=tuple((name, title, value) for name, title, value in json.loads(column["fields"])),
        amount=_amount(column["amount_minor"]),
        minimum=Amount(column["minimum_minor"]),
        maximum=Amount(column["maximum_minor"]),
        debt=_amount(column["debt_minor"]),
        fee_rule=FeeRule.model_validate_json(column["fee_rule"]),
        offered_at=from_ms(column["offered_ms"]),
        valid_until=from_ms(column["valid_until_ms"]),
    )


def _amount(minor: int | None) -> Amount | None:
    return None if minor is None else Amount(minor)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
