"""A terminal that does not run, as `tolem doctor` looks at it: everything is asked, and nothing is begun.

No store is made or written, no life of it counted, no journey taken up, and nothing leaves that waits. Devices
are opened and asked; of this node's own gateway, where that does not run either, the lines are tried.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from agent.catalogue_copy import NotBelievedError, believed
from agent.gateway_nearby import Nearby
from agent.left_card import was_left
from agent.maintenance import State
from agent.migrations import ROOMS
from agent.readiness import Finding, GatewayReadiness, Level, ReadinessGate, questions
from agent.registry import registry_commands
from agent.settings import Settings, gateway_part
from agent.technician.control import device_item, print_report
from agent.terminal_commands import store_commands
from agent.terminal_devices import TerminalDevices, open_devices
from certs.detached import Pins
from gateway.client import Refusal, Unreachable
from gateway.contract import Readiness
from gateway.funds.interface import Funds
from gateway.outside import connect
from spool import Visit
from spool.control import Command

Item = dict[str, Any]
_PROOF_SECONDS: Final = 4.0  # for a line to the card host to come up and be proved
_LOOK_AGAIN_SECONDS: Final = 0.02
_INSTALLED: Final = "SELECT id FROM installation"


@dataclass(frozen=True)
class _Store:
    """`agent.readiness.StoreStanding` of one that nobody owns, or that was never made."""

    path: Path
    disk_full: bool = False
    fault: str | None = None
    sync_is_implausible: bool = False


class _LinesAlone:
    """What this node's own gateway would say of its lines, if it ran."""

    def __init__(self, funds: Funds, now: Callable[[], datetime]) -> None:
        self._funds = funds
        self._now = now

    async def readiness(self) -> Readiness:
        reasons = [] if await self._proved() else ["card_host_unreachable"]
        return Readiness(ready=not reasons, reasons=reasons, time=self._now())

    async def _proved(self) -> bool:
        try:
            async with asyncio.timeout(_PROOF_SECONDS):
                while not self._funds.reachable():  # noqa: ASYNC110 - the line tells nobody
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def examination(
    settings: Settings, *, now: Callable[[], datetime], random: Random
) -> AsyncIterator[Mapping[str, Command]]:
    """What `agent.doctor` asks of a terminal. Raises what a start refuses."""
    path = settings.in_data_dir(settings.agent.store)
    visit = Visit(path, rooms=ROOMS, now=now) if path.exists() else None
    left = False if visit is None else await visit.read(was_left)
    async with AsyncExitStack() as stack:
        nearby = await stack.enter_async_context(Nearby.of(settings, now=now))
        gateway, catalogue = await _gateway(stack, nearby, now=now, random=random)
        devices = await stack.enter_async_context(open_devices(settings, now=now, random=random))
        gate = ReadinessGate(
            questions(
                devices=devices.ports,
                gateway=gateway,
                spool=await _standing(path, visit),
                now=now,
                clock_skew=timedelta(seconds=settings.limits.clock_skew_seconds),
                free_disk_bytes=settings.limits.free_disk_bytes,
                certificate=nearby.tls,
                scanner=devices.scanner,
                card_left=lambda: left,
            ),
            patience_seconds=0.0,
        )
        examined = _Examined(devices, gate, catalogue)
        yield {**examined.commands(), **await _of_store(settings, visit, now=now)}


class _Examined:
    def __init__(self, devices: TerminalDevices, gate: ReadinessGate, catalogue: Finding) -> None:
        self._devices = devices
        self._gate = gate
        self._catalogue = catalogue

    def commands(self) -> Mapping[str, Command]:
        return {
            "doctor": self.doctor,
            "devices.list": self.every,
            "maintenance": self.maintenance,
            "report.print": self.print_report,
        }

    async def doctor(self, _: Item) -> AsyncIterator[Item]:
        for finding in (*await self._gate.findings(), self._catalogue):
            yield asdict(finding)

    async def every(self, _: Item) -> AsyncIterator[Item]:
        for device in self._devices.supervisor.devices():
            yield device_item(device)

    async def maintenance(self, _: Item) -> Item:
        return {"state": State.SERVING}

    async def print_report(self, arguments: Item) -> Item:
        return await print_report(self._devices, arguments)


async def _gateway(
    stack: AsyncExitStack, nearby: Nearby, *, now: Callable[[], datetime], random: Random
) -> tuple[GatewayReadiness, Finding]:
    """Who answers for the gateway, and what is to be said of its catalogue."""
    settings = nearby.settings
    if nearby.own is None:
        client = nearby.client(random_bytes=random.randbytes)
        stack.push_async_callback(client.close)
        pinned = settings.agent.catalogue_key
        pins = None if pinned is None else Pins.load(pinned)
        return client, await _served(partial(client.catalogue, None), pins)
    part, zone = gateway_part(settings), ZoneInfo(settings.node.time_zone)
    lines = connect(part, nearby.own.contexts, time_zone=zone, now=now, random=random)
    outside = await stack.enter_async_context(lines)
    told = f"{len(nearby.own.catalogue.products)} products"
    return _LinesAlone(outside.funds, now), Finding("catalogue", Level.READY, "catalogue.readable", told)


async def _served(ask: Callable[[], Any], pins: Pins | None) -> Finding:
    try:
        copy = await ask()
        number = believed(copy, pins).number
    except (Unreachable, Refusal) as error:
        return Finding("catalogue", Level.WARNING, "catalogue.none", str(error))
    except NotBelievedError as error:
        return Finding("catalogue", Level.WARNING, "catalogue.refused", str(error))
    told = "never published" if number is None else f"version {number}"
    return Finding("catalogue", Level.READY, "catalogue.kept", told)


async def _standing(path: Path, visit: Visit | None) -> _Store:
    """Of a store that is not there yet, of the disk it will be on."""
    if visit is not None:
        return _Store(path, disk_full=(await visit.health()).disk_full)
    there = next(folder for folder in path.parents if folder.exists())
    return _Store(there / path.name)


async def _nothing(_: Item) -> AsyncIterator[Item]:
    for item in list[Item]():
        yield item


async def _of_store(
    settings: Settings, visit: Visit | None, *, now: Callable[[], datetime]
) -> Mapping[str, Command]:
    """A terminal that never ran has made nothing."""
    if visit is None:
        return dict.fromkeys(("health", "journeys.list", "registry.standing"), _nothing)
    commands = store_commands(visit)
    installed = await visit.read(lambda tx: tx.one(_INSTALLED))
    if installed is None:
        return {**commands, "registry.standing": _nothing}
    zone = ZoneInfo(settings.node.time_zone)
    made = registry_commands(visit, settings.node.id, str(installed[0]), zone, now=now)
    return {**commands, **made.commands()}
