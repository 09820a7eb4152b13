"""The gateway's two lines to the outside, as settings describe them: e-port and the card host."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from certs.identity import Identity
from certs.tls import client_context, server_context
from gateway.bills.deliveries import Eport
from gateway.eport.client import EportClient, EportTimers
from gateway.eport.codec import XML, Codec
from gateway.funds.interface import Funds
from gateway.funds.iso8583 import CardHost, CardHostTimers
from gateway.settings import CardHostSection, GatewaySettings, TimersSection


@dataclass(frozen=True)
class Outside:
    """What the gateway speaks to. A test may put its own behind the same ports."""

    eport: Eport
    codec: Codec
    funds: Funds


@dataclass(frozen=True)
class Contexts:
    """TLS towards each side; made before anything is opened, since a certificate may be unusable."""

    eport: ssl.SSLContext
    card_host: ssl.SSLContext | None
    listener: ssl.SSLContext | None

    @classmethod
    def of(cls, settings: GatewaySettings, now: Callable[[], datetime]) -> "Contexts":
        """Raises CertError, which says what is wrong with which file."""
        eport, card_host, own = settings.eport, settings.card_host, settings.gateway
        listener = None
        if own.listen is not None and own.cert is not None and own.key is not None:
            listener = server_context(Identity.load(own.cert, own.key, now=now), own.terminal_ca)
        return cls(
            eport=client_context(eport.ca, Identity.load(eport.client_cert, eport.client_key, now=now)),
            card_host=_card_host_context(card_host, now),
            listener=listener,
        )


@asynccontextmanager
async def connect(
    settings: GatewaySettings,
    contexts: Contexts,
    *,
    time_zone: ZoneInfo,
    now: Callable[[], datetime],
    random: Random,
) -> AsyncIterator[Outside]:
    """Both lines, until the end of the block."""
    async with AsyncExitStack() as stack:
        eport = EportClient(settings.eport.url, contexts.eport, _eport_timers(settings.timers), codec=XML)
        stack.push_async_callback(eport.close)
        card_host = CardHost(
            settings.card_host.address,
            acquirer=settings.card_host.acquirer,
            merchant=settings.card_host.merchant,
            time_zone=time_zone,
            timers=_card_host_timers(settings.timers),
            ssl_context=contexts.card_host,
            now=now,
            random=random,
        )
        stack.push_async_callback(card_host.close)
        await card_host.start()
        yield Outside(eport, XML, card_host)


def _card_host_context(section: CardHostSection, now: Callable[[], datetime]) -> ssl.SSLContext | None:
    if not section.tls or section.ca is None:
        return None
    identity = None
    if section.client_cert is not None and section.client_key is not None:
        identity = Identity.load(section.client_cert, section.client_key, now=now)
    return client_context(section.ca, identity)


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
