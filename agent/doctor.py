"""What `tolem doctor` looks at: all that the readiness gate asks, certificates, and the lists for a person.

A process that runs is asked; what does not run is tried here, for as long as it takes to ask.
"""

from collections.abc import AsyncIterator

from agent import owner
from agent.gateway_nearby import connect
from agent.own_certificates import examine_eport, examine_files
from agent.readiness import Finding, Level, ask_gateway
from agent.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """One finding for each part, in the order in which a person looks."""
    findings = [Finding("settings", Level.READY, "settings.valid", f"role {settings.role.value}")]
    findings += examine_files(settings, now=owner.now())
    findings += [found async for found in examine_eport(settings, now=owner.now())]
    if settings.role.has_terminal:
        async with owner.terminal(settings) as call:
            findings += [_finding(item) async for item in call("doctor", {})]
            findings += [found async for found in _list_for_a_person("agent", call)]
            if settings.role.has_gateway:
                findings += await _gateway_list(settings)
        return findings
    client = connect(settings, random_bytes=owner.random_bytes)
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
