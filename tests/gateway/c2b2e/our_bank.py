"""One of our banks on a sandbox platform: its store, its wires, its card host in memory; it can be started again."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import Any, Self
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.bills.numbering import set_floors
from gateway.bills.readiness import ReadinessGate
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.credentials import TransferCredentials
from gateway.c2b2e.moves import Move
from gateway.c2b2e.parts import TransferLines, Transfers, transfers_of
from gateway.c2b2e.platform import PlatformLine
from gateway.c2b2e.transfer import Role, Transfer
from gateway.contract import Money
from gateway.identifiers import new_payment_id
from gateway.migrations import ROOMS
from gateway.sandbox.platform.running import Platform
from gateway.sandbox.platform.settings import Participant
from gateway.sandbox.transfer_books import PAYEE_ENDINGS, PAYER_ENDINGS, BankBooks, OrderRow
from gateway.settings import TimersSection
from gateway.transfer_contract import (
    LinkOffer,
    LinkRefused,
    LinkRequest,
    OrderRequest,
    OrderView,
    SaleRequest,
    SaleView,
)
from gateway.transfer_settings import MerchantSection, TransfersSection
from spool import Breakers, BreakerSettings, Forwarder, Spool
from tests.gateway.c2b2e.card_book import CardBook
from tests.gateway.scripted import CARD, Sections

TERMINAL = "ATM00017"
POS = "POS00001"
SHOP = MerchantSection(name="Дүкен «Ақжол»", bin="990240000010", iban="KZ86125KZT5004100100")

# Gaps are short; what would change an ending if a busy machine were late is long.
TIMERS = TimersSection(
    platform_connect_seconds=5,
    platform_response_seconds=5,
    platform_resend_seconds=(0.02, 0.03, 0.05),
    details_seconds=8,
    order_life_seconds=15,
    unknown_grace_seconds=300,
    payer_question_first_seconds=0.5,
    payer_question_gap_seconds=0.2,
    payer_question_longest_gap_seconds=0.3,
    payee_question_first_seconds=0.5,
    payee_question_gap_seconds=0.2,
    advice_resend_seconds=0.05,
)


@dataclass
class OurBank:
    """`async with bank:` runs it on its store; leaving and entering again is a restart."""

    bank_id: str
    platform: Platform
    folder: Path
    sections: Sections
    now: Callable[[], datetime]
    funds: CardBook = field(default_factory=CardBook)
    moves: list[Move] = field(default_factory=list)
    url: str = ""
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    running: AsyncExitStack | None = None

    @property
    def bic(self) -> str:
        return f"{self.bank_id}AKZKA"

    @classmethod
    def on(
        cls,
        platform: Platform,
        bank_id: str,
        folder: Path,
        sections: Sections,
        now: Callable[[], datetime],
        **timers: Any,
    ) -> Self:
        ca = platform.issuer
        signs = ca.issue(f"{bank_id}AKZKA", server_names=())
        shows = ca.issue("localhost")
        section = TransfersSection(
            platform_url=platform.url.replace("127.0.0.1", "localhost"),
            platform_bic=platform.bic,
            bank_id=bank_id,
            bic=f"{bank_id}AKZKA",
            listen="127.0.0.1:0",
            cert=shows.certificate,
            key=shows.key,
            ca=platform.ca,
            sign_cert=signs.certificate,
            sign_key=signs.key,
            sign_ca=platform.ca,
            pins=(platform.pin,),
            link_host="qr.tolem.example",
            merchants={POS: SHOP},
        )
        own = replace(sections, transfers=section, timers=TIMERS.model_copy(update=timers))
        folder.mkdir(exist_ok=True)
        return cls(bank_id, platform, folder, own, now)

    async def __aenter__(self) -> Self:
        self.running = AsyncExitStack()
        await self._start(self.running)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.running is not None
        await self.running.aclose()
        self.running = None

    async def _start(self, stack: AsyncExitStack) -> None:
        section = self.sections.transfers
        assert section is not None
        self.spool = await stack.enter_async_context(
            await Spool.open(
                self.folder / "gateway.db",
                rooms=ROOMS,
                now=self.now,
                random=SystemRandom(),
            )
        )
        await self.spool.write(lambda tx: set_floors(tx, configured=None, restored=None))
        credentials = await asyncio.to_thread(TransferCredentials.load, section, now=self.now)
        line = PlatformLine(section.platform_url, credentials.platform, connect_seconds=5, response_seconds=5)
        stack.push_async_callback(line.close)
        breakers = self.breakers = Breakers(
            self.spool, BreakerSettings(first_probe_seconds=0.3, longest_probe_seconds=0.5)
        )
        gate = ReadinessGate(
            spool=self.spool,
            breakers=breakers,
            funds=self.funds,
            now=self.now,
            free_disk=lambda: 10**12,
            free_disk_needed=1,
            last_change=self.now(),
        )
        found = transfers_of(
            self.spool,
            self.sections,
            TransferLines(self.funds, self.funds, line, credentials, SystemRandom().randbytes),
            gate=gate,
            breakers=breakers,
            time_zone=ZoneInfo("Asia/Almaty"),
            restored_at=None,
            observers=[self._note],
        )
        assert found is not None
        self.parts: Transfers = found
        await self.parts.recover()
        forwarder = Forwarder(self.spool, self.parts.routes, breakers=breakers)
        forwarding = asyncio.create_task(forwarder.run())
        stack.push_async_callback(_cancelled, forwarding)
        stack.push_async_callback(self.parts.close, timeout_seconds=0)
        runner = web.AppRunner(self.parts.application, access_log=None, shutdown_timeout=0.2)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=credentials.listener).start()
        self.url = f"https://localhost:{runner.addresses[0][1]}"
        pin = credentials.signer.fingerprint
        self.platform.join(Participant(self.bank_id, self.bic, self.url, frozenset({pin})))

    def _note(self, move: Move) -> None:
        self.moves.append(move)
        self.moved.set()

    async def restart(self) -> None:
        """What is in flight is cut off, what is committed goes on."""
        await self.__aexit__()
        await self.__aenter__()

    async def restart_behind(self, event: str, doing: Coroutine[Any, Any, Any]) -> None:
        """Let somebody do something, and start again behind the commit of this event; or when it is done."""
        known, task = {move.key for move in self.moves}, asyncio.create_task(doing)
        while not task.done() and not any(
            move.event == event and move.key not in known for move in self.moves
        ):
            self.moved.clear()
            waiting = asyncio.create_task(self.moved.wait())
            await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self.restart()

    # as a customer and as a merchant

    async def resolve(self, link: str) -> LinkOffer | LinkRefused:
        assert self.parts.paying is not None
        return await self.parts.paying.resolve_link(TERMINAL, LinkRequest(link=link))

    async def put(
        self, offer: LinkOffer, *, order_id: str | None = None, wait_seconds: float = 0, **other: Any
    ) -> OrderView:
        assert self.parts.paying is not None
        request = OrderRequest(
            offer_id=offer.offer_id,
            **{"amount": offer.amount, "fee": offer.fee, "total": offer.total, **other},
            card=CARD,
        )
        return await self.parts.paying.put_order(
            TERMINAL,
            order_id or self.new_id(),
            request,
            content=request.model_dump_json().encode(),
            wait_seconds=wait_seconds,
        )

    async def pay(self, link: str) -> OrderView:
        """To its outcome, however long it takes."""
        offer = await self.resolve(link)
        assert isinstance(offer, LinkOffer), offer
        return await self.put(offer, wait_seconds=20)

    async def sell(self, amount_minor: int = 150_000, **other: Any) -> SaleView:
        assert self.parts.selling is not None
        request = SaleRequest(amount=Money(amount_minor=amount_minor), **other)
        content = request.model_dump_json().encode()
        return await self.parts.selling.put_sale(POS, self.new_id(), request, content=content)

    async def sale(self, sale_id: str, *, wait_seconds: float = 0) -> SaleView:
        assert self.parts.selling is not None
        return await self.parts.selling.get_sale(POS, sale_id, wait_seconds=wait_seconds)

    async def cancel(self, sale_id: str) -> SaleView:
        selling = self.parts.selling
        assert selling is not None
        return await self.spool.write(lambda tx: selling.cancel_sale(tx, POS, sale_id))

    def new_id(self) -> str:
        return new_payment_id(self.now(), SystemRandom().randbytes)

    # its books

    async def every(self) -> list[Transfer]:
        return await self.spool.read(lambda tx: list(transfers.every(tx)))

    async def only(self) -> Transfer:
        (one,) = await self.every()
        return one

    async def alarms(self) -> set[str]:
        return await self.spool.read(lambda tx: {name for (name,) in tx.execute("SELECT name FROM alarm")})

    async def books(self) -> BankBooks:
        rows = [_row(one) for one in await self.every() if one.tx_id is not None]
        return BankBooks(orders=rows, holds=self.funds.card_rows(), credits=self.funds.credit_rows())

    def saw(self, event: str) -> bool:
        return any(move.event == event for move in self.moves)


def _row(transfer: Transfer) -> OrderRow:
    assert transfer.tx_id is not None
    endings = PAYER_ENDINGS if transfer.role is Role.PAYER else PAYEE_ENDINGS
    ending = endings[transfer.state]
    return OrderRow(
        transfer.tx_id, ending, transfer.sum.minor, transfer.terminal, transfer.rrn, transfer.fee.minor
    )


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
