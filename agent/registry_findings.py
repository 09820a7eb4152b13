"""What doctor says of registries, and of whose word a terminal takes for a catalogue.

None of it keeps a terminal from taking money: what is told late is told all the same, and somebody should look.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from agent import owner
from agent.readiness import Finding, Level
from agent.settings import Settings
from gateway.registry.window import EVERY

_NAMED = 5  # terminals in one sentence


async def examine_registries(call: owner.Call, *, now: datetime, windows: int) -> AsyncIterator[Finding]:
    """One finding for each kind that this store makes: is its oldest one waiting for longer than so many windows?"""
    async for kind in call("registry.standing", {}):
        part, oldest, waiting = f"registries {kind['kind']}", kind["oldest_to"], kind["waiting"]
        if oldest is not None and now - datetime.fromisoformat(oldest) > windows * EVERY:
            told = f"{waiting} wait, the oldest since {oldest}; see `tolem registry list`"
            yield Finding(part, Level.WARNING, "registries.not_acknowledged", told)
        else:
            yield Finding(part, Level.READY, "registries.acknowledged", f"{waiting} on their way")


async def examine_terminals(call: owner.Call) -> AsyncIterator[Finding]:
    """Whose registries do not come to this gateway?"""
    silent = [item["terminal"] async for item in call("registry.silent", {})]
    if not silent:
        return
    more = f" and {len(silent) - _NAMED} more" if len(silent) > _NAMED else ""
    told = f"{', '.join(silent[:_NAMED])}{more}"
    yield Finding("terminals", Level.WARNING, "terminals.registry_missing", told)


def examine_pin(settings: Settings) -> Iterator[Finding]:
    """Whoever gets between this terminal and a gateway elsewhere could change what is paid, and to whom."""
    agent = settings.agent
    if settings.role.has_terminal and agent.gateway_url is not None and agent.catalogue_key is None:
        told = "agent.catalogue_key is not set: any catalogue of the gateway is taken, signed or not"
        yield Finding("catalogue", Level.WARNING, "catalogue.not_pinned", told)
