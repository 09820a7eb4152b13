"""What a result of PC/SC means to a terminal (PROTOCOLS §7; pcsclite.h)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from devices.emv.channel import (
    CardMuteError,
    CardRemovedError,
    ChannelError,
    ReaderBusyError,
    ReaderForbiddenError,
    ReaderLostError,
)

SUCCESS: Final = 0x00000000
CANCELLED: Final = 0x80100002
UNKNOWN_READER: Final = 0x80100009
TIMEOUT: Final = 0x8010000A
NO_READERS: Final = 0x8010002E

POLKIT_RULE: Final = "50-tolem-pcsc.rules"


REFUSALS_THAT_COUNT: Final = 3
"""So often in a row, with a pause between, before a refusal is believed; see `may_be_a_reset`."""


class PcscError(Exception):
    """A `call` of PC/SC came to something else than success. `hresult`: as in pcsclite.h, unsigned."""

    def __init__(self, hresult: int, call: str) -> None:
        super().__init__(f"PC/SC {hresult:08X}")
        self.hresult = hresult
        self.call = call


@dataclass(frozen=True)
class Meaning:
    error: type[ChannelError]
    says: str


_NO_SERVICE: Final = Meaning(ReaderLostError, "pcscd is not running: start it, or install the package pcscd")
_LINE_BROKE: Final = Meaning(ReaderLostError, "the line to pcscd broke: it ended, or is being restarted")
_NO_READER: Final = Meaning(ReaderLostError, "the reader is not there: check its cable")
_REMOVED: Final = Meaning(CardRemovedError, "the card was pulled")
_MUTE: Final = Meaning(CardMuteError, "no answer to reset: the card is upside down, or its chip is dead")
_SHARED: Final = Meaning(ReaderBusyError, "another program uses this reader: end it")
_FORBIDDEN: Final = Meaning(
    ReaderForbiddenError,
    f"polkit does not let this user use the reader: put devices/pcsc/{POLKIT_RULE} into "
    "/etc/polkit-1/rules.d and the user into the group tolem",
)

MEANINGS: Final[Mapping[int, Meaning]] = {
    0x8010001D: _NO_SERVICE,  # SCARD_E_NO_SERVICE
    0x8010001E: _NO_SERVICE,  # SCARD_E_SERVICE_STOPPED
    0x80100003: _LINE_BROKE,  # SCARD_E_INVALID_HANDLE: of a pcscd that has died since
    0x80100013: _LINE_BROKE,  # SCARD_F_COMM_ERROR
    UNKNOWN_READER: _NO_READER,
    0x80100017: _NO_READER,  # SCARD_E_READER_UNAVAILABLE
    NO_READERS: _NO_READER,
    0x8010000C: Meaning(CardRemovedError, "no card is in"),  # SCARD_E_NO_SMARTCARD
    0x80100016: _REMOVED,  # SCARD_E_NOT_TRANSACTED: in the middle of a command
    0x80100068: _REMOVED,  # SCARD_W_RESET_CARD: what was said to it is forgotten
    0x80100069: _REMOVED,  # SCARD_W_REMOVED_CARD
    0x8010000F: _MUTE,  # SCARD_E_PROTO_MISMATCH: neither T=0 nor T=1
    0x80100015: _MUTE,  # SCARD_E_INVALID_ATR
    0x8010002F: _MUTE,  # SCARD_E_COMM_DATA_LOST
    0x80100065: _MUTE,  # SCARD_W_UNSUPPORTED_CARD
    0x80100066: _MUTE,  # SCARD_W_UNRESPONSIVE_CARD
    0x80100067: _MUTE,  # SCARD_W_UNPOWERED_CARD: it did not come up
    0x8010000B: _SHARED,  # SCARD_E_SHARING_VIOLATION
    0x80100027: _FORBIDDEN,  # SCARD_E_NO_ACCESS: not of pcsc-lite's own, up to 2.5
    0x8010006A: _FORBIDDEN,  # SCARD_W_SECURITY_VIOLATION
}

_MAY_REFUSE: Final = frozenset({"SCardEstablishContext", "SCardConnect"})
"""polkit is asked there and nowhere else (pcsc-lite 2.5, `IsClientAuthorized`)."""


def may_be_a_reset(error: PcscError) -> bool:
    """It reads as a refusal, and may as well be a pcscd that dies: ask again.

    libpcsclite gives 8010006A for every line that is reset while it reads (1.9.9 and later, winscard_msg.c,
    `MessageReceive`), which is how pcscd refuses a client and how the kernel ends a killed one's lines.
    """
    return error.call in _MAY_REFUSE and MEANINGS.get(error.hresult) is _FORBIDDEN


def explain(error: PcscError, *, believed: bool = True) -> ChannelError:
    """The same in a reader's words. What the table does not know is the reader's fault, not the card's.

    `believed`: a refusal is one, and not the end of pcscd. One of a call that cannot be refused never is.
    """
    meaning = MEANINGS.get(error.hresult, Meaning(ReaderLostError, "the reader failed: plug it in anew"))
    if meaning is _FORBIDDEN and not (believed and error.call in _MAY_REFUSE):
        meaning = _LINE_BROKE
    return meaning.error(f"{meaning.says} ({error})")
