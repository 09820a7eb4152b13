"""What a request asks: typed, with the rules that tie its values together (PROTOCOLS §2.1). Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gateway.sandbox.eport_document import Document, Requisites, read
from gateway.sandbox.eport_rules import EportRule, RuleBroken

BODY_LARGEST: Final = 64 * 1024


@dataclass(frozen=True)
class AccountRequest:
    """`bank_account`: may this be paid? The sum is in tiyn; None: the check has none."""

    point: str
    terminal: str
    txn_id: str
    product: str
    requisites: Requisites
    sum: int | None
    operation: str = "bank_account"


@dataclass(frozen=True)
class PaymentRequest:
    """`bank_payment`: take this payment. Sums are in tiyn."""

    point: str
    terminal: str
    txn_id: str
    check_id: str
    product: str
    requisites: Requisites
    sum: int
    fee: int
    total: int
    rrn: str
    operation: str = "bank_payment"


@dataclass(frozen=True)
class TxnRequest:
    """`bank_status` or `bank_cancel` of an earlier bank_payment."""

    point: str
    terminal: str
    txn_id: str
    operation: str


EportRequest = AccountRequest | PaymentRequest | TxnRequest


def parse(body: bytes, operation: str) -> EportRequest:
    """Read a body that was posted to the address of `operation`; RuleBroken names rule and place."""
    document = read(body, operation)
    path = f"request/{operation}"
    for name, day_exists in _DAYS.items():
        if name in document.values and not day_exists(document.values[name]):
            raise RuleBroken(EportRule.DATE, f"{path}/{name}")
    return _REQUESTS[operation](document, path, operation)


def account_of(requisites: Requisites) -> str:
    """Requisite `account`, else the first (PROTOCOLS §2.5)."""
    return dict(requisites).get("account", requisites[0][1])


def _account_request(document: Document, path: str, _operation: str) -> AccountRequest:
    values = document.values
    if ("sum" in values) is not ("currency" in values):
        raise RuleBroken(EportRule.SUM_AND_CURRENCY, path)
    return AccountRequest(
        point=document.point,
        terminal=document.terminal,
        txn_id=values["txn_id"],
        product=values["product"],
        requisites=document.requisites,
        sum=_positive_sum(values, path) if "sum" in values else None,
    )


def _payment_request(document: Document, path: str, _operation: str) -> PaymentRequest:
    values = document.values
    paid, fee, total = _positive_sum(values, path), _tiyn(values["fee"]), _tiyn(values["total"])
    if total != paid + fee:
        raise RuleBroken(EportRule.TOTAL, f"{path}/total")
    return PaymentRequest(
        point=document.point,
        terminal=document.terminal,
        txn_id=values["txn_id"],
        check_id=values["check_id"],
        product=values["product"],
        requisites=document.requisites,
        sum=paid,
        fee=fee,
        total=total,
        rrn=values["rrn"],
    )


def _txn_request(document: Document, _path: str, operation: str) -> TxnRequest:
    return TxnRequest(document.point, document.terminal, document.values["txn_id"], operation)


_REQUESTS: Final[Mapping[str, Callable[[Document, str, str], EportRequest]]] = {
    "bank_account": _account_request,
    "bank_payment": _payment_request,
    "bank_status": _txn_request,
    "bank_cancel": _txn_request,
}


def _tiyn(text: str) -> int:
    return int(text.replace(".", ""))


def _positive_sum(values: Mapping[str, str], path: str) -> int:
    if not (amount := _tiyn(values["sum"])):
        raise RuleBroken(EportRule.SUM_POSITIVE, f"{path}/sum")
    return amount


def _txn_day_exists(txn_id: str) -> bool:
    """Year, month and day of two digits each + 14 digits."""
    try:
        date(2000 + int(txn_id[:2]), int(txn_id[2:4]), int(txn_id[4:6]))
    except ValueError:
        return False
    return True


def _moment_exists(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _rrn_day_exists(rrn: str) -> bool:
    """Last digit of the year + day of the year + 8 digits; the year's other digits nobody tells."""
    return 1 <= int(rrn[1:4]) <= 366


_DAYS: Final[Mapping[str, Callable[[str], bool]]] = {
    "txn_id": _txn_day_exists,
    "check_id": _txn_day_exists,
    "txn_date": _moment_exists,
    "rrn": _rrn_day_exists,
}
