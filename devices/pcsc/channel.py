"""A reader's slot by PC/SC, as `devices.emv.channel.CardChannel`."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from devices.emv.channel import CardRemovedError, ChannelError, ReaderLostError
from devices.pcsc.library import Library
from devices.pcsc.monitor import Monitor, Seen
from devices.pcsc.names import find, not_found
from devices.pcsc.session import Session
from devices.pcsc.worker import Worker

T = TypeVar("T")

log = logging.getLogger(__name__)


class PcscChannel:
    """`reader`: as pcscd names it; see `names`. Opened by its first call.

    One worker blocks in the card's session. A card that hangs holds it until the card is pulled, since
    nothing calls a command back; the next card finds another worker.
    """

    def __init__(self, reader: str, library: Library) -> None:
        self._reader = reader
        self._library = library
        self._monitor = Monitor(library, on_change=self._note)
        self._worker: Worker | None = None
        self._session = Session(library)

    async def present(self) -> bool:
        return await self._monitor.until(self._card_in)

    async def wait_for_card(self) -> None:
        await self._monitor.until(lambda seen: self._card_in(seen) or None)

    async def wait_for_removal(self) -> None:
        await self._monitor.until(lambda seen: not self._card_in(seen) or None)

    async def wait_for_reader(self) -> None:
        await self._monitor.until(lambda seen: find(self._reader, seen.cards))

    async def power_on(self) -> bytes:
        if not await self.present():
            raise CardRemovedError("no card is in")
        name = await self._monitor.until(self._name)
        return await self._work().run(partial(self._session.power_on, name))

    async def transmit(self, apdu: bytes) -> bytes:
        return await self._work().run(partial(self._session.transmit, apdu))

    async def power_off(self) -> None:
        """Follows a command that hangs as soon as that has ended, and is not waited for then."""
        if self._worker is None:
            return
        hangs = self._worker.busy
        job: Callable[[], None] = self._session.power_off
        if hangs:
            self._worker.submit(job)
        else:
            await self._worker.run(job)

    async def close(self) -> None:
        self._give_up_worker()
        await self._monitor.close()

    def _name(self, seen: Seen) -> str:
        """Raises ReaderLostError, or what else `Seen.lost` says."""
        if seen.lost is not None:
            raise type(seen.lost)(str(seen.lost))
        name = find(self._reader, seen.cards)
        if name is None:
            raise ReaderLostError(not_found(self._reader, seen.cards))
        return name

    def _card_in(self, seen: Seen) -> bool:
        return seen.cards[self._name(seen)]

    def _note(self, before: Seen, now: Seen) -> None:
        """Tell the log of the reader; and do not wait for a worker that still hangs when its card has left."""
        had, has = self._content(before), self._content(now)
        if (had is None) is not (has is None):
            event = "pcsc.reader_lost" if has is None else "pcsc.reader_there"
            log.info(
                event, extra={"reader": self._reader, "readers": sorted(now.cards), "why": str(now.lost)}
            )
        if had and not has and self._worker is not None and self._worker.busy:
            log.warning("pcsc.worker_replaced", extra={"reader": self._reader})
            self._give_up_worker()

    def _content(self, seen: Seen) -> bool | None:
        """Whether a card is in; None if the reader is not there."""
        with suppress(ChannelError):
            return self._card_in(seen)
        return None

    def _work(self) -> Worker:
        if self._worker is None:
            self._worker, self._session = Worker(f"pcsc {self._reader}"), Session(self._library)
        return self._worker

    def _give_up_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.submit(self._session.power_off)
            worker.stop()
