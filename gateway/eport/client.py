"""HTTPS to e-port: one attempt, one outcome (PROTOCOLS §2.1, §2.3, §2.4).

Nothing is repeated here. aiohttp repeats a request on a dropped kept-alive connection for idempotent
methods only, and ours is POST. Whatever goes wrong is UNANSWERED, with its cause in `detail`.
"""

import asyncio
import logging
import math
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

import aiohttp

from certs.causes import TlsFault, tls_fault
from gateway.eport import failures
from gateway.eport.codec import XML, Codec, HttpCall
from gateway.eport.messages import MalformedAnswerError
from gateway.eport.operations import Operation
from gateway.eport.results import judge
from gateway.eport.xml import LARGEST_DOCUMENT_BYTES
from gateway.outcomes import EportOutcome, Verdict

_log = logging.getLogger(__name__)

# Shorter than what servers keep (5 s and up), so that a payment rarely meets a connection that
# e-port is just closing: that attempt would count as unanswered.
_KEEP_ALIVE_SECONDS: Final = 4.0
_LARGEST_CONNECTIONS: Final = 128  # above the spool's 64 in flight, with room for checks

# A repeat of the same bytes cannot help: a person must know at once.
ALARMING_STATUSES: Final = frozenset({400, 403, 413, 415, 422})


@dataclass(frozen=True)
class EportTimers:
    """Connecting, and an attempt in all: a check or status, a payment or cancel."""

    connect_seconds: float = 5.0
    check_seconds: float = 15.0
    payment_seconds: float = 30.0


class TlsObserver(Protocol):
    """Is told what the connection came to, whatever the answer says."""

    def failed(self, fault: TlsFault) -> None: ...

    def answered(self, date: str | None) -> None: ...

    def dropped(self) -> None: ...


class EportClient:
    """One session for all calls. Made inside a running loop; `close` it there.

    `tls` may be a function: it is asked for the context of each call, so that the certificate may change.
    """

    def __init__(  # noqa: PLR0913 - where, as whom, how long, and what of the world is injected
        self,
        base_url: str,
        tls: ssl.SSLContext | Callable[[], ssl.SSLContext],
        timers: EportTimers = EportTimers(),
        *,
        codec: Codec = XML,
        connector: aiohttp.BaseConnector | None = None,
        observe: TlsObserver | None = None,
    ) -> None:
        self.codec = codec
        self._tls: Callable[[], ssl.SSLContext] = tls if callable(tls) else lambda: tls
        self._observe = observe
        self._base_url = base_url.rstrip("/")
        self._seconds = MappingProxyType(
            {
                Operation.ACCOUNT: timers.check_seconds,
                Operation.PAYMENT: timers.payment_seconds,
                Operation.STATUS: timers.check_seconds,
                Operation.CANCEL: timers.payment_seconds,
            }
        )
        self._session = aiohttp.ClientSession(
            connector=connector
            or aiohttp.TCPConnector(limit=_LARGEST_CONNECTIONS, keepalive_timeout=_KEEP_ALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(connect=timers.connect_seconds, ceil_threshold=math.inf),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "tolem"},
        )

    async def send(
        self,
        operation: Operation,
        message: bytes,
        *,
        txn_id: str,
        first_attempt: bool = True,
        cancel_ordered: bool = False,
    ) -> EportOutcome:
        """One attempt with a stored message. Raises nothing but cancellation."""
        try:
            async with asyncio.timeout(self._seconds[operation]):
                status, body = await self._exchange(self.codec.http_call(operation, message))
        except failures.NO_ANSWER as failure:
            self._tell_fault(failure)
            return self._unanswered(operation, txn_id, failures.describe(failure))
        if status != 200:
            return self._unanswered(operation, txn_id, f"HTTP {status}", _alarm_of(status))
        try:
            answer = self.codec.parse_answer(body, operation=operation, txn_id=txn_id)
        except MalformedAnswerError as malformed:
            return self._unanswered(operation, txn_id, f"malformed answer: {malformed}")
        return judge(operation, answer, first_attempt=first_attempt, cancel_ordered=cancel_ordered)

    async def close(self) -> None:
        await self._session.close()

    async def _exchange(self, call: HttpCall) -> tuple[int, bytes]:
        async with self._session.request(
            call.method,
            self._base_url + call.path,
            data=call.body,
            headers={"Content-Type": call.content_type},
            allow_redirects=False,
            ssl=self._tls(),
        ) as response:
            if self._observe is not None:
                self._observe.answered(response.headers.get("Date"))
            return response.status, await _read_capped(response)

    def _tell_fault(self, failure: BaseException) -> None:
        if self._observe is None:
            return
        fault = tls_fault(failure)
        if fault is not None:
            self._observe.failed(fault)
        elif failures.is_drop(failure):
            self._observe.dropped()

    def _unanswered(
        self, operation: Operation, txn_id: str, detail: str, alarm: str | None = None
    ) -> EportOutcome:
        _log.warning(
            "eport.unanswered",
            extra={"operation": operation.value, "txn_id": txn_id, "detail": detail, "alarm": alarm},
        )
        return EportOutcome(Verdict.UNANSWERED, alarm=alarm, detail=detail)


async def _read_capped(response: aiohttp.ClientResponse) -> bytes:
    if response.status != 200:
        return b""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_DOCUMENT_BYTES:
            raise failures.AnswerTooLargeError
    return bytes(body)


def _alarm_of(status: int) -> str | None:
    return f"eport_http_{status}" if status in ALARMING_STATUSES else None
