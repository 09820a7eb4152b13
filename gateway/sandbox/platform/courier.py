"""Takes the platform's messages to the banks: the same bytes again until they are answered (PROTOCOLS §3.5)."""

import asyncio
import logging
import ssl
from collections.abc import Iterator
from typing import Final

import aiohttp

from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Occasion, Position
from gateway.sandbox.ledger import Seen
from gateway.sandbox.platform.book import PlatformBook, Sent
from gateway.sandbox.platform.clearing import Clearing
from gateway.sandbox.platform.desk import HEADER, PATH
from gateway.sandbox.platform.settings import Timers
from gateway.sandbox.platform.step_faults import Parcel, spoilt
from gateway.sandbox.platform.transfer_states import REFUSED_AT_FIRST_ONLY, TOLD_FOR_EVER, Step

_log = logging.getLogger(__name__)

SILENT: Final = None  # no answer, or one that asks to come again
_COME_AGAIN: Final = frozenset({408, 429})
_SPOILS: Final = frozenset({FaultName.CUT, FaultName.GARBAGE})
_REFUSABLE: Final = frozenset({Step.ENQUIRY, Step.ORDER, Step.PENDING, Step.SETTLED_PAYEE})
_REFUSED: Final = 422


class Courier:
    """One task a message. `wake` after every transaction that may have written some."""

    def __init__(
        self,
        book: PlatformBook,
        clearing: Clearing,
        plan: FaultPlan,
        timers: Timers,
        tls: ssl.SSLContext,
    ) -> None:
        self._book = book
        self._clearing = clearing
        self._plan = plan
        self._timers = timers
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self._running: dict[int, asyncio.Task[None]] = {}

    async def start(self) -> None:
        # A connection for each message: a kept-alive one that died would look like a silent bank.
        connector = aiohttp.TCPConnector(ssl=self._tls, force_close=True)
        timeout = aiohttp.ClientTimeout(
            total=self._timers.connect_seconds + self._timers.response_seconds,
            sock_connect=self._timers.connect_seconds,
        )
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        self.wake()

    async def close(self) -> None:
        for delivery in self._running.values():
            delivery.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def wake(self) -> None:
        """See to everything that is due."""
        for sent in self._book.due():
            if sent.number not in self._running:
                self._running[sent.number] = asyncio.create_task(self._deliver(sent))

    async def _deliver(self, sent: Sent) -> None:
        fate, http = "SILENT", None
        try:
            for attempt, gap in enumerate(self._gaps(sent), start=sent.attempts + 1):
                if not self._clearing.wants(sent):
                    fate = "DROPPED"
                    break
                http = await self._attempt(sent)
                if decided := _fate(sent.step, attempt, http):
                    fate = decided
                    break
                if gap is not None:
                    await asyncio.sleep(gap)
        finally:
            self._running.pop(sent.number, None)
        with self._book.ledger.transaction():
            self._clearing.ended(sent, fate, http)
        _log.info("sandbox.platform.sent", extra={"step": str(sent.step), "fate": fate, "http": http})
        self.wake()

    def _gaps(self, sent: Sent) -> Iterator[float | None]:
        """What to wait for after each attempt; None behind the last one."""
        gaps = self._timers.resend_seconds
        yield from gaps
        gap = gaps[-1]
        while sent.step in TOLD_FOR_EVER:
            gap = min(gap * 2, self._timers.telling_longest_seconds)
            yield gap
        yield None

    async def _attempt(self, sent: Sent) -> int | None:
        fault = self._plan.choose(
            Occasion(
                wire="platform",
                operation=sent.step,
                identifier=sent.letter.end_to_end_id,
                attempt=self._book.ledger.seen_before(sent.step, sent.letter.end_to_end_id) + 1,
                terminal=sent.letter.receiver,
            )
        )
        http = await self._under(fault, sent)
        with self._book.ledger.transaction():
            self._book.count_attempt(sent)
            verdict = "no answer" if http is SILENT else f"answered {http}"
            self._book.ledger.record(
                Seen(
                    sent.step,
                    verdict,
                    identifier=sent.letter.end_to_end_id,
                    terminal=sent.letter.receiver,
                    fault=None if fault is None else str(fault),
                )
            )
        return http

    async def _under(self, fault: Fault | None, sent: Sent) -> int | None:
        parcel = Parcel(sent.body, {HEADER: sent.letter.end_to_end_id, "Content-Type": "application/xml"})
        if fault is None:
            return await self._post(sent, parcel)
        if fault.name is FaultName.DELAY:
            await asyncio.sleep(self._plan.delay_seconds)
            return await self._post(sent, parcel)
        if fault.name is FaultName.DUPLICATE:
            return (await asyncio.gather(self._post(sent, parcel), self._post(sent, parcel)))[0]
        if fault.position is Position.AFTER:
            await self._post(sent, parcel)
            return SILENT
        if fault.name in _SPOILS:
            return await self._post(sent, spoilt(fault, parcel))
        return _REFUSED if fault.name is FaultName.REFUSE and sent.step in _REFUSABLE else SILENT

    async def _post(self, sent: Sent, parcel: Parcel) -> int | None:
        receiver = self._book.participants.get(sent.letter.receiver)
        if receiver is None or receiver.url is None or self._session is None:
            return SILENT
        url = f"{receiver.url.rstrip('/')}{PATH}/{sent.letter.kind}"
        try:
            async with self._session.post(
                url, data=parcel.data, headers=parcel.headers, allow_redirects=False
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return SILENT


def _fate(step: Step, attempt: int, http: int | None) -> str | None:
    """What an answer decides; None: the same bytes go out again."""
    if http is None or http in _COME_AGAIN or http >= 500:
        return None
    if http == 200:
        return "DELIVERED"
    return None if attempt > 1 and step in REFUSED_AT_FIRST_ONLY else "REFUSED"
