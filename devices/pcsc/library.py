"""pyscard's plain calls in our words: unsigned results that raise, bytes instead of lists of numbers.

A call on the thread of a running loop is a defect of ours and raises: any of them may block for ever.
Which pcscd is meant, libpcsclite reads from PCSCLITE_CSOCK_NAME at the first call of a process.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from devices.errors import UnknownDriverError
from devices.pcsc.apdu import for_t0
from devices.pcsc.hresults import CANCELLED, NO_READERS, SUCCESS, TIMEOUT, UNKNOWN_READER, PcscError

PNP: Final = "\\\\?PnP?\\Notification"  # stands for the list of readers among readers
PLACES: Final = "gcc, libc6-dev, libpcsclite-dev and Python's headers (python3-dev)"

_UNSIGNED: Final = 0xFFFFFFFF
_NO_CHANGE: Final = frozenset({CANCELLED, TIMEOUT, UNKNOWN_READER})  # the next list of readers tells


class MissingLibraryError(UnknownDriverError):
    """pyscard is not installed."""


@dataclass(frozen=True)
class CardHandle:
    """`protocol`: 1 is T=0, 2 is T=1, as negotiated by pcscd."""

    handle: int
    protocol: int


class Library:
    """`scard`: the module `smartcard.scard`. Everything raises PcscError."""

    def __init__(self, scard: Any) -> None:
        self._scard = scard
        self._pci = {
            scard.SCARD_PROTOCOL_T0: scard.SCARD_PCI_T0,
            scard.SCARD_PROTOCOL_T1: scard.SCARD_PCI_T1,
        }

    def establish(self) -> int:
        """A context. It dies with its pcscd, and must be released even then."""
        (context,) = self._call("SCardEstablishContext", self._scard.SCARD_SCOPE_SYSTEM)
        return int(context)

    def release(self, context: int) -> None:
        self._call("SCardReleaseContext", context)

    def readers(self, context: int) -> list[str]:
        try:
            (names,) = self._call("SCardListReaders", context, [])
        except PcscError as error:
            if error.hresult == NO_READERS:
                return []
            raise
        return list(names)

    def changes(self, context: int, known: Mapping[str, int], *, seconds: float) -> dict[str, int]:
        """The states by name as soon as one differs from what is `known`, or after the time, or `cancel`."""
        milliseconds = int(seconds * 1000)
        try:
            (found,) = self._call("SCardGetStatusChange", context, milliseconds, list(known.items()))
        except PcscError as error:
            if error.hresult in _NO_CHANGE:
                return dict(known)
            raise
        return {name: state & ~int(self._scard.SCARD_STATE_CHANGED) for name, state, _ in found}

    def cancel(self, context: int) -> None:
        """End a `changes` that waits in another thread now."""
        self._call("SCardCancel", context)

    def connect(self, context: int, reader: str) -> CardHandle:
        """Power up the card, for us alone."""
        scard = self._scard
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        handle, protocol = self._call("SCardConnect", context, reader, scard.SCARD_SHARE_EXCLUSIVE, protocols)
        return CardHandle(handle, protocol)

    def answer_to_reset(self, card: CardHandle) -> bytes:
        _, _, _, atr = self._call("SCardStatus", card.handle)
        return bytes(atr)

    def transmit(self, card: CardHandle, apdu: bytes) -> bytes:
        """The answer, which may be empty. Of a call that failed, pyscard's answer is nobody's memory."""
        command = for_t0(apdu) if card.protocol == self._scard.SCARD_PROTOCOL_T0 else apdu
        (answer,) = self._call("SCardTransmit", card.handle, self._pci[card.protocol], list(command))
        return bytes(answer)

    def disconnect(self, card: CardHandle) -> None:
        """Power down the card: the next session begins with a cold reset."""
        self._call("SCardDisconnect", card.handle, self._scard.SCARD_UNPOWER_CARD)

    def _call(self, name: str, *arguments: Any) -> list[Any]:
        _refuse_the_loops_thread(name)
        answer = getattr(self._scard, name)(*arguments)
        hresult, *rest = answer if isinstance(answer, list | tuple) else [answer]
        if hresult & _UNSIGNED != SUCCESS:
            raise PcscError(hresult & _UNSIGNED, name)
        return rest


def load() -> Library:
    """Raises MissingLibraryError."""
    try:
        return Library(import_module("smartcard.scard"))
    except ImportError as error:
        raise MissingLibraryError(
            f"driver pcsc needs pyscard, which is built with {PLACES}; "
            f"with these installed the next start of ./tolem builds it ({error.name or error})"
        ) from None


def _refuse_the_loops_thread(name: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise AssertionError(f"{name} blocks, and was called on the loop's thread")
