"""What a person calls a payment by, as the arguments of `payments.show` and `journeys.show`. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

Arguments = Mapping[str, str]

_AT_TERMINAL: Final = re.compile(r"(?P<what>.+)@(?P<terminal>[0-9A-Za-z]{1,8})")
_GROUPED: Final = re.compile(r"(?<=\d)[ \xa0](?=\d)")  # a receipt prints the operation number by fours
_STAN: Final = re.compile(r"[0-9]{6}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?P<seconds>:\d\d)?([+-]\d\d:\d\d|Z)?")
_WHAT_IS: Final = (
    "{what!r} before @{terminal} is neither a STAN of six digits nor a time such as 2026-11-22T14:05"
)


class NotAPaymentError(ValueError):
    """The text cannot name a payment; it says what could."""


def read_number(text: str, zone: ZoneInfo) -> Arguments:
    """`id`; or `terminal` with `stan`, or with the half-open `from` and `to` of a local minute or second.

    NotAPaymentError for a time that is none.
    """
    found = _AT_TERMINAL.fullmatch(text.strip())
    if found is None:
        return {"id": _GROUPED.sub("", text.strip())}
    what, terminal = found["what"], found["terminal"]
    if _STAN.fullmatch(what):
        return {"terminal": terminal, "stan": what}
    time = _TIME.fullmatch(what)
    if time is None:
        raise NotAPaymentError(_WHAT_IS.format(what=what, terminal=terminal))
    try:
        begin = datetime.fromisoformat(what)
    except ValueError as error:
        raise NotAPaymentError(f"{what!r} is no time: {error}") from None
    begin = begin if begin.tzinfo else begin.replace(tzinfo=zone)
    end = begin + timedelta(seconds=1 if time["seconds"] else 60)
    return {"terminal": terminal, "from": begin.isoformat(), "to": end.isoformat()}
