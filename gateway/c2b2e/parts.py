"""What a gateway has of transfers, put together from its settings: nothing here is opened or heard yet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.bills.readiness import ReadinessGate
from gateway.c2b2e.author import Author, Bank
from gateway.c2b2e.credentials import TransferCredentials
from gateway.c2b2e.endpoints import Endpoints
from gateway.c2b2e.funding import Funding
from gateway.c2b2e.moves import Observer, TransferMoves
from gateway.c2b2e.orders import OrderAdmission
from gateway.c2b2e.own_clock import OwnClock
from gateway.c2b2e.payee_steps import PayeeSteps
from gateway.c2b2e.payee_taking import PayeeTaking
from gateway.c2b2e.payer_steps import PayerSteps
from gateway.c2b2e.payer_taking import PayerTaking
from gateway.c2b2e.paying import Paying
from gateway.c2b2e.platform import Platform
from gateway.c2b2e.reception import Reception, Taken, Taking
from gateway.c2b2e.sales import Sale, Sales
from gateway.c2b2e.selling import Selling
from gateway.c2b2e.standing import Standing
from gateway.c2b2e.timing import transfer_timers
from gateway.c2b2e.to_card_host import ToCardHost
from gateway.c2b2e.to_platform import ToPlatform
from gateway.c2b2e.transfer import Role
from gateway.funds.interface import Accounts, Funds
from gateway.iso20022 import admi_009, admi_010, pacs_002, pacs_008
from gateway.settings import GatewaySettings
from gateway.transfer_settings import TransfersSection
from spool import Breakers, Route, Spool, Transaction

AT_ONCE: Final = 64  # messages of the platform that are looked at


@dataclass(frozen=True)
class TransferLines:
    """What transfers speak to. `random_bytes` makes identifiers: a CSPRNG's, except in a simulation."""

    funds: Funds
    accounts: Accounts
    platform: Platform
    credentials: TransferCredentials
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True)
class Transfers:
    """`paying` and `selling` are None for a role that the settings do not give."""

    paying: Paying | None
    selling: Selling | None
    moves: TransferMoves
    routes: Mapping[str, Route]
    application: web.Application  # what the platform calls
    watch: Callable[[], Any]  # a coroutine function, to run beside: what is wrong with revocation lists

    async def recover(self) -> int:
        """As `Paying.recover`; what the payee's bank was doing waits in the spool."""
        return 0 if self.paying is None else await self.paying.recover()

    async def close(self, *, timeout_seconds: float) -> None:
        if self.paying is not None:
            await self.paying.close(timeout_seconds=timeout_seconds)


@dataclass(frozen=True)
class _Ground:
    """What more than one part stands on."""

    spool: Spool
    settings: GatewaySettings
    section: TransfersSection
    lines: TransferLines
    standing: Standing
    author: Author
    time_zone: ZoneInfo
    restored_at: datetime | None


def transfers_of(  # noqa: PLR0913 - everything that transfers are made of
    spool: Spool,
    settings: GatewaySettings,
    lines: TransferLines,
    *,
    gate: ReadinessGate,
    breakers: Breakers,
    time_zone: ZoneInfo,
    restored_at: datetime | None,
    observers: Sequence[Observer] = (),
) -> Transfers | None:
    """None for a gateway without `[transfers]`."""
    section = settings.transfers
    if section is None:
        return None
    author = Author(
        bank=Bank(section.bank_id, section.bic),
        platform_bic=section.platform_bic,
        signer=lines.credentials.signer,
        time_zone=time_zone,
        random_bytes=lines.random_bytes,
        data_type=section.data_type,
        kod=section.payer_kod,
    )
    standing = Standing(gate, breakers)
    ground = _Ground(spool, settings, section, lines, standing, author, time_zone, restored_at)
    return _assemble(ground, observers)


