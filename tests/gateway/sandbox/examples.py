"""The example of PROTOCOLS §2.1 and the messages of one payment of §5, each with its parts to be changed."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

PAN = "4012345678909"  # of the ANSI X9.24-1 sample


def check_body(
    txn_id: str = "26112200000001234566",
    *,
    account: str = "7011234567",
    sum_: str | None = "1500.00",
    point: str = "10001",
) -> str:
    sums = "" if sum_ is None else f"<sum>{sum_}</sum><currency>KZT</currency>"
    return (
        f'<request point="{point}" terminal="ATM00017"><bank_account><txn_id>{txn_id}</txn_id>'
        "<txn_date>2026-11-22T14:05:01+05:00</txn_date><product>beeline-kz</product>"
        f'<requisites><requisite code="account">{account}</requisite></requisites>{sums}'
        "</bank_account></request>"
    )


def payment_body(
    txn_id: str = "26112200000001234567",
    *,
    check_id: str = "26112200000001234566",
    account: str = "7011234567",
    product: str = "beeline-kz",
    sum_: str = "1500.00",
    total: str = "1545.00",
    rrn: str = "632600001234",
    point: str = "10001",
) -> str:
    return (
        f'<request point="{point}" terminal="ATM00017"><bank_payment><txn_id>{txn_id}</txn_id>'
        f"<txn_date>2026-11-22T14:05:09+05:00</txn_date><check_id>{check_id}</check_id>"
        f"<product>{product}</product>"
        f'<requisites><requisite code="account">{account}</requisite></requisites>'
        f"<sum>{sum_}</sum><fee>45.00</fee><total>{total}</total><currency>KZT</currency>"
        f"<tool>CARD</tool><rrn>{rrn}</rrn></bank_payment></request>"
    )


def txn_body(operation: str, txn_id: str = "26112200000001234567", *, point: str = "10001") -> str:
    return (
        f'<request point="{point}" terminal="ATM00017"><{operation}><txn_id>{txn_id}</txn_id>'
        f"</{operation}></request>"
    )


class Bodies(NamedTuple):
    check: Callable[..., str]
    payment: Callable[..., str]
    txn: Callable[..., str]


ADVICE_FIELDS = ("3", "4", "7", "11", "12", "13", "32", "37", "41", "42", "49")


def hold_message(**fields: str | None) -> dict[str, str]:
    """A 0100 of PROTOCOLS §5; `f4="…"` changes a field, `f52=None` leaves it out."""
    message = {
        "t": "0100",
        "3": "500000",
        "4": "000000154500",
        "7": "1122090509",
        "11": "000001",
        "12": "140509",
        "13": "1122",
        "22": "051",
        "25": "00",
        "32": "400001",
        "35": f"{PAN}D2812201000000000",
        "37": "632600001234",
        "41": "ATM00017",
        "42": "TOLEM0000000001",
        "49": "398",
        "52": "1B9C1845EB993A7A",
        "55": "9F2608A1B2C3D4E5F607189F360200019F02060000001545005F34010182023900",
        "62": "FFFF9876543210E00001",
    }
    return _changed(message, fields)


def capture_message(**fields: str | None) -> dict[str, str]:
    """The 0220 of the hold above; field 38 must be given."""
    message = {name: hold_message()[name] for name in ADVICE_FIELDS}
    return _changed(message | {"t": "0220", "11": "000002"}, fields)


def reversal_message(**fields: str | None) -> dict[str, str]:
    """The 0420 of the hold above."""
    message = {name: hold_message()[name] for name in ADVICE_FIELDS}
    original = "0100" + "000001" + "1122090509" + "00000400001" + "0" * 11
    return _changed(message | {"t": "0420", "11": "000003", "90": original}, fields)


def _changed(message: dict[str, str], fields: Mapping[str, str | None]) -> dict[str, str]:
    changes = {name.removeprefix("f"): value for name, value in fields.items()}
    return {name: value for name, value in (message | changes).items() if value is not None}
