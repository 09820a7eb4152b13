"""Messages to the card host as bytes, and its answers as fields (PROTOCOLS §5).

Errors name fields and quote no value. `Message` shows in its repr what a log may show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import iso8583
from iso8583.specs import default_ascii

from gateway.funds import fields
from gateway.funds.fields import Kind, Presence
from gateway.funds.interface import Card, HoldIdentifiers
from gateway.funds.masking import loggable
from gateway.money import CURRENCY_NUMERIC

_BITMAPS: Final = frozenset({"p", "1"})
_NAMES_THE_CARD: Final = frozenset({"2", "14", "35"})
REPEAT_OF: Final = MappingProxyType({b"0420": b"0421"})
ANSWER_OF: Final = MappingProxyType(
    {"0100": "0110", "0220": "0230", "0420": "0430", "0421": "0430", "0800": "0810"}
)


class UnsendableMessageError(ValueError):
    """The message breaks a rule of the wire; nothing was sent."""


class UndecodableMessageError(ValueError):
    """The bytes are no message of ISO 8583."""


@dataclass(frozen=True)
class HostSettings:
    """`acquirer` is field 32, `merchant` field 42; fields 12 and 13 are in `time_zone`."""

    acquirer: str
    merchant: str
    time_zone: ZoneInfo


@dataclass(frozen=True, repr=False)
class Message:
    """A decoded message: field numbers to values, with the MTI under "t"."""

    values: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Message({loggable(self.values)})"


class AnswerKey(NamedTuple):
    """What ties an answer to its request: MTI of the answer, fields 11, 37 and 41."""

    mti: str
    stan: str
    rrn: str
    terminal: str


def hold_message(identifiers: HoldIdentifiers, card: Card, host: HostSettings) -> bytes:
    """The 0100 that asks to hold the total."""
    return _pack(
        fields.HOLD,
        _request(identifiers, host)
        | _card(card)
        | {"22": fields.CHIP_WITH_PIN, "25": fields.NORMAL_CONDITION},
    )


def account_message(identifiers: HoldIdentifiers, card: Card, host: HostSettings) -> bytes:
    """The 0100 that asks how the card's account stands; neither its PIN nor its cryptogram is used up."""
    asked = {number: value for number, value in _card(card).items() if number in _NAMES_THE_CARD}
    return _pack(
        fields.ACCOUNT,
        _request(identifiers, host) | asked | {"22": fields.CHIP_WITH_PIN, "25": fields.NORMAL_CONDITION},
    )


def beneficiary_message(identifiers: HoldIdentifiers, iban: str, host: HostSettings) -> bytes:
    """The 0100 that asks whether this IBAN can be credited."""
    return _pack(fields.BENEFICIARY, _request(identifiers, host) | {"103": iban})


def credit_message(identifiers: HoldIdentifiers, iban: str, host: HostSettings) -> bytes:
    """The 0220 that credits a payee; its identifiers stay the same on its repeats."""
    return _pack(fields.CREDIT, _request(identifiers, host) | {"103": iban})


def capture_message(
    identifiers: HoldIdentifiers, *, stan: str, at: datetime, approval_code: str | None, host: HostSettings
) -> bytes:
    """The 0220; `stan` and `at` are its own and stay the same on its repeats."""
    return _pack(
        fields.CAPTURE, _advice(identifiers, stan=stan, at=at, approval_code=approval_code, host=host)
    )


def reversal_message(
    identifiers: HoldIdentifiers, *, stan: str, at: datetime, approval_code: str | None, host: HostSettings
) -> bytes:
    """The 0420 for the 0100 that `identifiers` name."""
    original = (
        fields.HOLD.mti
        + identifiers.stan
        + _transmitted(identifiers.sent_at)
        + (identifiers.acquirer or host.acquirer).rjust(fields.ACQUIRER_WIDTH, "0")
        + "0" * fields.ACQUIRER_WIDTH
    )
    advice = _advice(identifiers, stan=stan, at=at, approval_code=approval_code, host=host)
    return _pack(fields.REVERSAL, advice | {"90": original})


def echo_message(*, stan: str, at: datetime) -> bytes:
    return _pack(fields.ECHO, {"7": _transmitted(at), "11": stan, "70": fields.ECHO_TEST})


def repeated(message: bytes) -> bytes:
    """A message that may have left before: a 0420 goes as 0421, anything else as it is."""
    return REPEAT_OF.get(message[:4], message[:4]) + message[4:]


