"""This node's certificates as `tolem doctor` and `tolem certs` see them, without a process that runs."""

import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from agent.readiness import Finding, Level
from agent.settings import Settings
from certs.causes import Cause
from certs.clock import clock_fault
from certs.errors import CertError
from certs.handshake import Examined, examine
from certs.pair import Pair
from certs.presented import Presented
from certs.standing import authorities_of, standing_of
from gateway.certificates.expiry_alarms import THRESHOLDS
from gateway.certificates.files import eport_pair
from gateway.settings import EportSection

_HTTPS_PORT: Final = 443


@dataclass(frozen=True)
class Own:
    """`part` is the key of the settings. `renews`: it is renewed by itself, so that its last weeks are usual."""

    part: str
    pair: Pair
    ca: Path | None
    crl: Path | None = None
    renews: bool = False


def own_certificates(settings: Settings) -> Iterator[Own]:
    """Every pair that the settings name."""
    agent, gateway, host = settings.agent, settings.gateway, settings.card_host
    if agent.cert is not None and agent.key is not None:
        yield Own("agent.cert", Pair(agent.cert, agent.key), agent.ca, renews=True)
    if gateway.cert is not None and gateway.key is not None:
        yield Own("gateway.cert", Pair(gateway.cert, gateway.key), None)
    if settings.eport is not None:
        eport = settings.eport
        yield Own("eport.client_cert", eport_pair(eport), eport.ca, eport.crl)
    if host is not None and host.client_cert is not None and host.client_key is not None:
        yield Own("card_host.client_cert", Pair(host.client_cert, host.client_key), host.ca)
    central = settings.central
    if central is not None and central.client_cert is not None and central.client_key is not None:
        yield Own("central.client_cert", Pair(central.client_cert, central.client_key), central.ca)


def examine_files(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    """One finding for each pair: what is wrong by its name, or the days left."""
    for own in own_certificates(settings):
        try:
            yield _finding(own, now)
        except CertError as error:
            yield Finding(own.part, Level.OBSTACLE, "certificate.unusable", str(error))


async def examine_eport(settings: Settings, *, now: datetime) -> AsyncIterator[Finding]:
    """A handshake with e-port: what each side thinks of the other's certificate."""
    section = settings.eport
    if section is None:
        return
    try:
        found = await shake_hands(section, seconds=settings.timers.eport_connect_seconds)
    except CertError:  # `examine_files` says what is wrong with the file
        return
    if found.fault is not None:
        cause = found.fault.cause
        if cause is Cause.EXPIRED and clock_fault(now, authorities=authorities_of(section.ca)) is not None:
            cause = Cause.CLOCK_BROKEN
        whose = "our certificate" if found.fault.ours else "e-port's certificate"
        code = f"certificate.{cause.value}"
        yield Finding("eport", Level.OBSTACLE, code, f"{whose}: {found.fault.detail}")
    elif found.dropped:
        yield Finding("eport", Level.WARNING, "eport.unreachable", found.dropped)
    else:
        yield Finding("eport", Level.READY, "eport.shakes_hands", f"{found.version}, {found.their_name}")


async def shake_hands(
    section: EportSection, *, seconds: float, context: ssl.SSLContext | None = None
) -> Examined:
    """With the pair in use, or another. Raises CertError for a file of ours that cannot be used."""
    parts = urlsplit(section.url)
    context = context or Presented(eport_pair(section), section.ca, section.crl).context
    port = parts.port or _HTTPS_PORT
    return await examine(parts.hostname or "", port, context, timeout_seconds=seconds)


def _finding(own: Own, now: datetime) -> Finding:
    identity = own.pair.identity()
    standing = standing_of(identity, now=now, ca=own.ca, crl=own.crl)
    if standing.cause is not None:
        return Finding(own.part, Level.OBSTACLE, f"certificate.{standing.cause.value}", standing.detail)
    life = identity.not_after - identity.not_before
    soon = life.days // 4 if own.renews else max(THRESHOLDS)
    level = Level.WARNING if standing.days_left <= soon else Level.READY
    code = "certificate.ends_soon" if level is Level.WARNING else "certificate.valid"
    return Finding(own.part, level, code, standing.detail)
