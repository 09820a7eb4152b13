"""The transfers platform on its wire: HTTPS, the five messages of PROTOCOLS §3, and its own clock of deadlines."""

import asyncio
import logging
import ssl
from dataclasses import asdict, replace
from functools import partial
from typing import Final

from aiohttp import web

from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Occasion, Position
from gateway.sandbox.ledger import Seen
from gateway.sandbox.platform.book import PlatformBook
from gateway.sandbox.platform.clearing import Clearing
from gateway.sandbox.platform.courier import Courier
from gateway.sandbox.platform.desk import PATH, Desk, Opened
from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken
from gateway.sandbox.platform.settings import SERVED
from gateway.sandbox.platform.step_faults import spoil
from gateway.sandbox.platform.waiting import Deadlines

_log = logging.getLogger(__name__)

_GOES_ON: Final = frozenset({FaultName.DELAY, FaultName.DUPLICATE})
_CLOSING_SECONDS: Final = 0.5


class PlatformServer:
    """Takes messages, gives each its effect in one transaction, and sees that what follows leaves in time."""

    def __init__(  # noqa: PLR0913 - the parts that `running` joins
        self,
        book: PlatformBook,
        clearing: Clearing,
        desk: Desk,
        *,
        courier: Courier,
        deadlines: Deadlines,
        plan: FaultPlan,
    ) -> None:
        self._book = book
        self._clearing = clearing
        self._desk = desk
        self._courier = courier
        self._deadlines = deadlines
        self._plan = plan
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext) -> int:
        """Listen; port 0 takes a free one. Returns the port."""
        application = web.Application()
        for kind in SERVED:
            application.router.add_post(f"{PATH}/{kind}", partial(self._post, kind))
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

    async def _post(self, kind: str, http: web.Request) -> web.StreamResponse:
        try:
            opened = await self._desk.open(http, kind)
        except TransferRuleBroken as broken:
            return self._shut_out(kind, broken)
        step = self._clearing.step_of(opened)
        fault = self._plan.choose(self._occasion(opened, step))
        if fault is None:
            return self._answer(opened, step)
        return await self._post_under(fault, opened, step, http)

    async def _post_under(
        self, fault: Fault, opened: Opened, step: str, http: web.Request
    ) -> web.StreamResponse:
        if fault.position is Position.AFTER:
            answer = self._answer(opened, step, fault)
            return answer if answer.status != 200 else await spoil(fault, http, self._plan, self._stopping)
        if fault.name is FaultName.REFUSE:
            return self._refuse(opened, step, TransferRuleBroken(TransferRule.FIELD, "on purpose"), fault)
        if fault.name not in _GOES_ON:
            self._record(_seen(opened, step, "no effect", fault))
            return await spoil(fault, http, self._plan, self._stopping)
        if fault.name is FaultName.DELAY:
            await asyncio.sleep(self._plan.delay_seconds)
        else:
            self._answer(opened, step, fault)
        return self._answer(opened, step, fault)

    def _answer(self, opened: Opened, step: str, fault: Fault | None = None) -> web.Response:
        try:
            with self._book.ledger.transaction():
                verdict = self._clearing.take(opened)
                self._record(_seen(opened, step, verdict, fault))
        except TransferRuleBroken as broken:
            return self._refuse(opened, step, broken, fault)
        self._follow_up()
        return web.Response()

    def _shut_out(self, kind: str, broken: TransferRuleBroken) -> web.Response:
        with self._book.ledger.transaction():
            self._record(_broken(kind, broken))
            if broken.sender is not None:
                self._clearing.end_by_invalid(kind, broken.sender, broken.end_to_end_id or "")
        self._follow_up()
        return self._desk.refusal(broken)

    def _refuse(
        self, opened: Opened, step: str, broken: TransferRuleBroken, fault: Fault | None
    ) -> web.Response:
        with self._book.ledger.transaction():
            if broken.rule is TransferRule.FIELD:
                self._clearing.end_by_invalid(
                    opened.seen.kind, opened.sender.bank_id, opened.seen.end_to_end_id
                )
            seen = _seen(opened, step, f"http {broken.rule.status}", fault)
            self._record(
                replace(seen, rule=broken.rule.name.lower(), place=broken.where, says=broken.rule.says)
            )
        self._follow_up()
        return self._desk.refusal(broken, opened.seen.msg_id)

    def _follow_up(self) -> None:
        self._courier.wake()
        self._deadlines.wake()

    def _occasion(self, opened: Opened, step: str) -> Occasion:
        return Occasion(
            wire="platform",
            operation=step,
            identifier=opened.seen.end_to_end_id,
            attempt=self._book.ledger.seen_before(step, opened.seen.end_to_end_id) + 1,
            terminal=opened.sender.bank_id,
        )

    def _record(self, seen: Seen) -> None:
        self._book.ledger.record(seen)
        level = logging.WARNING if seen.place else logging.INFO
        _log.log(level, "sandbox.platform.request", extra=asdict(seen))


def _broken(kind: str, broken: TransferRuleBroken) -> Seen:
    rule = broken.rule
    return Seen(kind, f"http {rule.status}", rule=rule.name.lower(), place=broken.where, says=rule.says)


def _seen(opened: Opened, step: str, verdict: str, fault: Fault | None) -> Seen:
    return Seen(
        step,
        verdict,
        identifier=opened.seen.end_to_end_id,
        terminal=opened.sender.bank_id,
        fault=None if fault is None else str(fault),
    )
