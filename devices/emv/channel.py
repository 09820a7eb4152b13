"""Whatever leads to the card: a PC/SC reader, or the slot of a virtual one."""

from typing import Protocol

from devices.errors import DeviceError


class ChannelError(DeviceError):
    """The way to the card failed."""


class CardRemovedError(ChannelError):
    """There is no card, or not any more."""


class CardMuteError(ChannelError):
    """A card is in, and gives no answer to reset, or none that is valid."""


class ReaderLostError(ChannelError):
    """The reader itself is gone: unplugged, or its service has ended."""


class ReaderBusyError(ReaderLostError):
    """Another program holds the reader."""


class ReaderForbiddenError(ReaderLostError):
    """This user may not use the reader."""


class CardChannel(Protocol):
    """One slot. Every call may raise ReaderLostError, and can be cancelled."""

    async def present(self) -> bool:
        """Whether a card is in. Never waits for anything that goes on with the card."""

    async def wait_for_card(self) -> None:
        """Until a card is in, however long that takes."""

    async def wait_for_removal(self) -> None:
        """Until no card is in, however long that takes. Touches nothing, whatever the card is doing."""

    async def wait_for_reader(self) -> None:
        """Until the reader is there again, however long that takes."""

    async def power_on(self) -> bytes:
        """Reset the card. The value is its ATR. Raises CardRemovedError and CardMuteError."""

    async def transmit(self, apdu: bytes) -> bytes:
        """One short APDU, ISO 7816-4 case 1 to 4; the answer with its status bytes. Raises CardRemovedError."""

    async def power_off(self) -> None:
        """Harmless without a card."""

    async def close(self) -> None: ...
