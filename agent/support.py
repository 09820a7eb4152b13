"""The support bundle of a node: what its processes tell, its settings without secrets, and versions.

For a terminal that runs it is asked; otherwise it is opened for as long as it takes, and has no log to show.
"""

import platform
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version

from agent import VERSION, owner
from agent.doctor import Asking, report
from agent.settings import Settings
from agent.technician.bundle import as_json, bundle, settings_text
from spool import SpoolError

_PACKAGES = ("aiohttp", "apsw", "cryptography", "lxml", "pydantic", "pyserial", "pyscard")


async def support_bundle(settings: Settings, *, asking: Asking = owner.terminal) -> bytes:
    """A zip. Card data, requisites and keys are not in it."""
    at = owner.now()
    files = {
        "settings.json": settings_text(settings),
        "versions.json": as_json(_versions()),
        "report.json": as_json((await report(settings, asking=asking)).as_json()),
    }
    if settings.role.has_terminal:
        async with asking(settings) as call:
            files |= {item["name"]: item["text"] async for item in call("support", {})}
            files["spool/agent.json"] = as_json([item async for item in call("health", {})])
    if settings.role.has_gateway:
        files["spool/gateway.json"] = as_json([item async for item in _health_of_the_gateway(settings)])
    return bundle(files, at=at)


async def _health_of_the_gateway(settings: Settings) -> AsyncIterator[owner.Item]:
    try:
        async with owner.gateway_store(settings) as call:
            async for item in call("health", {}):
                yield item
    except (owner.NoStoreError, SpoolError) as error:
        yield {"not_read": str(error)}


def _versions() -> dict[str, str | None]:
    return {
        "tolem": VERSION,
        "python": platform.python_version(),
        "system": platform.platform(),
        **{name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str | None:
    """None: it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
