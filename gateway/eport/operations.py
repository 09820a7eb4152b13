"""The elements of each operation, in the order of the wire (PROTOCOLS §2.1).

Requests hold exactly these elements; answers hold these in this order and may hold others between.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from re import Pattern
from types import MappingProxyType
from typing import Any, Final

from gateway.money import Amount


class Operation(StrEnum):
    """An operation; its value is the element's name and the last part of the URL."""

    ACCOUNT = "bank_account"
    PAYMENT = "bank_payment"
    STATUS = "bank_status"
    CANCEL = "bank_cancel"


@dataclass(frozen=True)
class Element:
    """One element or attribute: its name, the texts it may hold, whether it must be there."""

    name: str
    pattern: Pattern[str]
    required: bool = True


@dataclass(frozen=True)
class AnswerElement(Element):
    """`read` turns the text into a value; its ValueError makes the answer malformed."""

    read: Callable[[str], Any] = str


def _instant(text: str) -> str:
    datetime.fromisoformat(text)  # a month 13 fits the pattern
    return text


def _is_true(text: str) -> bool:
    return text == "true"


# What would break a line, a column of a registry, or XML itself: control characters, the separators
# U+2028 and U+2029, surrogates, non-characters.
_BREAKING = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff"

_ANY = re.compile(r"[\s\S]*")
_TXN_ID = re.compile(r"[0-9]{20}")
_SECONDS = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
_OFFSET = r"(Z|[+-][0-9]{2}:[0-9]{2})"
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,12})\.[0-9]{2}")
_CURRENCY = re.compile(r"KZT")

ATTRIBUTES: Final = (
    Element("point", re.compile(r"[0-9]{1,10}")),
    Element("terminal", re.compile(r"[0-9A-Za-z]{1,8}")),
)

TXN_ID: Final = Element("txn_id", _TXN_ID)
_TXN_DATE = Element("txn_date", re.compile(_SECONDS + _OFFSET))
_PRODUCT = Element("product", re.compile(r"[a-z0-9-]{1,64}"))

# The one element of a request with children: 1 to 8 of <requisite code="…">value</requisite>.
REQUISITES: Final = Element("requisites", re.compile(rf"[^;{_BREAKING}]{{1,255}}"))
REQUISITE_CODE: Final = Element("code", re.compile(r"[a-z0-9_]{1,32}"))
LARGEST_REQUISITES: Final = 8

REQUESTS: Final[Mapping[Operation, tuple[Element, ...]]] = MappingProxyType(
    {
        Operation.ACCOUNT: (
            TXN_ID,
            _TXN_DATE,
            _PRODUCT,
            REQUISITES,
            Element("sum", _AMOUNT, required=False),
            Element("currency", _CURRENCY, required=False),
        ),
        Operation.PAYMENT: (
            TXN_ID,
            _TXN_DATE,
            Element("check_id", _TXN_ID),
            _PRODUCT,
            REQUISITES,
            Element("sum", _AMOUNT),
            Element("fee", _AMOUNT),
            Element("total", _AMOUNT),
            Element("currency", _CURRENCY),
            Element("tool", re.compile(r"CARD")),
            Element("rrn", re.compile(r"[0-9]{12}")),
        ),
        Operation.STATUS: (TXN_ID,),
        Operation.CANCEL: (TXN_ID,),
    }
)

# The one element of an answer with children: any number of <field name="…" title="…">value</field>.
FIELDS: Final = AnswerElement("fields", _ANY, required=False)
FIELD_NAME: Final = Element("name", re.compile(r"\S{1,64}"))
FIELD_TITLE: Final = Element("title", _ANY, required=False)

# An optional element that is empty says as little as one that is absent.
ANSWER: Final[tuple[AnswerElement, ...]] = (
    AnswerElement("txn_id", _TXN_ID),
    AnswerElement("eport_id", re.compile(r"[0-9A-Za-z._-]{1,64}"), required=False),
    AnswerElement("result", re.compile(r"-?(0|[1-9][0-9]{0,8})"), read=int),
    AnswerElement("final", _ANY, read=_is_true),
    AnswerElement("comment", re.compile(r"[\s\S]{1,255}"), required=False),
    AnswerElement(
        "finished_at", re.compile(_SECONDS + r"(\.[0-9]{1,9})?" + _OFFSET), required=False, read=_instant
    ),
    AnswerElement("debt", _AMOUNT, required=False, read=Amount.parse),
    AnswerElement("min_sum", _AMOUNT, required=False, read=Amount.parse),
    AnswerElement("max_sum", _AMOUNT, required=False, read=Amount.parse),
    FIELDS,
)