def _assemble(ground: _Ground, observers: Sequence[Observer]) -> Transfers:
    told: list[Observer] = [*observers]
    sold: list[Callable[[Sale], None]] = []
    sales, payer = Sales(sold), _payer_steps(ground)
    payee = _payee_steps(ground, sales)
    moves = TransferMoves({Role.PAYER: payer.effects(), Role.PAYEE: payee.effects()}, told)
    paying = _paying(ground, moves, payer) if ground.section.payer else None
    selling = _selling(ground, sales) if ground.section.merchants else None
    if paying is not None:
        told.append(paying.moved)
    if selling is not None:
        sold.append(selling.moved)
    reception = Reception(
        spool=ground.spool,
        participants=ground.lines.credentials.participants,
        author=ground.author,
        takings=_takings(ground, moves, payee),
    )
    credentials, spool = ground.lines.credentials, ground.spool
    return Transfers(
        paying,
        selling,
        moves,
        _routes(ground, moves, sales),
        Endpoints(reception, at_once=AT_ONCE).application(),
        lambda: credentials.watch(spool),
    )


def _payer_steps(ground: _Ground) -> PayerSteps:
    host = ground.settings.card_host
    return PayerSteps(
        author=ground.author,
        funds=ground.lines.funds,
        timers=transfer_timers(ground.settings.timers),
        acquirer=host.acquirer,
        merchant=host.merchant,
    )


def _payee_steps(ground: _Ground, sales: Sales) -> PayeeSteps:
    return PayeeSteps(
        author=ground.author,
        accounts=ground.lines.accounts,
        sales=sales,
        timers=transfer_timers(ground.settings.timers),
        time_zone=ground.time_zone,
    )


def _paying(ground: _Ground, moves: TransferMoves, steps: PayerSteps) -> Paying:
    lines, settings = ground.lines, ground.settings
    return Paying(
        spool=ground.spool,
        moves=moves,
        steps=steps,
        author=ground.author,
        admission=OrderAdmission(moves=moves, time_zone=ground.time_zone, restored_at=ground.restored_at),
        funding=Funding(
            spool=ground.spool,
            moves=moves,
            author=ground.author,
            funds=lines.funds,
            accounts=lines.accounts,
        ),
        standing=ground.standing,
        hosts=ground.section.hosts,
        details_seconds=settings.timers.details_seconds,
        in_flight_limit=settings.limits.payments_in_flight,
    )


def _selling(ground: _Ground, sales: Sales) -> Selling:
    return Selling(
        spool=ground.spool,
        sales=sales,
        author=ground.author,
        merchant_of=ground.section.merchant_of,
        link_of=ground.section.link_of,
        standing=ground.standing,
        timers=transfer_timers(ground.settings.timers),
        restored_at=ground.restored_at,
    )


def _takings(ground: _Ground, moves: TransferMoves, steps: PayeeSteps) -> Mapping[str, Taking]:
    """What a role receives is served by a gateway that has it; what it once took part in, it hears the end of."""
    section = ground.section
    payer = PayerTaking(moves, fee=section.fee_rule())
    payee = PayeeTaking(moves, steps, bic=section.bic)
    takings: dict[str, Taking] = {}
    if section.payer:
        takings[admi_010.DEFINITION.kind] = payer.details
    if section.merchants:
        takings[admi_009.DEFINITION.kind] = payee.request
        takings[pacs_008.DEFINITION.kind] = payee.order
    return takings | {pacs_002.DEFINITION.kind: _first_to_know(payer.status, payee.status)}


def _first_to_know(*takings: Taking) -> Taking:
    """A status is of whichever role knows its chain; 404 has no effect."""

    def take(tx: Transaction, message: Any) -> Taken:
        for taking in takings:
            taken = taking(tx, message)
            if taken.status is not HTTPStatus.NOT_FOUND:
                break
        return taken

    return take


def _routes(ground: _Ground, moves: TransferMoves, sales: Sales) -> Mapping[str, Route]:
    lines, timers = ground.lines, transfer_timers(ground.settings.timers)
    to_platform = ToPlatform(
        spool=ground.spool,
        moves=moves,
        platform=lines.platform,
        timers=timers,
        signer=ground.author.bank.bic,
    )
    to_card_host = ToCardHost(
        spool=ground.spool,
        moves=moves,
        funds=lines.funds,
        accounts=lines.accounts,
        timers=ground.settings.timers,
        time_zone=ground.time_zone,
    )
    clock = OwnClock(moves=moves, sales=sales, timers=timers)
    return {**to_platform.routes(), **to_card_host.routes(), **clock.routes()}
