"""Where the platform calls: one address for each kind of message that this gateway receives (PROTOCOLS §3).

An answer 200 is given after the commit of what it acknowledges. Any other path is 404, any other method 405.
"""

import asyncio
import logging
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from gateway.c2b2e.platform import MEDIA_TYPE, PATH
from gateway.c2b2e.reception import Came, Reception
from gateway.iso20022.document import LARGEST_DOCUMENT_BYTES
from gateway.iso20022.envelope import HEADER
from spool import CommitFailed, StoreClosed, StoreOverloaded

_log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS: Final = 1
BODY_SECONDS: Final = 10.0


class Endpoints:
    """`at_once`: how many messages are looked at at the same time; others are told to come again."""

    def __init__(self, reception: Reception, *, at_once: int) -> None:
        self._reception = reception
        self._at_once = at_once
        self._in_flight = 0

    def application(self) -> web.Application:
        app = web.Application()
        for kind in self._reception.kinds:
            app.router.add_post(f"{PATH}/{kind}", partial(self._post, kind))
        return app

    async def _post(self, kind: str, request: web.Request) -> web.Response:
        if self._in_flight >= self._at_once:
            return _come_again(HTTPStatus.TOO_MANY_REQUESTS)
        self._in_flight += 1
        try:
            return await self._receive(kind, request)
        except (CommitFailed, StoreOverloaded, StoreClosed) as error:
            _log.warning("transfer.message_not_stored", extra={"kind": kind, "why": type(error).__name__})
            return _come_again(HTTPStatus.SERVICE_UNAVAILABLE)
        finally:
            self._in_flight -= 1

    async def _receive(self, kind: str, request: web.Request) -> web.Response:
        came = Came(
            kind=kind,
            content_type=request.headers.get(hdrs.CONTENT_TYPE),
            told=request.headers.getall(HEADER, []),
            body=await _body(request),
        )
        answer = await self._reception.receive(came)
        content_type = MEDIA_TYPE if answer.body else None
        return web.Response(status=answer.status, body=answer.body or None, content_type=content_type)


async def _body(request: web.Request) -> bytes:
    """No more of it than shows that it is too large. Who dawdles is 408, and makes room for others."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > LARGEST_DOCUMENT_BYTES:
                    break
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)


def _come_again(status: HTTPStatus) -> web.Response:
    return web.Response(status=status, headers={hdrs.RETRY_AFTER: str(RETRY_AFTER_SECONDS)})
