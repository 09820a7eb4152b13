"""What `tolem doctor` looks at: all that the readiness gate asks, certificates, and the lists for a person.

A process that runs is asked; what does not run is looked at here (`examination`), and begins nothing by that. `report` is what
the command line, the service page, paper and the support bundle show of it.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from agent import VERSION, owner
from agent.gateway_nearby import connect
from agent.maintenance import State
from agent.own_certificates import examine_eport, examine_files
from agent.readiness import Finding, Level, ask_gateway
from agent.registry_findings import examine_pin, examine_registries, examine_terminals
from agent.settings import Settings
from agent.technician.checked import checked, exit_code, findings, visit
from agent.technician.report import Report, payment_line

Asking = Callable[[Settings], AbstractAsyncContextManager[owner.Call]]
"""How a terminal is asked: by its control socket, or from within its own process."""

_PAYMENTS = 10


async def report(settings: Settings, *, asking: Asking = owner.examined) -> Report:
    """Everything that a technician sees at a glance. Payments by masked data, and no requisite of anybody."""
    found = [Finding("settings", Level.READY, "settings.valid", f"role {settings.role.value}")]
    found += examine_files(settings, now=owner.now())
    found += [one async for one in examine_eport(settings, now=owner.now())]
    found += examine_pin(settings)
    if not settings.role.has_terminal:
        found += await _gateway(settings)
        return _report(settings, found)
    async with asking(settings) as call:
        found += findings([item async for item in call("doctor", {})])
        found += [one async for one in _list_for_a_person("agent", call)]
        found += [one async for one in _registries(settings, call)]
        found += await _gateway_list(settings) if settings.role.has_gateway else []
        [maintenance] = [item async for item in call("maintenance", {})]
        return _report(
            settings,
            found,
            maintenance=State(maintenance["state"]),
            devices=[item async for item in call("devices.list", {})],
            payments=[payment_line(record) async for record in call("journeys.list", {"limit": _PAYMENTS})],
        )


async def _gateway(settings: Settings) -> list[Finding]:
    """Of a node that is nothing else."""
    client = connect(settings, random_bytes=owner.random_bytes)
    try:
        found = await ask_gateway(client)
    finally:
        await client.close()
    return found + await _gateway_list(settings)


def _report(settings: Settings, found: list[Finding], **more: Any) -> Report:
    examined = [checked(one) for one in found]
    who, when = visit(examined)
    return Report(
        node=settings.node.id,
        time_zone=settings.node.time_zone,
        version=VERSION,
        at=owner.now(),
        exit=exit_code(examined),
        who=who,
        when=when,
        findings=examined,
        **more,
    )


async def _gateway_list(settings: Settings) -> list[Finding]:
    try:
        async with owner.gateway_store(settings) as call:
            found = [one async for one in _list_for_a_person("gateway", call)]
        async with owner.registries(settings, of_gateway=True) as call:
            found += [one async for one in _registries(settings, call)]
            return found + [one async for one in examine_terminals(call)]
    except owner.NoStoreError as error:
        if settings.role.has_terminal:  # one that has never been started: it makes its stores then
            return []
        return [Finding("gateway list", Level.WARNING, "gateway_list.no_store", str(error))]


def _registries(settings: Settings, call: owner.Call) -> AsyncIterator[Finding]:
    return examine_registries(call, now=owner.now(), windows=settings.limits.registries_missed)


async def _list_for_a_person(store: str, call: owner.Call) -> AsyncIterator[Finding]:
    async for health in call("health", {}):
        waiting = sum(destination["to_person"] for destination in health["destinations"])
        if waiting:
            told = f"{waiting}; see `tolem spool list --store {store}`"
            yield Finding(f"{store} list", Level.WARNING, f"{store}_list.waits_for_a_person", told)
        else:
            yield Finding(f"{store} list", Level.READY, f"{store}_list.empty")
