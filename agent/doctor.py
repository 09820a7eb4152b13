"""What `tolem doctor` looks at: all that the readiness gate asks, certificates, and the lists for a person.

A process that runs is asked; what does not run is tried here, for as long as it takes to ask.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from agent import owner
from agent.gateway_nearby import connect
from agent.readiness import Finding, Level, ask_gateway
from agent.settings import Settings
from certs.errors import CertError
from certs.expiry import days_left
from certs.identity import Identity

EXPIRES_SOON_DAYS: Final = 14


async def examine(settings: Settings) -> list[Finding]:
    """One finding for each part, in the order in which a person looks."""
    findings = [Finding("settings", Level.READY, "settings.valid", f"role {settings.role.value}")]
    findings += _certificates(settings, owner.now)
    if settings.role.has_terminal:
        async with owner.terminal(settings) as call:
            findings += [_finding(item) async for item in call("doctor", {})]
            findings += [found async for found in _list_for_a_person("agent", call)]
            if settings.role.has_gateway:
                findings += await _gateway_list(settings)
        return findings
    client = connect(settings, now=owner.now, random_bytes=owner.random_bytes)
    try:
        findings += await ask_gateway(client)
    finally:
        await client.close()
    return findings + await _gateway_list(settings)


async def _gateway_list(settings: Settings) -> list[Finding]:
    try:
        async with owner.gateway_store(settings) as call:
            return [found async for found in _list_for_a_person("gateway", call)]
    except owner.NoStoreError as error:
        return [Finding("gateway list", Level.WARNING, "gateway_list.no_store", str(error))]


async def _list_for_a_person(store: str, call: owner.Call) -> AsyncIterator[Finding]:
    async for health in call("health", {}):
        waiting = sum(destination["to_person"] for destination in health["destinations"])
        if waiting:
            told = f"{waiting}; see `tolem spool list --store {store}`"
            yield Finding(f"{store} list", Level.WARNING, f"{store}_list.waits_for_a_person", told)
        else:
            yield Finding(f"{store} list", Level.READY, f"{store}_list.empty")


def _finding(item: owner.Item) -> Finding:
    return Finding(**{**item, "level": Level(item["level"])})


def _certificates(settings: Settings, now: Callable[[], datetime]) -> Iterator[Finding]:
    for part, certificate, key in _pairs(settings):
        try:
            identity = Identity.load(certificate, key, now=now)
        except CertError as error:
            yield Finding(part, Level.OBSTACLE, "certificate.unusable", str(error))
            continue
        days = days_left(identity.not_after, now=now())
        level = Level.WARNING if days < EXPIRES_SOON_DAYS else Level.READY
        yield Finding(part, level, "certificate.valid", f"{days} days left")


def _pairs(settings: Settings) -> Iterator[tuple[str, Path, Path]]:
    sections = (
        ("agent.cert", settings.agent, "cert", "key"),
        ("gateway.cert", settings.gateway, "cert", "key"),
        ("eport.client_cert", settings.eport, "client_cert", "client_key"),
        ("card_host.client_cert", settings.card_host, "client_cert", "client_key"),
    )
    for part, section, certificate_name, key_name in sections:
        certificate = getattr(section, certificate_name, None)
        if certificate is not None:
            yield part, certificate, getattr(section, key_name)
