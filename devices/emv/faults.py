"""Everything that a card, or the person who holds it, does wrong: one name and one result each."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from devices.emv.apdu import MalformedResponseError
from devices.emv.channel import (
    CardMuteError,
    CardRemovedError,
    ReaderBusyError,
    ReaderForbiddenError,
    ReaderLostError,
)
from devices.emv.tlv import MalformedTlvError
from devices.errors import DeviceError
from devices.interfaces import Completion, Result


class Fault(Enum):
    """XFS4IoT's word where it has one, and what to say about it."""

    NO_MEDIA = "noMedia", "the card was pulled"
    MUTE_CARD = "muteCard", "no answer to reset: the card is upside down, or its chip is dead"
    CARD_BLOCKED = "cardBlocked", "the card or its application is blocked by its issuer"
    NO_APPLICATION = "noApplication", "no application that we serve"
    CARD_EXPIRED = "cardExpired", "the card has expired"
    DECLINED_BY_CARD = "declinedByCard", "the card gave an AAC"
    PROTOCOL_ERROR = "protocolError", "the card does not keep to EMV"

    def __init__(self, word: str, meaning: str) -> None:
        self.word = word
        self.meaning = meaning


class CardFaultError(DeviceError):
    """A card did what `fault` says; `detail` tells where, never a value of the card."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.meaning}: {detail}" if detail else fault.meaning)
        self.fault = fault


class CardSilentError(DeviceError):
    """No answer to a command before the deadline. It cannot be called back: only pulling the card helps."""


class SequenceError(DeviceError):
    """A call out of order: the journey has not waited for a card, or for its application."""


_WORDS: Final[Mapping[type[Exception], tuple[Completion, str]]] = {
    CardRemovedError: (Completion.COMMAND_ERROR, Fault.NO_MEDIA.word),
    CardMuteError: (Completion.COMMAND_ERROR, Fault.MUTE_CARD.word),
    MalformedTlvError: (Completion.COMMAND_ERROR, Fault.PROTOCOL_ERROR.word),
    MalformedResponseError: (Completion.COMMAND_ERROR, Fault.PROTOCOL_ERROR.word),
    CardSilentError: (Completion.HARDWARE_ERROR, "cardSilent"),
    ReaderLostError: (Completion.CONNECTION_LOST, "readerLost"),
    ReaderBusyError: (Completion.DEVICE_NOT_READY, "readerInUse"),
    ReaderForbiddenError: (Completion.DEVICE_NOT_READY, "readerForbidden"),
    SequenceError: (Completion.DEVICE_NOT_READY, "sequenceInvalid"),
}

FAULTS: Final[tuple[type[Exception], ...]] = (CardFaultError, *_WORDS)


def result_of(error: Exception) -> Result[Any]:
    """The result for one of `FAULTS`."""
    if isinstance(error, CardFaultError):
        return Result(Completion.COMMAND_ERROR, error=error.fault.word, detail=str(error))
    completion, word = next(_WORDS[kind] for kind in type(error).__mro__ if kind in _WORDS)
    return Result(completion, error=word, detail=str(error))
