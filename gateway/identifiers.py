"""The numbers that name one payment for its whole life (PROTOCOLS §1, §2.1, §5).

| identifier | form | who gives it |
|---|---|---|
| payment_id | UUIDv7 (RFC 9562 §5.7), lower case | the terminal, before its PUT |
| txn_id | yymmdd + 14-digit sequence | the gateway store, once per bank_account or bank_payment |
| RRN, field 37 | last digit of the year + day of the year + 8-digit sequence | the gateway store, once per payment |
| STAN, field 11 | 6-digit sequence | the gateway store, once per message to the card host |

Sequences are the store's; this module only gives them their form and refuses what has another.
Days are the bank's business days, so the caller turns its clock into a `date` first.

>>> txn_id(date(2026, 11, 22), 1234567)
'26112200000001234567'
>>> rrn(date(2026, 11, 22), 1234)
'632600001234'
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

TXN_ID_LARGEST = 10**14 - 1
RRN_LARGEST = 10**8 - 1
STAN_LARGEST = 10**6 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID_V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TXN_ID = re.compile(r"([0-9]{6})([0-9]{14})")
_RRN = re.compile(r"[0-9]([0-9]{3})([0-9]{8})")
_STAN = re.compile(r"[0-9]{6}")


class NotAnIdentifierError(ValueError):
    """The text has not the form of this identifier, or the sequence behind it is exhausted."""


def new_payment_id(now: datetime, random_bytes: Callable[[int], bytes]) -> str:
    """A UUIDv7: 48 bits of Unix milliseconds, version, 74 random bits. `now` is aware."""
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    if not 0 <= milliseconds < 1 << 48:
        raise NotAnIdentifierError(f"{now} does not fit into the 48 bits of a UUIDv7")
    noise = int.from_bytes(random_bytes(10), "big")
    random_a, random_b = noise >> 68, noise & ((1 << 62) - 1)
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b))


def is_payment_id(text: str) -> bool:
    return _UUID_V7.fullmatch(text) is not None


def time_of(payment_id: str) -> datetime:
    """The instant inside a UUIDv7, to the millisecond, in UTC."""
    if not is_payment_id(payment_id):
        raise NotAnIdentifierError(f"{payment_id!r} is not a UUIDv7 in lower case")
    return _EPOCH + timedelta(milliseconds=UUID(payment_id).int >> 80)


def txn_id(day: date, number: int) -> str:
    return f"{day:%y%m%d}{_sequence(number, TXN_ID_LARGEST):014d}"


def is_txn_id(text: str) -> bool:
    found = _TXN_ID.fullmatch(text)
    if found is None or not int(found[2]):
        return False
    try:
        datetime.strptime(found[1], "%y%m%d")  # noqa: DTZ007 - a day without a time
    except ValueError:
        return False
    return True


def rrn(day: date, number: int) -> str:
    return f"{day.year % 10}{day:%j}{_sequence(number, RRN_LARGEST):08d}"


def is_rrn(text: str) -> bool:
    found = _RRN.fullmatch(text)
    return found is not None and 1 <= int(found[1]) <= 366 and int(found[2]) > 0


def stan(number: int) -> str:
    return f"{_sequence(number, STAN_LARGEST):06d}"


def is_stan(text: str) -> bool:
    return _STAN.fullmatch(text) is not None and int(text) > 0


def _sequence(number: int, largest: int) -> int:
    if not 1 <= number <= largest:
        raise NotAnIdentifierError(f"{number} is not a sequence number from 1 to {largest}")
    return number
