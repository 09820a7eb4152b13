"""A scripted bank of the platform, payer's and payee's: so that one gateway can be driven alone.

It speaks the wire for both roles, keeps its book in memory, and does what its script says at every step.
Its payer has one customer with an endless account; its card host is its own word.

    async with ScriptedBank.open(platform, BankSettings("AAA", "AAAAKZKA")) as bank:
        bank.payee.offer("AAA0001…", amount=150_000)
        order = await bank.payer.pay("BBB0001…")
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import aiohttp
from aiohttp import web
from cryptography import x509

from certs.identity import Identity
from certs.tls import client_context, server_context
from gateway.sandbox.books import CardRow
from gateway.sandbox.platform import messages
from gateway.sandbox.platform.bank_line import BankLine, BankSettings, PlatformPlace, Script
from gateway.sandbox.platform.bank_payee import PayeeSide
from gateway.sandbox.platform.bank_payer import PaidOrder, PayerSide
from gateway.sandbox.platform.desk import PATH, Desk, Opened, Party
from gateway.sandbox.platform.messages import Message
from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken
from gateway.sandbox.platform.running import Platform
from gateway.sandbox.platform.settings import Participant
from gateway.sandbox.platform.signatures import Signer
from gateway.sandbox.transfer_books import BankBooks, CreditRow, OrderRow

TERMINAL: Final = "SCRIPTED"
_STATUS_STEPS: Final = {("PDNG", True): "14", ("ACSC", True): "17", ("ACSC", False): "16"}


def _system_time() -> datetime:
    return datetime.now(UTC)


class _Server:
    """The wire of both sides: checks as PROTOCOLS §3.4 says, then what the script says."""

    def __init__(self, desk: Desk, payer: PayerSide, payee: PayeeSide, script: Script) -> None:
        self._desk = desk
        self._payer = payer
        self._payee = payee
        self._script = script
        self._known: dict[tuple[str, str], bytes] = {}
        self._effects: dict[str, Callable[[Message], None]] = {
            "admi.009.001.02": payee.take_enquiry,
            "admi.010.001.02": payer.take_report,
            "pacs.008.001.11": payee.take_order,
            "pacs.002.001.13": self._take_status,
        }

    def routes(self) -> list[web.RouteDef]:
        return [web.post(f"{PATH}/{kind}", partial(self._post, kind)) for kind in self._effects]

    async def _post(self, kind: str, http: web.Request) -> web.StreamResponse:
        try:
            opened = await self._desk.open(http, kind)
            message = messages.read(opened.seen)
            step = self._step(message)
            if told := self._script.answers.get(step):
                return _instead(told.pop(0), http)
            self._take(opened, message)
            late = self._script.answers_late.get(step)
            return _instead(late.pop(0), http) if late else web.Response()
        except TransferRuleBroken as broken:
            return self._desk.refusal(broken)

    def _take(self, opened: Opened, message: Message) -> None:
        key = (message.kind, message.msg_id)
        if key in self._known:
            if self._known[key] != opened.content:
                raise TransferRuleBroken(TransferRule.REPLAY, "MsgId")
            return
        self._effects[message.kind](message)
        self._known[key] = opened.content

    def _take_status(self, message: Message) -> None:
        side = self._payer if message.end_to_end_id in self._payer.orders else self._payee
        side.take_status(message)

    def _step(self, message: Message) -> str:
        """Which step of the source this is to us."""
        ours = message.end_to_end_id in self._payer.orders
        steps = {"admi.009.001.02": "3", "admi.010.001.02": "5", "pacs.008.001.11": "11"}
        return steps.get(message.kind) or _STATUS_STEPS.get((message.status, ours), "rjct")


def _instead(status: int | None, http: web.Request) -> web.Response:
    if status is None and http.transport is not None:
        http.transport.abort()
    return web.Response(status=status or 500)


@dataclass(frozen=True)
class ScriptedBank:
    """A running bank. `script` may be changed at any time."""

    settings: BankSettings
    script: Script
    payer: PayerSide
    payee: PayeeSide

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        platform: Platform,
        settings: BankSettings,
        *,
        now: Callable[[], datetime] = _system_time,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> AsyncIterator["ScriptedBank"]:
        """Listen on a free port of loopback and join the platform."""
        script, running = Script(), set[asyncio.Task[None]]()
        identity = Identity.load(*platform.issuer.issue(f"{settings.bank_id} server"), now=_system_time)
        signer = Signer(platform.issuer.issue(settings.bic, server_names=()))
        place = PlatformPlace(platform.url, platform.bic, platform.pin)
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(_session(platform, identity, settings))
            line = BankLine(
                settings, place, signer, session=session, script=script, now=now, random_bytes=random_bytes
            )
            payer, payee = PayerSide(line), PayeeSide(line, partial(_start, running))
            trusted = x509.load_pem_x509_certificate(await asyncio.to_thread(platform.ca.read_bytes))
            owner_of = partial(_owner_of, Party(platform.bank_id, platform.bic), platform.pin)
            desk = Desk(settings.bic, signer, trusted, owner_of, now=now)
            application = web.Application()
            application.router.add_routes(_Server(desk, payer, payee, script).routes())
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
            stack.push_async_callback(runner.cleanup)
            stack.push_async_callback(_stop, running)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context(identity)).start()
            url = f"https://localhost:{runner.addresses[0][1]}"
            platform.join(Participant(settings.bank_id, settings.bic, url, frozenset({signer.fingerprint})))
            yield cls(settings, script, payer, payee)

    def books(self) -> BankBooks:
        """Its own word and its card host's, for `compare_transfers`."""
        paid = [order for order in self.payer.orders.values() if order.tx_id]
        taken = self.payee.orders.values()
        return BankBooks(
            orders=[
                *(OrderRow(it.tx_id, _ending(it.state), it.amount, TERMINAL, it.tx_id) for it in paid),
                *(OrderRow(it.tx_id, _ending(it.state), it.amount, TERMINAL, it.tx_id) for it in taken),
            ],
            holds=[_hold(order) for order in paid],
            credits=[
                CreditRow(order.tx_id, TERMINAL, order.amount)
                for order in taken
                for _ in range(order.credits)
            ],
        )


def _ending(state: str) -> str:
    return {"SETTLED": "settled", "REJECTED": "rejected"}.get(state, "open")


def _hold(order: PaidOrder) -> CardRow:
    settled, rejected = order.state == "SETTLED", order.state == "REJECTED"
    return CardRow(
        order.tx_id,
        TERMINAL,
        held=0 if settled or rejected else order.amount,
        captured=order.amount if settled else 0,
        released=order.amount if rejected else 0,
        response_code="00",
    )


def _session(platform: Platform, identity: Identity, settings: BankSettings) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(ssl=client_context(platform.ca, identity), force_close=True)
    timers = settings.timers
    timeout = aiohttp.ClientTimeout(
        total=timers.connect_seconds + timers.response_seconds, sock_connect=timers.connect_seconds
    )
    return aiohttp.ClientSession(connector=connector, timeout=timeout)


def _start(running: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    running.add(task)
    task.add_done_callback(running.discard)


async def _stop(running: set[asyncio.Task[None]]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _owner_of(platform: Party, pin: str, fingerprint: str) -> Party | None:
    return platform if fingerprint == pin else None
