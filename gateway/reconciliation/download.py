"""`GET {base}/daily/{yyyy-mm-dd}`: one attempt to get a closed day of e-port, piece by piece (PROTOCOLS §2.5)."""

import asyncio
import base64
import binascii
import math
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

import aiohttp

from gateway.eport import failures

Sink = Callable[[bytes], Awaitable[None]]

LARGEST_BYTES: Final = 1024 * 1024 * 1024
_LONGEST_WAIT_SECONDS: Final = 3600
# Nothing that we ask again could help, and settings or certificates on either side could.
ALARMING_STATUSES: Final = frozenset({400, 401, 403, 405})
_DIGEST: Final = re.compile(r"(?:^|,)\s*sha-256=:([0-9A-Za-z+/]+=*):")


@dataclass(frozen=True)
class Received:
    """The whole body went into the sink. `sha256` is what the answer promised, lower-case hex."""

    registry_id: str
    sha256: str


@dataclass(frozen=True)
class NotClosed:
    """e-port's day is open."""

    retry_after_seconds: float | None


@dataclass(frozen=True)
class Unanswered:
    """What came, if anything did, is no registry. `alarm` says why a person must know."""

    why: str
    alarm: str | None = None


Answer = Received | NotClosed | Unanswered


class DailySource(Protocol):
    async def fetch(self, day: date, sink: Sink) -> Answer:
        """Raises nothing of its own; what the sink raises comes out."""


class DailyDownload:
    """From e-port, with the bank's certificate. Made inside a running loop; `close` it there."""

    def __init__(
        self, base_url: str, tls: Callable[[], ssl.SSLContext], *, connect_seconds: float, seconds: float
    ) -> None:
        """`tls` is asked for each attempt. `seconds` is for an attempt in all, the body included."""
        self._url = f"{base_url.rstrip('/')}/daily"
        self._seconds = seconds
        self._tls = tls
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),  # one a day
            timeout=aiohttp.ClientTimeout(connect=connect_seconds, ceil_threshold=math.inf),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "tolem"},
        )

    async def fetch(self, day: date, sink: Sink) -> Answer:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._attempt(day, sink)
        except failures.NO_ANSWER as failure:
            return Unanswered(failures.describe(failure))

    async def close(self) -> None:
        await self._session.close()

    async def _attempt(self, day: date, sink: Sink) -> Answer:
        url = f"{self._url}/{day.isoformat()}"
        async with self._session.get(url, allow_redirects=False, ssl=self._tls()) as response:
            if response.status == 404:
                return NotClosed(_retry_after(response.headers.get("Retry-After")))
            if response.status != 200:
                alarm = f"daily_http_{response.status}" if response.status in ALARMING_STATUSES else None
                return Unanswered(f"HTTP {response.status}", alarm)
            registry_id = response.headers.get("Registry-Id", "")
            sha256 = digest_of(response.headers.get("Repr-Digest", ""))
            if not registry_id or sha256 is None:
                return Unanswered(
                    "Registry-Id or a SHA-256 in Repr-Digest is missing", "daily_headers_missing"
                )
            length = 0
            async for piece in response.content.iter_any():
                length += len(piece)
                if length > LARGEST_BYTES:
                    raise failures.AnswerTooLargeError
                await sink(piece)
            return Received(registry_id, sha256)


def digest_of(header: str) -> str | None:
    """The SHA-256 of a Repr-Digest (RFC 9530) in hex; None if it has none."""
    found = _DIGEST.search(header)
    try:
        digest = b"" if found is None else base64.b64decode(found[1], validate=True)
    except binascii.Error:
        return None
    return digest.hex() if len(digest) == 32 else None


def _retry_after(header: str | None) -> float | None:
    """Its seconds (RFC 9110 §10.2.3), an hour at most; a date is as good as nothing."""
    if header is None or not (header.isascii() and header.isdecimal()):
        return None
    return float(min(int(header[:9]), _LONGEST_WAIT_SECONDS))
