"""Answers of e-port and its refusals, as bytes (PROTOCOLS §2.1, §2.3). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway.sandbox.eport_rules import RuleBroken

COMMENTS: Final[Mapping[int, str]] = {
    0: "Принято",
    1: "Временная ошибка, повторите запрос",
    4: "Неверный формат лицевого счёта",
    5: "Лицевой счёт или платёж не найден",
    7: "Приём платежа запрещён",
    8: "Приём платежа запрещён по техническим причинам",
    17: "Реквизиты отличаются от проверенных",
    18: "Сумма отличается от проверенной",
    19: "По этой проверке платёж уже принят",
    38: "С момента проверки прошло больше часа",
    79: "Лицевой счёт неактивен",
    90: "Проведение платежа не закончено",
    215: "Номер операции уже использован с другим содержанием",
    241: "Сумма слишком мала",
    242: "Сумма слишком велика",
    243: "Состояние платежа неизвестно",
    251: "Платёж не может быть отменён",
    300: "Другая ошибка поставщика",
}
OTHER_COMMENT: Final = "Неизвестная ошибка"


@dataclass(frozen=True)
class Answer:
    """One answer. Sums are in tiyn; `fields` are name, title, value."""

    operation: str
    txn_id: str
    result: int
    final: bool
    eport_id: str | None = None
    finished_at: str | None = None
    debt: int | None = None
    min_sum: int | None = None
    max_sum: int | None = None
    fields: tuple[tuple[str, str, str], ...] = ()


def build(answer: Answer) -> bytes:
    """The body, its elements in the order of PROTOCOLS §2.1."""
    response = etree.Element("response")
    parent = etree.SubElement(response, answer.operation)
    _leaf(parent, "txn_id", answer.txn_id)
    _leaf(parent, "eport_id", answer.eport_id)
    _leaf(parent, "result", str(answer.result))
    _leaf(parent, "final", "true" if answer.final else "false")
    _leaf(parent, "comment", COMMENTS.get(answer.result, OTHER_COMMENT), lang="ru")
    _leaf(parent, "finished_at", answer.finished_at)
    for name, sum_ in (("debt", answer.debt), ("min_sum", answer.min_sum), ("max_sum", answer.max_sum)):
        _leaf(parent, name, None if sum_ is None else money(sum_))
    if answer.fields:
        fields = etree.SubElement(parent, "fields")
        for name, title, value in answer.fields:
            _leaf(fields, "field", value, name=name, title=title)
    return etree.tostring(response, encoding="utf-8")


def build_refusal(broken: RuleBroken) -> bytes:
    """The body beside a 4xx: which rule, where, what it says. No value of the request."""
    refusal = etree.Element("refusal", rule=broken.rule.name.lower(), where=broken.where)
    refusal.text = broken.rule.says
    return etree.tostring(refusal, encoding="utf-8")


def money(tiyn: int) -> str:
    whole, part = divmod(tiyn, 100)
    return f"{whole}.{part:02d}"


def _leaf(parent: etree._Element, tag: str, text: str | None, **attributes: str) -> None:
    if text is not None:
        etree.SubElement(parent, tag, attributes).text = text
