"""The gateway's two lines to the outside, as settings describe them: e-port and the card host."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from certs.authority import Authority
from certs.handshake import examine
from certs.identity import Identity
from certs.presented import Presented
from certs.tls import client_context, server_context
from gateway.bills.deliveries import Eport
from gateway.certificates.files import eport_pair, terminal_authority
from gateway.certificates.line import LineHealth
from gateway.certificates.watch import Watched
from gateway.eport.client import EportClient, EportTimers
from gateway.eport.codec import XML, Codec
from gateway.eport_trial import Connect
from gateway.funds.interface import Funds
from gateway.funds.iso8583 import CardHost, CardHostTimers
from gateway.registry.exchange import Uplink
from gateway.registry.layout import Kind
from gateway.registry.parts import TO_CENTRAL, TO_EPORT
from gateway.registry.upload import RegistryUpload
from gateway.settings import GatewaySettings, TimersSection

_HTTPS_PORT: Final = 443


@dataclass(frozen=True)
class Outside:
    """What the gateway speaks to. A test may put its own behind the same ports.

    `line` is told what the TLS towards e-port comes to; `eport_as` speaks to it with another certificate,
    `diagnose` asks why a line was dropped, if it was. `uplinks` take registries, by the kind of their entries.
    """

    eport: Eport
    codec: Codec
    funds: Funds
    line: LineHealth | None = None
    eport_as: Connect | None = None
    diagnose: Callable[[], Awaitable[None]] | None = None
    uplinks: Mapping[str, Uplink] = field(default_factory=dict)


@dataclass(frozen=True)
class Contexts:
    """TLS towards each side; made before anything is opened, since a certificate may be unusable."""

    eport: Presented
    card_host: ssl.SSLContext | None
    central: ssl.SSLContext | None
    readers: Mapping[Kind, ssl.SSLContext]  # who fetches registries, by their kind
    listener: ssl.SSLContext | None
    enrolment: ssl.SSLContext | None  # asks nobody for a certificate; one call is heard there
    authority: Authority | None
    watched: tuple[Watched, ...]

    @classmethod
    def of(cls, settings: GatewaySettings) -> "Contexts":
        """Raises CertError, which says what is wrong with which file."""
        eport, host, own = settings.eport, settings.card_host, settings.gateway
        presented = Presented(eport_pair(eport), eport.ca, eport.crl)
        bank = Watched("eport.client_cert", lambda: presented.identity, eport.ca, eport.crl, payments=True)
        watched = [bank]
        listener = enrolment = card_host = central = None
        readers: Mapping[Kind, ssl.SSLContext] = {}
        if (gateway := _own(watched, settings)) is not None:
            listener, enrolment = server_context(gateway, own.terminal_ca), server_context(gateway)
            readers = _readers(settings, gateway)
        if host.tls and host.ca is not None:
            client = None
            if host.client_cert is not None and host.client_key is not None:
                client = _watched(watched, Identity.read(host.client_cert, host.client_key), host.ca)
            card_host = client_context(host.ca, client)
        other = settings.central
        if other is not None and other.client_cert is not None and other.client_key is not None:
            bank_at_central = Identity.read(other.client_cert, other.client_key)
            central = client_context(other.ca, bank_at_central)
            watched.append(Watched("central.client_cert", lambda: bank_at_central, other.ca))
        authority = terminal_authority(own)
        return cls(presented, card_host, central, readers, listener, enrolment, authority, tuple(watched))

    def refuse_expired(self, now: datetime) -> None:
        """Raises CertificateExpiredError at a start; one that ends later stops payments, not the process."""
        for watched in self.watched:
            watched.identity().refuse_expired(now)


def _watched(watched: list[Watched], identity: Identity, ca: Path) -> Identity:
    watched.append(Watched("card_host.client_cert", lambda: identity, ca, payments=True))
    return identity


def _own(watched: list[Watched], settings: GatewaySettings) -> Identity | None:
    """What we show to who calls us; None where our own user's socket is all that is heard."""
    own, receivers = settings.gateway, (settings.eport, settings.central)
    heard = own.listen is not None or any(one is not None and one.serves_registries for one in receivers)
    if not heard or own.cert is None or own.key is None:
        return None
    gateway = Identity.read(own.cert, own.key)
    watched.append(Watched("gateway.cert", lambda: gateway))
    return gateway


def _readers(settings: GatewaySettings, gateway: Identity) -> Mapping[Kind, ssl.SSLContext]:
    """Each at a listener of its own, so that no other receiver's CA can give out its name."""
    eport, central = settings.eport, settings.central
    readers = {}
    if eport.serves_registries:
        readers[Kind.TECH] = server_context(gateway, eport.ca, eport.crl)
    if central is not None and central.serves_registries:
        readers[Kind.BANK] = server_context(gateway, central.ca)
    return readers


async def _uplinks(
    stack: AsyncExitStack, settings: GatewaySettings, contexts: Contexts
) -> Mapping[str, Uplink]:
    """To whoever does not fetch our registries."""
    timers, central, context = settings.timers, settings.central, contexts.central
    places: dict[str, tuple[str, Callable[[], ssl.SSLContext]]] = {}
    if not settings.eport.serves_registries:
        places[TO_EPORT] = (settings.eport.url, lambda: contexts.eport.context)
    if central is not None and central.uploads_to is not None and context is not None:
        places[TO_CENTRAL] = (central.uploads_to, lambda: context)
    uplinks = {}
    for kind, (url, tls) in places.items():
        uplinks[kind] = RegistryUpload(
            url, tls, connect_seconds=timers.eport_connect_seconds, seconds=timers.registry_seconds
        )
        stack.push_async_callback(uplinks[kind].close)
    return uplinks


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
            ssl_context=contexts.card_host,
            now=now,
            random=random,
        )
        stack.push_async_callback(card_host.close)
        await card_host.start()
        uplinks = await _uplinks(stack, settings, contexts)
        yield Outside(eport, XML, card_host, line, eport_as, diagnose, uplinks)


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
