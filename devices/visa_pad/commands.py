"""The messages of the VISA PIN pad wire: what the host may say, and how its answers read (PROTOCOLS §6).

A builder returns a `Command`: its frame, how the message that answers it begins, and how the pad ends the
exchange; it raises UnsendableError for what the wire has no place for. Sources: PROTOCOLS §6; UIC PP791 programmer's manual, sections 5, 9 and 10.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from devices.interfaces import PinBlock
from devices.visa_pad.frames import FS, SUB, Envelope, Frame, UnsendableError

KSN_DIGITS: Final = 20
LARGEST_DISPLAY: Final = 9  # lines: `Z3` counts them with one digit


class Ending(Enum):
    """What the pad sends after the ACK, besides an answer."""

    NOTHING = "nothing"
    EOT = "EOT"  # always
    PERHAPS_EOT = "perhaps EOT"  # the text leaves it open, and the models differ


@dataclass(frozen=True)
class Command:
    frame: Frame
    answer: bytes | None = None  # how the answering message begins
    ending: Ending = Ending.NOTHING


class MalformedMessageError(ValueError):
    """The message answers, but not in the form of the text. Never quotes it."""


@dataclass(frozen=True)
class PinRefused:
    """`71` with one character: the pad took no PIN."""

    code: str


CONNECTION_TEST: Final = Command(Frame(Envelope.CONTROL, b"11"), ending=Ending.EOT)
SELF_TEST: Final = Command(Frame(Envelope.CONTROL, b"16"), answer=b"16", ending=Ending.PERHAPS_EOT)
SERIAL_NUMBER: Final = Command(Frame(Envelope.CONTROL, b"06"), answer=b"06", ending=Ending.PERHAPS_EOT)
CANCEL: Final = Command(Frame(Envelope.TEXT, b"72"), ending=Ending.EOT)

DIAGNOSTICS: Final = {"ram": 1, "eprom": 3, "keypad": 4, "display": 5, "serial": 6, "loop": 7}

SELF_TEST_RESULTS: Final = {"0": "good", "1": "ramFail", "2": "romFail", "5": "keyCrcFail"}

PIN_REFUSALS: Final = {
    "0": "no account",
    "2": "account shorter than 8 digits",
    "3": "account longer than 19 digits",
    "4": "account with other characters than digits",
    "5": "debit or credit indicator",
    "6": "time-out value",
    "8": "amount",
    "A": "no DUKPT key is loaded",
    "B": "flash memory",
    "C": "memory",
    "F": "the DUKPT key has served a million times",
    "G": "a file of the pad is missing or not authentic",
}

_ACCOUNT: Final = re.compile(r"[0-9]{8,19}", re.ASCII)
_AMOUNT: Final = re.compile(r"[0-9]{1,5}\.[0-9]{2}", re.ASCII)
_HEX_KEY: Final = re.compile(r"(?:[0-9A-F]{16}){1,2}", re.ASCII)
_DUKPT_PIN: Final = re.compile(rb"71[0-9A-F](?P<ksn>[0-9A-F]{10,20})(?P<block>[0-9A-F]{16})")
_SESSION_PIN: Final = re.compile(rb"71(?:\.[0-9A-F](?:0[4-9]|1[0-2])01|[0-9A-F])(?P<block>[0-9A-F]{16})")
_REFUSAL: Final = re.compile(rb"71(?P<code>[0-9A-Z])")


def diagnostic(number: int) -> Command:
    """One of `DIAGNOSTICS`; the pad shows the result on its own display."""
    return Command(Frame(Envelope.CONTROL, b"01%02d" % number), ending=Ending.EOT)


def key_present(key: int) -> Command:
    """Is there a master key in this place, 0 to 9?"""
    return Command(Frame(Envelope.CONTROL, b"04%d" % key), answer=b"04", ending=Ending.PERHAPS_EOT)


def select_key(key: int) -> Command:
    """Use the master key of this place, 0 to 9."""
    return Command(Frame(Envelope.CONTROL, b"08%d" % key), ending=Ending.PERHAPS_EOT)


def display(lines: Sequence[bytes]) -> Command:
    """Clear the display and show these lines, in the pad's own code page."""
    if not 1 <= len(lines) <= LARGEST_DISPLAY:
        raise UnsendableError("a display takes one to nine lines")
    if len(lines) == 1:
        return Command(Frame(Envelope.TEXT, b"Z2" + SUB + lines[0]))
    return Command(Frame(Envelope.TEXT, b"Z3%d" % len(lines) + FS.join(lines)))