def parse(message: bytes) -> Message:
    """Decode one message; raises UndecodableMessageError."""
    try:
        values, _ = iso8583.decode(message, default_ascii)
    except iso8583.DecodeError as error:  # not chained: its attributes hold the bytes
        raise UndecodableMessageError(f"{error.msg}: field {error.field}") from None
    except KeyError as error:  # a third bitmap names a field above 128
        raise UndecodableMessageError(f"there is no field {error}") from None
    decoded = {number: value for number, value in values.items() if number not in _BITMAPS}
    return Message(MappingProxyType(decoded))


def answer_to(request: Message) -> AnswerKey:
    return key_of(request)._replace(mti=ANSWER_OF[request.values["t"]])


def key_of(message: Message) -> AnswerKey:
    stan, rrn, terminal = (message.values.get(number, "") for number in ("11", "37", "41"))
    return AnswerKey(message.values["t"], stan, rrn, terminal)


def amount_field(minor: int) -> str:
    """Field 4: twelve digits of minor units."""
    return str(minor).rjust(fields.AMOUNT_WIDTH, "0")


def _advice(
    identifiers: HoldIdentifiers, *, stan: str, at: datetime, approval_code: str | None, host: HostSettings
) -> dict[str, str]:
    approval = {} if approval_code is None else {"38": approval_code}
    return _money(identifiers) | _instants(at, host) | _parties(identifiers, host) | {"11": stan} | approval


def _request(identifiers: HoldIdentifiers, host: HostSettings) -> dict[str, str]:
    """What a message has whose identifiers are its own."""
    own = _money(identifiers) | _instants(identifiers.sent_at, host) | _parties(identifiers, host)
    return own | {"11": identifiers.stan}


def _money(identifiers: HoldIdentifiers) -> dict[str, str]:
    return {"4": amount_field(identifiers.total.minor), "49": CURRENCY_NUMERIC}


def _instants(at: datetime, host: HostSettings) -> dict[str, str]:
    local = at.astimezone(host.time_zone)
    return {"7": _transmitted(at), "12": f"{local:%H%M%S}", "13": f"{local:%m%d}"}


def _transmitted(at: datetime) -> str:
    return f"{at.astimezone(UTC):%m%d%H%M%S}"


def _parties(identifiers: HoldIdentifiers, host: HostSettings) -> dict[str, str]:
    return {
        "32": identifiers.acquirer or host.acquirer,
        "37": identifiers.rrn,
        "41": identifiers.terminal.ljust(fields.TERMINAL_WIDTH),
        "42": (identifiers.merchant or host.merchant).ljust(fields.MERCHANT_WIDTH),
    }


def _card(card: Card) -> dict[str, str]:
    track2 = None if card.track2 is None else card.track2.replace("D", "=")
    if track2 is None and (card.pan is None or card.expiry_yymm is None):
        raise UnsendableMessageError("fields 2, 14, 35: the card has neither track 2 nor PAN and expiry")
    if track2 is not None and not _agree(track2, card):
        raise UnsendableMessageError("fields 2, 14, 35: they disagree")
    found = {
        "2": card.pan if card.expiry_yymm is not None else None,
        "14": card.expiry_yymm if card.pan is not None else None,
        "35": track2,
        "52": _hex(card.pin_block),
        "55": _hex(card.emv),
        "62": _hex(card.ksn),
    }
    return {number: value for number, value in found.items() if value is not None}


def _agree(track2: str, card: Card) -> bool:
    pan, _, rest = track2.partition("=")
    return card.pan in (None, pan) and card.expiry_yymm in (None, rest[:4])


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex().upper()


def _pack(kind: Kind, values: Mapping[str, str]) -> bytes:
    if kind.processing_code is not None:
        values = {"3": kind.processing_code, **values}
    rows = {row.number: row for row in fields.LAYOUT if row.presence[kind] is not Presence.NO}
    missing = {number for number, row in rows.items() if row.presence[kind] is Presence.YES} - values.keys()
    foreign = values.keys() - rows.keys()
    malformed = {
        number for number in values.keys() & rows.keys() if not rows[number].pattern.fullmatch(values[number])
    }
    if missing or foreign or malformed:
        raise UnsendableMessageError(
            f"{kind.name}: fields missing {sorted(missing)}, not its own {sorted(foreign)}, malformed {sorted(malformed)}"
        )
    message, _ = iso8583.encode({"t": kind.mti, **values}, default_ascii)
    return bytes(message)
