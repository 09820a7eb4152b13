"""Sees readers and cards come and go: one thread on SCardGetStatusChange, for as long as we live.

A pcscd that dies takes all readers along: that is told at once, as if each had been unplugged. It is then
tried again, with a back-off, until it is back. Nothing that goes wrong ends the thread.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final, TypeVar

from devices.emv.channel import ChannelError, ReaderLostError
from devices.pcsc.hresults import REFUSALS_THAT_COUNT, PcscError, explain, may_be_a_reset
from devices.pcsc.library import PNP, Library
from devices.pcsc.worker import Worker

T = TypeVar("T")

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS: Final = 5.0  # for a reader that came between two calls
BACK_OFF_SECONDS: Final = (0.05, 0.1, 0.2, 0.5)
CLOSE_SECONDS: Final = 2.0  # a pcscd that is stopped answers no SCardCancel; we leave the thread behind
_CANCEL_AGAIN_SECONDS: Final = 0.05

_UNKNOWN: Final = 0x0004 | 0x0008  # SCARD_STATE_UNKNOWN, SCARD_STATE_UNAVAILABLE
_PRESENT: Final = 0x0020  # SCARD_STATE_PRESENT


@dataclass(frozen=True)
class Seen:
    """Whether a card is in, by reader; `lost`: why there is no reader at all."""

    cards: Mapping[str, bool] = field(default_factory=dict)
    lost: ChannelError | None = None


class Monitor:
    """`on_change` is called on the loop, with what was seen before and what is seen now."""

    def __init__(
        self,
        library: Library,
        *,
        on_change: Callable[[Seen, Seen], None] = lambda _before, _now: None,
        back_off_seconds: Sequence[float] = BACK_OFF_SECONDS,
    ) -> None:
        self._library = library
        self._on_change = on_change
        self._back_off = back_off_seconds
        self._stopping = Event()
        self._context: int | None = None
        self._told: Seen | None = None  # the thread's
        self._refusals = 0  # in a row; the thread's
        self._seen: Seen | None = None  # the loop's
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = Thread(target=self._run, name="pcsc monitor", daemon=True)

    def start(self) -> None:
        """Harmless when it runs."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._thread.start()

    async def until(self, wanted: Callable[[Seen], T | None]) -> T:
        """What `wanted` makes of what is seen, as soon as that is not None. It may raise."""
        self.start()
        while True:
            changed = self._changed
            if self._stopping.is_set():
                raise ReaderLostError("the reader is closed")
            if self._seen is not None and (found := wanted(self._seen)) is not None:
                return found
            await changed.wait()

    async def close(self) -> None:
        self._stopping.set()
        self._wake()
        if self._loop is None or not self._thread.is_alive():
            return
        ending = Worker("pcsc monitor's end")
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await ending.run(self._end)
        except TimeoutError:
            log.warning("pcsc.monitor_hangs")
        finally:
            ending.stop()

    def _end(self) -> None:
        """A cancel that comes before its wait is lost, so it is said again."""
        while self._thread.is_alive():
            if (context := self._context) is not None:
                with suppress(PcscError):
                    self._library.cancel(context)
            self._thread.join(_CANCEL_AGAIN_SECONDS)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                failures = 0 if self._live() else failures
            except PcscError as error:
                self._tell_loss(error)
            except Exception:
                log.exception("pcsc.monitor_failed")
                self._tell(Seen(lost=ReaderLostError("the monitor of the readers failed; it begins anew")))
            self._stopping.wait(self._back_off[min(failures, len(self._back_off) - 1)])
            failures += 1

    def _live(self) -> bool:
        """One life of pcscd, to its end. Raises PcscError."""
        self._context = context = self._library.establish()
        self._refusals = 0
        try:
            self._watch(context)
        finally:
            self._context = None
            with suppress(PcscError):
                self._library.release(context)
        return True

    def _watch(self, context: int) -> None:
        known = {PNP: 0}
        while not self._stopping.is_set():
            names = self._library.readers(context)
            known = {name: known.get(name, 0) for name in (PNP, *names)}
            if all(known[name] for name in names):
                self._tell(Seen(_cards(known)))
            known = self._library.changes(context, known, seconds=LOOK_AGAIN_SECONDS)

    def _tell_loss(self, error: PcscError) -> None:
        """A pcscd that dies may seem to refuse: believed when repeated. Before that, at the start, nothing is told."""
        self._refusals = self._refusals + 1 if may_be_a_reset(error) else 0
        doubted = 0 < self._refusals < REFUSALS_THAT_COUNT
        if not doubted or self._told is not None:
            self._tell(Seen(lost=explain(error, believed=not doubted)))

    def _tell(self, seen: Seen) -> None:
        if seen == self._told or self._loop is None:
            return
        self._told = seen
        with suppress(RuntimeError):  # the loop has ended; so will we
            self._loop.call_soon_threadsafe(self._hear, seen)

    def _hear(self, seen: Seen) -> None:
        before, self._seen = self._seen or Seen(), seen
        self._wake()
        self._on_change(before, seen)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _cards(states: Mapping[str, int]) -> dict[str, bool]:
    return {
        name: bool(state & _PRESENT) for name, state in states.items() if name != PNP and not state & _UNKNOWN
    }
