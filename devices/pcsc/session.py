"""One card's session with pcscd. Every method blocks, so all of them are for one worker thread."""

from contextlib import suppress

from devices.emv.channel import CardRemovedError
from devices.pcsc.hresults import PcscError, explain
from devices.pcsc.library import CardHandle, Library

_SHORTEST_ANSWER = 2  # bytes: SW1 and SW2


class Session:
    """Raises what `devices.emv.channel` lists. Its context lives no longer than the card is powered: that
    of a pcscd which has died meanwhile would be good for nothing.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._context: int | None = None
        self._card: CardHandle | None = None

    def power_on(self, reader: str) -> bytes:
        """A cold reset; the value is the answer to it."""
        self.power_off()
        try:
            self._context = self._library.establish()
            self._card = self._library.connect(self._context, reader)
            return self._library.answer_to_reset(self._card)
        except PcscError as error:
            self.power_off()
            raise explain(error) from None

    def transmit(self, apdu: bytes) -> bytes:
        if self._card is None:
            raise CardRemovedError("no card is powered up")
        try:
            answer = self._library.transmit(self._card, apdu)
        except PcscError as error:
            raise explain(error) from None
        if len(answer) < _SHORTEST_ANSWER:
            raise CardRemovedError("no valid answer: the card was pulled")
        return answer

    def power_off(self) -> None:
        """Harmless without a card, and without pcscd."""
        card, self._card = self._card, None
        context, self._context = self._context, None
        with suppress(PcscError):
            if card is not None:
                self._library.disconnect(card)
        with suppress(PcscError):
            if context is not None:
                self._library.release(context)
