"""e-port on its wire: HTTPS with the bank's personal certificate (PROTOCOLS §2.1).

Every request gets a line in the ledger, and what it did is committed there before its answer leaves.
`POST /registry` is `registry_desk`, `GET /daily/{day}` is `eport_daily` (PROTOCOLS §2.5).
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from hashlib import sha256
from typing import Final

from aiohttp import hdrs, web

from certs.tls import peer_common_name
from gateway.sandbox.eport_answers import build_refusal
from gateway.sandbox.eport_book import EportBook
from gateway.sandbox.eport_daily import DailyDesk
from gateway.sandbox.eport_days import Days
from gateway.sandbox.eport_faults import XML, Exchange, spoil
from gateway.sandbox.eport_fields import ELEMENTS
from gateway.sandbox.eport_requests import (
    BODY_LARGEST,
    AccountRequest,
    EportRequest,
    PaymentRequest,
    TxnRequest,
    account_of,
    parse,
)
from gateway.sandbox.eport_rules import EportRule, RuleBroken
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Occasion, Position
from gateway.sandbox.ledger import Seen
from gateway.sandbox.provider import Judged, Provider
from gateway.sandbox.registry_desk import RegistryDesk

_log = logging.getLogger(__name__)

_MEDIA_TYPE: Final = re.compile(r'application/xml\s*;\s*charset="?utf-8"?\s*', re.IGNORECASE)
_GOES_ON: Final = frozenset(
    {FaultName.DELAY, FaultName.DUPLICATE}
)  # before: the request is taken all the same
_CLOSING_SECONDS: Final = 0.5


class EportServer:
    """`points` says which common names speak for a point. The plan may be changed while it runs."""

    def __init__(
        self,
        book: EportBook,
        days: Days,
        provider: Provider,
        plan: FaultPlan,
        points: Mapping[str, frozenset[str]],
    ) -> None:
        self._book = book
        self._days = days
        self._provider = provider
        self._plan = plan
        self._points = points
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext) -> int:
        """Listen; port 0 takes a free one. Returns the port."""
        application = web.Application()
        for operation in ELEMENTS:
            application.router.add_post(f"/{operation}", partial(self._post, operation))
        registry = RegistryDesk(
            "eport", "TECH", self._book.registries, self._plan, self._points, self._stopping
        )
        daily = DailyDesk(self._days, self._book.ledger, self._plan, self._points, self._stopping)
        application.router.add_post("/registry", registry.post)
        application.router.add_get("/daily/{day}", daily.get, allow_head=False)
        application.router.add_route("*", "/{elsewhere:.*}", self._elsewhere)
        # A body is kept as it came: unpacking would change the bytes that a repeat is compared by.
        self._runner = web.AppRunner(
            application, access_log=None, auto_decompress=False, shutdown_timeout=_CLOSING_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, ssl_context=tls).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _post(self, operation: str, http: web.Request) -> web.StreamResponse:
        try:
            body = await _read(http)
            request = parse(body, operation)
            self._check_point(http, request)
        except RuleBroken as broken:
            self._record(_broken(operation, broken))
            return web.Response(status=broken.rule.status, body=build_refusal(broken), content_type=XML)
        fault = self._plan.choose(self._occasion(request))
        if fault is not None:
            return await self._post_under(fault, request, body, http)
        return _xml(self._take(request, body).body)

    async def _post_under(
        self, fault: Fault, request: EportRequest, body: bytes, http: web.Request
    ) -> web.StreamResponse:
        exchange = Exchange(http, b"", self._plan, self._stopping)
        if fault.position is Position.AFTER:
            judged = self._take(request, body, fault)
            return await spoil(fault, replace(exchange, answer=judged.body))
        if fault.name is FaultName.REFUSE and not isinstance(request, TxnRequest):
            return _xml(self._take(request, body, fault, refuse=True).body)
        if fault.name not in _GOES_ON:
            self._record(_seen(request, "no effect", fault))
            return await spoil(fault, exchange)
        if fault.name is FaultName.DELAY:
            await asyncio.sleep(self._plan.delay_seconds)
        else:
            self._take(request, body, fault)
        return _xml(self._take(request, body, fault).body)

    def _take(
        self, request: EportRequest, body: bytes, fault: Fault | None = None, *, refuse: bool = False
    ) -> Judged:
        with self._book.ledger.transaction():
            judged = self._provider.answer(request, sha256(body).digest(), refuse=refuse)
            verdict = f"result {judged.reply.result}, {'final' if judged.reply.final else 'not final'}"
            seen = _seen(request, verdict, fault)
            if judged.wrong is not None:
                seen = replace(seen, place=judged.wrong.place, says=judged.wrong.says)
            self._record(seen)
        return judged

    def _check_point(self, http: web.Request, request: EportRequest) -> None:
        if peer_common_name(http.transport) not in self._points.get(request.point, frozenset()):
            raise RuleBroken(EportRule.POINT, "request/@point")

    def _occasion(self, request: EportRequest) -> Occasion:
        account = (
            account_of(request.requisites) if isinstance(request, AccountRequest | PaymentRequest) else None
        )
        return Occasion(
            wire="eport",
            operation=request.operation,
            identifier=request.txn_id,
            attempt=self._book.ledger.seen_before(request.operation, request.txn_id) + 1,
            terminal=request.terminal,
            account=account,
        )

    async def _elsewhere(self, http: web.Request) -> web.Response:
        posted = [f"/{operation}" for operation in (*ELEMENTS, "registry")]
        status = 405 if http.path in posted or http.path.startswith("/daily/") else 404
        says = f"only POST {', '.join(posted)} and GET /daily/{{day}} are served"
        self._record(Seen("unknown", f"http {status}", rule="address", place="the request line", says=says))
        return web.Response(status=status, text=says)

    def _record(self, seen: Seen) -> None:
        self._book.ledger.record(seen)
        level = logging.WARNING if seen.place else logging.INFO
        _log.log(level, "sandbox.eport.request", extra=asdict(seen))


async def _read(http: web.Request) -> bytes:
    body = bytearray()
    async for chunk in http.content.iter_any():
        body += chunk
        if len(body) > BODY_LARGEST:
            raise RuleBroken(EportRule.TOO_LARGE, "the body")
    if not _MEDIA_TYPE.fullmatch(http.headers.get(hdrs.CONTENT_TYPE, "")):
        raise RuleBroken(EportRule.MEDIA_TYPE, "Content-Type")
    return bytes(body)


def _broken(operation: str, broken: RuleBroken) -> Seen:
    return Seen(
        operation,
        f"http {broken.rule.status}",
        rule=broken.rule.name.lower(),
        place=broken.where,
        says=broken.rule.says,
    )


def _seen(request: EportRequest, verdict: str, fault: Fault | None) -> Seen:
    return Seen(
        request.operation,
        verdict,
        identifier=request.txn_id,
        terminal=request.terminal,
        fault=None if fault is None else str(fault),
    )


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=XML, charset="utf-8")
