"""The line to the transfers platform: one attempt with a signed message, and the HTTP status that it got.

Every attempt has a connection of its own: a kept-alive one that died would look like a silent platform, and
aiohttp repeats a request on it by itself (PROTOCOLS §1).
"""

import asyncio
import logging
import math
import ssl
from collections.abc import Callable
from typing import Final, Protocol

import aiohttp

from gateway.iso20022.envelope import HEADER

_log = logging.getLogger(__name__)

PATH: Final = "/v1/transfers/iso20022"
MEDIA_TYPE: Final = "application/xml"
_NO_ANSWER: Final = (aiohttp.ClientError, TimeoutError, OSError)


class Platform(Protocol):
    async def post(self, kind: str, end_to_end_id: str, body: bytes) -> int | None:
        """The status of the answer; None: there was none."""


class PlatformLine:
    """Made inside a running loop; `close` it there. `tls` is asked for each attempt."""

    def __init__(
        self,
        url: str,
        tls: Callable[[], ssl.SSLContext],
        *,
        connect_seconds: float,
        response_seconds: float,
    ) -> None:
        self._tls = tls
        self._url = url.rstrip("/")
        self._seconds = connect_seconds + response_seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=aiohttp.ClientTimeout(connect=connect_seconds, ceil_threshold=math.inf),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "tolem"},
        )

    async def post(self, kind: str, end_to_end_id: str, body: bytes) -> int | None:
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._session.post(
                    f"{self._url}{PATH}/{kind}",
                    data=body,
                    headers={HEADER: end_to_end_id, "Content-Type": MEDIA_TYPE},
                    allow_redirects=False,
                    ssl=self._tls(),
                ) as answer,
            ):
                return answer.status
        except _NO_ANSWER as failure:
            why = type(failure).__name__
            _log.warning(
                "platform.unanswered", extra={"kind": kind, "end_to_end_id": end_to_end_id, "why": why}
            )
            return None

    async def close(self) -> None:
        await self._session.close()
