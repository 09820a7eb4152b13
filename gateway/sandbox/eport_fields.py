"""The elements of every e-port request, in their order (PROTOCOLS §2.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Element:
    """A leaf of a request. `form` must match the whole text; None: it has children of its own."""

    name: str
    form: re.Pattern[str] | None
    required: bool = True


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


TXN_ID: Final = _form(r"\d{20}")
MOMENT: Final = _form(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
PRODUCT: Final = _form(r"[a-z0-9-]{1,64}")
MONEY: Final = _form(r"(0|[1-9]\d{0,12})\.\d\d")
KZT: Final = _form(r"KZT")
CARD: Final = _form(r"CARD")
RRN: Final = _form(r"\d{12}")

ROOT_ATTRIBUTES: Final[Mapping[str, re.Pattern[str]]] = {
    "point": _form(r"\d{1,10}"),
    "terminal": _form(r"[0-9A-Za-z]{1,8}"),
}
REQUISITE_CODE: Final = _form(r"[a-z0-9_]{1,32}")
REQUISITE_VALUE: Final = re.compile(r"[^;\r\n]{1,255}")
REQUISITES_LARGEST: Final = 8

ELEMENTS: Final[Mapping[str, tuple[Element, ...]]] = {
    "bank_account": (
        Element("txn_id", TXN_ID),
        Element("txn_date", MOMENT),
        Element("product", PRODUCT),
        Element("requisites", None),
        Element("sum", MONEY, required=False),
        Element("currency", KZT, required=False),
    ),
    "bank_payment": (
        Element("txn_id", TXN_ID),
        Element("txn_date", MOMENT),
        Element("check_id", TXN_ID),
        Element("product", PRODUCT),
        Element("requisites", None),
        Element("sum", MONEY),
        Element("fee", MONEY),
        Element("total", MONEY),
        Element("currency", KZT),
        Element("tool", CARD),
        Element("rrn", RRN),
    ),
    "bank_status": (Element("txn_id", TXN_ID),),
    "bank_cancel": (Element("txn_id", TXN_ID),),
}
