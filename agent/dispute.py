"""A payment as it is put before e-port: what its support needs to find it, and nothing of ours or the customer's besides.

From the item that `payments.show` answers. The account is masked; who did what at the bank stays here. Pure, but for
the zip that it makes in memory.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.bills.payment_states import Event

Item = Mapping[str, Any]

_SHOWN_DIGITS: Final = 4
_FACTS: Final = (
    "txn_id",
    "eport_id",
    "rrn",
    "check_id",
    "terminal",
    "product",
    "sum",
    "fee",
    "total",
    "state",
)
_TIMES: Final = ("accepted_at", "provider_finished_at", "changed_at")
# Whose notes are e-port's own words; any other may name a person.
_WORDS_OF_EPORT: Final = frozenset(
    {
        Event.PAYMENT_ACCEPTED,
        Event.PAYMENT_REFUSED,
        Event.PAYMENT_PENDING,
        Event.UNANSWERED,
        Event.ID_CONFLICT,
        Event.CANCELLED,
        Event.CANCEL_REFUSED,
    }
)
_LISTED: Final = ("day", "registry_id", "line", "eport_id", "product", "sum", "fee", "finished_at", "rrn")
_CASE: Final = ("day", "class", "detail", "ours", "eport", "opened_at")
_LABELS: Final[Mapping[str, str]] = {
    "point": "Точка (point)",
    "txn_id": "Номер операции (txn_id)",
    "eport_id": "Номер в e-port (eport_id)",
    "rrn": "RRN",
    "check_id": "Номер проверки (check_id)",
    "terminal": "Терминал",
    "product": "Услуга",
    "account": "Реквизит",
    "sum": "Сумма, KZT",
    "fee": "Комиссия, KZT",
    "total": "Всего, KZT",
    "state": "Состояние в банке",
    "accepted_at": "Принято терминалом",
    "provider_finished_at": "Завершено e-port",
    "changed_at": "Последнее изменение",
}
_ATTEMPTS: Final = frozenset({"eport.payment", "eport.status", "eport.cancel"})


def dispute_of(payment: Item, *, point: str, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """All times in `zone`, to the second."""

    def local(text: str | None) -> str | None:
        return (
            None
            if text is None
            else datetime.fromisoformat(text).astimezone(zone).isoformat(timespec="seconds")
        )

    return {
        "written_at": now.astimezone(zone).isoformat(timespec="seconds"),
        "point": point,
        **{name: payment[name] for name in _FACTS},
        "account": masked(_account(payment["requisites"])),
        **{name: local(payment[name]) for name in _TIMES},
        "history": [
            {
                "at": local(line["at"]),
                "event": line["event"],
                "state": line["state"],
                "note": line["note"] if line["event"] in _WORDS_OF_EPORT else "",
            }
            for line in payment["history"]
        ],
        "attempts": [
            {"kind": entry["kind"], "at": local(line["at"]), "event": line["event"]}
            for entry in payment["entries"]
            if entry["kind"] in _ATTEMPTS
            for line in entry["history"]
        ],
        "listed": [{name: line[name] for name in _LISTED} for line in payment["listed"]],
        "differences": [{name: case[name] for name in _CASE} for case in payment["cases"]],
    }


def masked(account: str) -> str:
    """Its last four characters.

    >>> masked("7011234567"), masked("1234")
    ('******4567', '****')
    """
    shown = account[-_SHOWN_DIGITS:] if len(account) > _SHOWN_DIGITS else ""
    return "*" * (len(account) - len(shown)) + shown


def bundle(facts: Item) -> bytes:
    """A zip with `dispute.json` and `dispute.txt`: the same facts give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in (
            ("dispute.json", json.dumps(facts, ensure_ascii=False, indent=2) + "\n"),
            ("dispute.txt", told(facts)),
        ):
            zipped.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


def told(facts: Item) -> str:
    """For a person at e-port, in Russian."""
    lines = [f"Обращение по операции {facts['txn_id']} от {facts['written_at']}", ""]
    lines += [f"{label}: {facts[name]}" for name, label in _LABELS.items() if facts[name]]
    lines += _section("Ход операции", facts["history"], ("at", "event", "state", "note"))
    lines += _section("Обращения к e-port", facts["attempts"], ("at", "kind", "event"))
    lines += _section("В дневных реестрах e-port", facts["listed"], _LISTED)
    lines += _section("Расхождения", facts["differences"], _CASE)
    return "\n".join(lines) + "\n"


def _section(title: str, rows: Sequence[Item], names: Sequence[str]) -> list[str]:
    if not rows:
        return []
    return ["", title, *(" · ".join(str(row[name]) for name in names if row[name]) for row in rows)]


def _account(requisites: Sequence[Sequence[str]]) -> str:
    return next((value for code, value in requisites if code == "account"), requisites[0][1])
