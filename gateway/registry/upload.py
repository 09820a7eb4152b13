"""HTTPS to who takes registries, e-port and the bank's central system alike: one attempt, one answer (PROTOCOLS §2.5)."""

import asyncio
import base64
import logging
import math
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Final

import aiohttp

from gateway.eport import failures
from gateway.eport.xml import NotXmlError, children, parse, text_of
from gateway.registry.book import Registry
from gateway.registry.exchange import Acknowledged, Answer, Refused, Unanswered
from gateway.registry.layout import MEDIA_TYPE, Totals, file_name, minor_of

_log = logging.getLogger(__name__)

FINAL_REFUSALS: Final = frozenset({400, 409})
# Nothing that we send again could help, and settings or certificates on either side could.
ALARMING_STATUSES: Final = frozenset({401, 403, 404, 405, 413, 415, 422})
_LARGEST_ANSWER_BYTES: Final = 64 * 1024
_FIELDS: Final = ("registry_id", "count", "sum", "fee", "total", "sha256")


class MalformedAcknowledgementError(ValueError):
    """The answer to a registry is none."""


class RegistryUpload:
    """`POST {base_url}/registry`. Made inside a running loop; `close` it there."""

    def __init__(
        self, base_url: str, tls: Callable[[], ssl.SSLContext], *, connect_seconds: float, seconds: float
    ) -> None:
        """`tls` is asked for each attempt. `seconds` is for an attempt in all, the body included."""
        self._url = f"{base_url.rstrip('/')}/registry"
        self._seconds = seconds
        self._tls = tls
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),  # one each half hour
            timeout=aiohttp.ClientTimeout(connect=connect_seconds, ceil_threshold=math.inf),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "tolem"},
        )

    async def send(self, registry: Registry, content: AsyncIterator[bytes]) -> Answer:
        answer = await self._attempt(registry, content)
        if not isinstance(answer, Acknowledged):
            extra = {"registry": registry.header.registry_id, "why": str(answer)}
            _log.warning("registry.not_taken", extra=extra)
        return answer

    async def close(self) -> None:
        await self._session.close()

    async def _attempt(self, registry: Registry, content: AsyncIterator[bytes]) -> Answer:
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._session.post(
                    self._url,
                    data=content,
                    headers=headers_of(registry),
                    allow_redirects=False,
                    ssl=self._tls(),
                ) as response,
            ):
                said = await _read_capped(response)
        except failures.NO_ANSWER as failure:
            return Unanswered(failures.describe(failure))
        if response.status in FINAL_REFUSALS:
            return Refused(f"HTTP {response.status}")
        if response.status != 200:
            alarm = f"registry_http_{response.status}" if response.status in ALARMING_STATUSES else None
            return Unanswered(f"HTTP {response.status}", spoke=alarm is not None, alarm=alarm)
        try:
            return acknowledgement(said)
        except MalformedAcknowledgementError as malformed:
            return Unanswered(f"malformed answer: {malformed}")


def headers_of(registry: Registry) -> dict[str, str]:
    """Of a sealed registry, sent or served: what it is called, how long it is, and its digest (RFC 9530)."""
    assert registry.seal is not None, "only what was counted is sent"
    digest = base64.b64encode(bytes.fromhex(registry.seal.sha256)).decode()
    return {
        "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
        "Content-Length": str(registry.seal.length),
        "Content-Disposition": f'attachment; filename="{file_name(registry.header)}"',
        "Registry-Id": registry.header.registry_id,
        "Repr-Digest": f"sha-256=:{digest}:",
    }


def acknowledgement(said: bytes) -> Acknowledged:
    """`<response><registry>…</registry></response>`, each element once. Raises MalformedAcknowledgementError."""
    try:
        texts = _texts(said)
    except NotXmlError as fault:
        raise MalformedAcknowledgementError(str(fault)) from None
    if tuple(name for name, _ in texts) != _FIELDS:
        raise MalformedAcknowledgementError(f"<registry> has {', '.join(_FIELDS)}, each once")
    registry_id, count, *sums, sha256 = (text for _, text in texts)
    try:
        return Acknowledged(registry_id, Totals(int(count), *map(minor_of, sums)), sha256)
    except ValueError:
        raise MalformedAcknowledgementError("count or a sum is no number") from None


def _texts(said: bytes) -> list[tuple[str, str]]:
    """The known elements of the one <registry>; unknown ones are ignored."""
    root = parse(said)
    registries = [child for child in children(root) if child.tag == "registry"]
    if root.tag != "response" or len(registries) != 1:
        raise NotXmlError("no <response> with one <registry>")
    return [(child.tag, text_of(child)) for child in children(registries[0]) if child.tag in _FIELDS]


async def _read_capped(response: aiohttp.ClientResponse) -> bytes:
    said = bytearray()
    async for chunk in response.content.iter_any():
        said += chunk
        if len(said) > _LARGEST_ANSWER_BYTES:
            raise failures.AnswerTooLargeError
    return bytes(said)
