"""One card's session with pcscd. Every method blocks, so all of them are for one worker thread."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from devices.emv.channel import CardRemovedError
from devices.pcsc.hresults import REFUSALS_THAT_COUNT, PcscError, explain, may_be_a_reset
from devices.pcsc.library import CardHandle, Library

_SHORTEST_ANSWER: Final = 2  # bytes: SW1 and SW2
_ASK_AGAIN_SECONDS: Final = 0.1


class Session:
    """Raises what `devices.emv.channel` lists. Its context lives no longer than the card is powered: that
    of a pcscd which has died meanwhile would be good for nothing. `sleep`: blocks for so many seconds.
    """

    def __init__(self, library: Library, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._library = library
        self._sleep = sleep
        self._context: int | None = None
        self._card: CardHandle | None = None

    def power_on(self, reader: str) -> bytes:
        """A cold reset; the value is the answer to it. A refusal counts when it has been repeated."""
        for _ in range(REFUSALS_THAT_COUNT - 1):
            try:
                return self._power_on(reader)
            except PcscError as error:
                if not may_be_a_reset(error):
                    raise explain(error) from None
            self._sleep(_ASK_AGAIN_SECONDS)
        try:
            return self._power_on(reader)
        except PcscError as error:
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

    def _power_on(self, reader: str) -> bytes:
        self.power_off()
        try:
            self._context = self._library.establish()
            self._card = self._library.connect(self._context, reader)
            return self._library.answer_to_reset(self._card)
        except PcscError:
            self.power_off()
            raise
