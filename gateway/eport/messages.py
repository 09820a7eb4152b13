"""Requests and answers of e-port as values, and the walk from them to bytes and back.

>>> build(StatusRequest(point="10001", terminal="ATM00017", txn_id="26112200000001234567"))
b'<request point="10001" terminal="ATM00017"><bank_status><txn_id>26112200000001234567</txn_id></bank_status></request>'
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, ClassVar, Literal

from lxml import etree

from gateway.eport import operations, xml
from gateway.eport.operations import AnswerElement, Element, Operation
from gateway.money import Amount


class UnsendableRequestError(ValueError):
    """The request breaks a rule of the wire. The text names the element and quotes no value."""


class MalformedAnswerError(ValueError):
    """The body is no answer to this request, which counts as no answer at all. Quotes nothing of it."""


@dataclass(frozen=True, kw_only=True)
class _Request:
    point: str
    terminal: str
    txn_id: str


@dataclass(frozen=True, kw_only=True)
class _AboutAccount(_Request):
    """`txn_date` is aware and goes out with its own offset; requisites are (code, value)."""

    txn_date: datetime
    product: str
    requisites: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class AccountRequest(_AboutAccount):
    """A check."""

    operation: ClassVar = Operation.ACCOUNT
    sum: Amount | None = None

    def __post_init__(self) -> None:
        if self.sum is not None:
            _refuse_zero(self.sum)

    @property
    def currency(self) -> str | None:
        return None if self.sum is None else self.sum.currency


@dataclass(frozen=True, kw_only=True)
class PaymentRequest(_AboutAccount):
    """`check_id` is the txn_id of the accepted check, `rrn` the card host's field 37."""

    operation: ClassVar = Operation.PAYMENT
    check_id: str
    sum: Amount
    fee: Amount
    total: Amount
    rrn: str
    tool: Literal["CARD"] = "CARD"

    def __post_init__(self) -> None:
        _refuse_zero(self.sum)
        if self.total != self.sum + self.fee:
            raise UnsendableRequestError("total: must be sum + fee")

    @property
    def currency(self) -> str:
        return self.sum.currency


@dataclass(frozen=True, kw_only=True)
class StatusRequest(_Request):
    operation: ClassVar = Operation.STATUS


@dataclass(frozen=True, kw_only=True)
class CancelRequest(_Request):
    operation: ClassVar = Operation.CANCEL


Request = AccountRequest | PaymentRequest | StatusRequest | CancelRequest


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A well-formed answer to our txn_id. What it comes to is for `results` to say."""

    txn_id: str
    result: int
    final: bool
    eport_id: str | None = None
    comment: str | None = None
    finished_at: str | None = None  # RFC 3339
    debt: Amount | None = None
    min_sum: Amount | None = None
    max_sum: Amount | None = None
    fields: tuple[tuple[str, str, str], ...] = ()  # name, title, value


def build(request: Request) -> bytes:
    """The request's bytes, to be stored and sent as they are on every attempt."""
    root = etree.Element("request")
    for attribute in operations.ATTRIBUTES:
        root.set(attribute.name, _checked(attribute, getattr(request, attribute.name)))
    operation = etree.SubElement(root, request.operation)
    for element in operations.REQUESTS[request.operation]:
        _append(operation, element, getattr(request, element.name))
    body = xml.serialise(root)
    if len(body) > xml.LARGEST_DOCUMENT_BYTES:
        raise UnsendableRequestError(f"larger than {xml.LARGEST_DOCUMENT_BYTES} bytes")
    return body


def parse_answer(body: bytes, *, operation: Operation, txn_id: str) -> Answer:
    """Read the answer to (`operation`, `txn_id`); an answer to anything else is malformed."""
    try:
        answer = Answer(**_values(_answered_operation(xml.parse(body), operation)))
    except xml.NotXmlError as error:
        raise MalformedAnswerError(str(error)) from None
    if answer.txn_id != txn_id:
        raise MalformedAnswerError("answers another txn_id")
    return answer


def _append(parent: etree._Element, element: Element, value: Any) -> None:
    if element is operations.REQUISITES:
        _append_requisites(etree.SubElement(parent, element.name), value)
    elif value is not None or element.required:
        etree.SubElement(parent, element.name).text = _checked(element, value)


def _append_requisites(parent: etree._Element, requisites: Sequence[tuple[str, str]]) -> None:
    codes = [code for code, _ in requisites]
    if not 1 <= len(codes) <= operations.LARGEST_REQUISITES or len(set(codes)) < len(codes):
        raise UnsendableRequestError(f"requisites: 1 to {operations.LARGEST_REQUISITES}, each code once")
    for code, value in requisites:
        child = etree.SubElement(parent, "requisite", code=_checked(operations.REQUISITE_CODE, code))
        child.text = _checked(operations.REQUISITES, value)


def _checked(element: Element, value: Any) -> str:
    text = value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
    if element.pattern.fullmatch(text) is None:
        raise UnsendableRequestError(f"{element.name}: does not fit {element.pattern.pattern}")
    return text


def _refuse_zero(paid: Amount) -> None:
    if not paid.minor:
        raise UnsendableRequestError("sum: must be above 0.00")


def _answered_operation(root: etree._Element, operation: Operation) -> etree._Element:
    if root.tag != "response":
        raise MalformedAnswerError("the root is not <response>")
    answered = [child for child in xml.children(root) if child.tag in _OPERATIONS]
    if [child.tag for child in answered] != [operation.value]:
        raise MalformedAnswerError(f"<response> must hold one answer, to {operation}")
    return answered[0]


def _values(answer: etree._Element) -> dict[str, Any]:
    known = [child for child in xml.children(answer) if child.tag in _POSITIONS]
    for earlier, later in pairwise(known):
        if _POSITIONS[earlier.tag] >= _POSITIONS[later.tag]:
            raise MalformedAnswerError(f"<{later.tag}> is misplaced or repeated")
    found = {child.tag: child for child in known}
    return {
        element.name: _read(element, found[element.name])
        for element in operations.ANSWER
        if _says_something(element, found.get(element.name))
    }


def _says_something(element: AnswerElement, child: etree._Element | None) -> bool:
    if child is None and element.required:
        raise MalformedAnswerError(f"<{element.name}> is missing")
    return child is not None and (element.required or len(child) > 0 or bool(child.text))


def _read(element: AnswerElement, child: etree._Element) -> Any:
    if element is operations.FIELDS:
        return tuple(_field(one) for one in xml.children(child) if one.tag == "field")
    text = xml.text_of(child)
    if element.pattern.fullmatch(text) is None:
        raise MalformedAnswerError(f"<{element.name}> does not fit {element.pattern.pattern}")
    try:
        return element.read(text)
    except ValueError:
        raise MalformedAnswerError(f"<{element.name}> is of the right form and means nothing") from None


def _field(child: etree._Element) -> tuple[str, str, str]:
    name = child.get(operations.FIELD_NAME.name, "")
    if operations.FIELD_NAME.pattern.fullmatch(name) is None:
        raise MalformedAnswerError("<field> has no name, or one that does not fit")
    return name, child.get(operations.FIELD_TITLE.name, ""), xml.text_of(child)


_OPERATIONS = frozenset(operation.value for operation in Operation)
_POSITIONS = {element.name: position for position, element in enumerate(operations.ANSWER)}
