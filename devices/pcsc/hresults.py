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


class PcscError(Exception):
    """A call of PC/SC came to something else than success. `hresult`: as in pcsclite.h, unsigned."""

    def __init__(self, hresult: int) -> None:
        super().__init__(f"PC/SC {hresult:08X}")
        self.hresult = hresult


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
    0x80100027: _FORBIDDEN,  # SCARD_E_NO_ACCESS
    0x8010006A: _FORBIDDEN,  # SCARD_W_SECURITY_VIOLATION
}


def explain(error: PcscError) -> ChannelError:
    """The same in a reader's words. What the table does not know is the reader's fault, not the card's."""
    meaning = MEANINGS.get(error.hresult, Meaning(ReaderLostError, "the reader failed: plug it in anew"))
    return meaning.error(f"{meaning.says} ({error})")