def fits_amount(text: str) -> bool:
    """Whether `70` can carry this amount: 4 to 8 characters such as 1545.00."""
    return _AMOUNT.fullmatch(text) is not None


def enter_pin_with_amount(account: str, amount: str) -> Command:
    """DUKPT: the pad shows the amount, asks for the PIN and answers `71`."""
    return Command(Frame(Envelope.TEXT, b"70" + _account_and_amount(account, amount)), answer=b"71")


def try_pin_path(account: str, amount: str) -> Command:
    """As `enter_pin_with_amount`, for the fixed PIN 1234 and without a person."""
    return Command(Frame(Envelope.TEXT, b"76" + _account_and_amount(account, amount)), answer=b"71")


def enter_pin(account: str, session_key: str | None = None) -> Command:
    """The prompt is on the display already. `session_key`: hex, under the selected master key (MK/SK)."""
    if session_key is not None and _HEX_KEY.fullmatch(session_key) is None:
        raise UnsendableError("a session key has 16 or 32 hexadecimal digits")
    rest = b"" if session_key is None else FS + session_key.encode("ascii")
    return Command(Frame(Envelope.TEXT, b"Z60." + _account(account) + rest), answer=b"71")


def parse_pin(message: bytes) -> PinBlock | PinRefused:
    """`71`: an ISO 9564 format 0 block, with its KSN under DUKPT, or why there is none.

    The wire's KSN lacks its leading F digits; here they are back, so that it has its ten bytes.
    Raises MalformedMessageError.
    """
    if found := _DUKPT_PIN.fullmatch(message):
        ksn = found["ksn"].decode("ascii").rjust(KSN_DIGITS, "F")
        return PinBlock(block=bytes.fromhex(found["block"].decode("ascii")), ksn=bytes.fromhex(ksn))
    if found := _SESSION_PIN.fullmatch(message):
        return PinBlock(block=bytes.fromhex(found["block"].decode("ascii")), ksn=None)
    if found := _REFUSAL.fullmatch(message):
        return PinRefused(found["code"].decode("ascii"))
    raise MalformedMessageError("71 in none of its forms")


def parse_self_test(message: bytes) -> tuple[str, ...]:
    """`16`: the failures, none if all is good. Raises MalformedMessageError."""
    codes = message.removeprefix(b"16").decode("ascii", "replace")
    if not codes or not set(codes) <= SELF_TEST_RESULTS.keys():
        raise MalformedMessageError("16 without a known result")
    return tuple(SELF_TEST_RESULTS[code] for code in codes if code != "0")


def parse_serial_number(message: bytes) -> str:
    """`06`: the pad's serial number, letters and digits. Raises MalformedMessageError."""
    text = message.removeprefix(b"06").decode("ascii", "replace")
    if not (text.isascii() and text.isalnum()):
        raise MalformedMessageError("06 without a serial number")
    return text


def parse_key_present(message: bytes) -> bool:
    """`04`: F is present, 0 is not. Raises MalformedMessageError."""
    answers = {b"04F": True, b"040": False}
    if message not in answers:
        raise MalformedMessageError("04 with neither F nor 0")
    return answers[message]


def _account_and_amount(account: str, amount: str) -> bytes:
    if not fits_amount(amount):
        raise UnsendableError("the amount has 4 to 8 characters such as 1545.00")
    return _account(account) + FS + b"D" + amount.encode("ascii")


def _account(account: str) -> bytes:
    if _ACCOUNT.fullmatch(account) is None:
        raise UnsendableError("an account has 8 to 19 digits")
    return account.encode("ascii")
