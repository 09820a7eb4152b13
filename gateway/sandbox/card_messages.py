"""Bytes ↔ messages of the card host, and the rules that one message must obey by itself. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import iso8583
from iso8583.specs import default_ascii

from gateway.sandbox.card_fields import CARD_OPERATIONS, ECHOED, FORMS, LAYOUTS, OF_ACCOUNTS, Layout
from gateway.sandbox.card_rules import CardRule, CardRuleBroken, UndecodableError
from gateway.sandbox.chip_data import FORBIDDEN_TAGS, NotTlvError, tags_of

_ALMATY: Final = ZoneInfo("Asia/Almaty")
_COMMON_YEAR: Final = 2027
_LEAP_YEAR: Final = 2028  # has every day
_SAME_INSTANT: Final = timedelta(minutes=1)


@dataclass(frozen=True, repr=False)
class CardMessage:
    """A decoded message. Its fields may hold card data: never stored, never shown."""

    mti: str
    fields: Mapping[int, str]
    body: bytes  # what repeats compare: everything after the MTI

    @property
    def layout(self) -> Layout:
        return OF_ACCOUNTS.get((self.mti, self.fields.get(3, "")), LAYOUTS[self.mti])

    @property
    def operation(self) -> str:
        return self.layout.operation

    @property
    def rrn(self) -> str:
        return self.fields.get(37, "")

    @property
    def terminal(self) -> str:
        return self.fields.get(41, "").rstrip(" ")

    @property
    def amount(self) -> int:
        return int(self.fields[4])

    @property
    def pan(self) -> str:
        return self.fields.get(2) or _track(self.fields[35])[0]

    @property
    def expiry_yymm(self) -> str:
        return self.fields.get(14) or _track(self.fields[35])[1]


def decode(frame: bytes) -> CardMessage:
    """Read what stood behind a length. UndecodableError names a field, never its bytes."""
    try:
        decoded, _ = iso8583.decode(frame, default_ascii)
    except iso8583.DecodeError as error:
        raise UndecodableError(f"field {error.field} at byte {error.pos}") from None
    except KeyError:  # a third bitmap's fields, which the specification does not have
        raise UndecodableError("a field above 128") from None
    if decoded["t"] not in LAYOUTS:
        raise UndecodableError("the message type is none of " + ", ".join(LAYOUTS))
    fields = {int(name): value for name, value in decoded.items() if name.isdecimal() and name != "1"}
    return CardMessage(decoded["t"], fields, bytes(frame[4:]))


def answer(
    message: CardMessage,
    code: str,
    *,
    approval: str | None = None,
    amount: int | None = None,
    said: str | None = None,
) -> bytes:
    """The answer's bytes without their length. `amount` stands for another one than was asked; `said` is field 48."""
    fields = {str(number): message.fields[number] for number in ECHOED if number in message.fields}
    fields |= {"t": message.layout.answer, "39": code}
    if approval is not None:
        fields["38"] = approval
    if amount is not None:
        fields["4"] = f"{amount:012d}"
    if said is not None:
        fields["48"] = said
    encoded, _ = iso8583.encode(fields, default_ascii)
    return bytes(encoded)


def check(message: CardMessage) -> None:
    """Every rule that needs nothing but the message; CardRuleBroken names rule and field."""
    fields = message.fields
    _check_layout(message.layout, fields)
    if message.operation == "echo":
        return  # PROTOCOLS §5 fixes its field 70 alone
    for number, exists in _TIMES.items():
        if number in fields and not exists(fields[number]):
            raise CardRuleBroken(CardRule.DATE, f"field {number}")
    if message.operation in CARD_OPERATIONS:
        _check_card_data(fields)
    if 55 in fields:
        _check_chip_data(fields[55])
    if message.mti == "0100":
        _check_clock(fields)


def _check_layout(layout: Layout, fields: Mapping[int, str]) -> None:
    for number in sorted(layout.required - set(fields)):
        raise CardRuleBroken(CardRule.MISSING, f"field {number}")
    for number in sorted(set(fields) - layout.required - layout.optional):
        raise CardRuleBroken(CardRule.FOREIGN, f"field {number}")
    for number, value in fields.items():
        if not FORMS[number].fullmatch(value):
            raise CardRuleBroken(CardRule.VALUE, f"field {number}")
    if fields.get(3, layout.code) != layout.code:
        raise CardRuleBroken(CardRule.VALUE, "field 3")


def _check_card_data(fields: Mapping[int, str]) -> None:
    if (2 in fields) is not (14 in fields) or not fields.keys() & {2, 35}:
        raise CardRuleBroken(CardRule.CARD_DATA, "fields 2, 14 and 35")
    if 2 in fields and 35 in fields and _track(fields[35]) != (fields[2], fields[14]):
        raise CardRuleBroken(CardRule.CARD_DATA, "field 35 beside 2 and 14")
    if not _month_exists(_track(fields[35])[1] if 35 in fields else fields[14]):
        raise CardRuleBroken(CardRule.DATE, "the expiry of field 14 or 35")


def _check_chip_data(field_55: str) -> None:
    try:
        forbidden = FORBIDDEN_TAGS & set(tags_of(bytes.fromhex(field_55)))
    except NotTlvError:
        raise CardRuleBroken(CardRule.CHIP_DATA, "field 55") from None
    for tag in sorted(forbidden):
        raise CardRuleBroken(CardRule.CHIP_DATA, f"field 55, tag {tag}")


def _check_clock(fields: Mapping[int, str]) -> None:
    # The wire tells no year: 28 February is followed by one day or by another.
    if not any(_same_instant(fields, year) for year in (_COMMON_YEAR, _LEAP_YEAR)):
        raise CardRuleBroken(CardRule.CLOCK, "fields 7, 12 and 13")


def _same_instant(fields: Mapping[int, str], year: int) -> bool:
    try:
        sent = _time(fields[7], "%m%d%H%M%S", year).replace(tzinfo=UTC)
        local = _time(fields[13] + fields[12], "%m%d%H%M%S", year).replace(tzinfo=_ALMATY)
    except ValueError:  # 29 February of a common year
        return False
    whole_year = timedelta(days=365 + (year == _LEAP_YEAR))
    apart = (sent - local) % whole_year  # the two may stand on both sides of New Year
    return min(apart, whole_year - apart) <= _SAME_INSTANT


def _time(text: str, form: str, year: int) -> datetime:
    return datetime.strptime(f"{year}{text}", f"%Y{form}")  # noqa: DTZ007  # its zone depends on the field


def _exists(form: str) -> Callable[[str], bool]:
    def exists(text: str) -> bool:
        try:
            _time(text, form, _LEAP_YEAR)
        except ValueError:
            return False
        return True

    return exists


def _month_exists(yymm: str) -> bool:
    return 1 <= int(yymm[2:]) <= 12


def _rrn_day_exists(rrn: str) -> bool:
    return 1 <= int(rrn[1:4]) <= 366


_TIMES: Final[Mapping[int, Callable[[str], bool]]] = {
    7: _exists("%m%d%H%M%S"),
    12: _exists("%H%M%S"),
    13: _exists("%m%d"),
    14: _month_exists,
    37: _rrn_day_exists,
}


def _track(field_35: str) -> tuple[str, str]:
    """PAN and expiry (YYMM) of a track 2."""
    pan, rest = re.split("[D=]", field_35, maxsplit=1)
    return pan, rest[:4]
