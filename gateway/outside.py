"""The gateway's two lines to the outside, as settings describe them: e-port and the card host."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from certs.handshake import examine
from gateway.bills.deliveries import Eport
from gateway.c2b2e.parts import TransferLines
from gateway.c2b2e.platform import PlatformLine
from gateway.certificates.line import LineHealth
from gateway.contexts import Contexts, Tls
from gateway.eport.client import EportClient, EportTimers
from gateway.eport.codec import XML, Codec
from gateway.eport_trial import Connect
from gateway.funds.interface import Funds
from gateway.funds.iso8583 import CardHost, CardHostTimers
from gateway.reconciliation.download import DailyDownload, DailySource
from gateway.registry.exchange import Uplink
from gateway.registry.parts import TO_CENTRAL, TO_EPORT
from gateway.registry.upload import RegistryUpload
from gateway.settings import GatewaySettings, TimersSection

_HTTPS_PORT: Final = 443


@dataclass(frozen=True)
class Outside:
    """What the gateway speaks to. A test may put its own behind the same ports.

    `line` is told what the TLS towards e-port comes to; `eport_as` speaks to it with another certificate,
    `diagnose` asks why a line was dropped, if it was. `uplinks` take registries, by the kind of their entries;
    `daily` gives e-port's of closed days; `transfers` is what a participant of the transfers platform speaks to.
    """

    eport: Eport
    codec: Codec
    funds: Funds
    line: LineHealth | None = None
    eport_as: Connect | None = None
    diagnose: Callable[[], Awaitable[None]] | None = None
    uplinks: Mapping[str, Uplink] = field(default_factory=dict)
    daily: DailySource | None = None
    transfers: TransferLines | None = None


async def _uplinks(
    stack: AsyncExitStack, settings: GatewaySettings, contexts: Contexts
) -> Mapping[str, Uplink]:
    """To whoever does not fetch our registries."""
    timers, central, tls = settings.timers, settings.central, contexts.central
    places: dict[str, tuple[str, Tls]] = {}
    if not settings.eport.serves_registries:
        places[TO_EPORT] = (settings.eport.url, lambda: contexts.eport.context)
    if central is not None and central.uploads_to is not None and tls is not None:
        places[TO_CENTRAL] = (central.uploads_to, tls)
    uplinks = {}
    for kind, (url, context) in places.items():
        uplinks[kind] = RegistryUpload(
            url, context, connect_seconds=timers.eport_connect_seconds, seconds=timers.registry_seconds
        )
        stack.push_async_callback(uplinks[kind].close)
    return uplinks


def _transfer_lines(
    stack: AsyncExitStack, settings: GatewaySettings, contexts: Contexts, host: CardHost, random: Random
) -> TransferLines | None:
    section, credentials, timers = settings.transfers, contexts.transfers, settings.timers
    if section is None or credentials is None:
        return None
    platform = PlatformLine(
        section.platform_url,
        credentials.platform,
        connect_seconds=timers.platform_connect_seconds,
        response_seconds=timers.platform_response_seconds,
    )
    stack.push_async_callback(platform.close)
    return TransferLines(host, host, platform, credentials, random.randbytes)


@asynccontextmanager
async def connect(
    settings: GatewaySettings,
    contexts: Contexts,
    *,
    time_zone: ZoneInfo,
    now: Callable[[], datetime],
    random: Random,
) -> AsyncIterator[Outside]:
    """All lines, until the end of the block. `random` makes identifiers too: a SystemRandom, outside a simulation."""
    url, timers, line = settings.eport.url, _eport_timers(settings.timers), LineHealth(now)

    def eport_as(context: ssl.SSLContext, told: LineHealth) -> EportClient:
        return EportClient(url, context, timers, codec=XML, observe=told)

    async def diagnose() -> None:
        if line.suspect:
            line.suspect = False
            found = await examine(
                *_place(url), contexts.eport.context, timeout_seconds=timers.connect_seconds
            )
            if found.fault is not None:
                line.failed(found.fault)

    async with AsyncExitStack() as stack:
        eport = EportClient(url, lambda: contexts.eport.context, timers, codec=XML, observe=line)
        stack.push_async_callback(eport.close)
        card_host = CardHost(
            settings.card_host.address,
            acquirer=settings.card_host.acquirer,
            merchant=settings.card_host.merchant,
            time_zone=time_zone,
            timers=_card_host_timers(settings.timers),
            tls=contexts.card_host,
            now=now,
            random=random,
        )
        stack.push_async_callback(card_host.close)
        await card_host.start()
        uplinks = await _uplinks(stack, settings, contexts)
        daily = DailyDownload(
            url,
            lambda: contexts.eport.context,
            connect_seconds=settings.timers.eport_connect_seconds,
            seconds=settings.timers.registry_seconds,
        )
        stack.push_async_callback(daily.close)
        transfers = _transfer_lines(stack, settings, contexts, card_host, random)
        yield Outside(eport, XML, card_host, line, eport_as, diagnose, uplinks, daily, transfers)


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _HTTPS_PORT


def _eport_timers(timers: TimersSection) -> EportTimers:
    return EportTimers(
        connect_seconds=timers.eport_connect_seconds,
        check_seconds=timers.check_seconds,
        payment_seconds=timers.payment_seconds,
    )


def _card_host_timers(timers: TimersSection) -> CardHostTimers:
    return CardHostTimers(
        connect_seconds=timers.card_connect_seconds,
        hold_seconds=timers.hold_seconds,
        advice_seconds=timers.advice_seconds,
        echo_seconds=timers.echo_seconds,
    )
