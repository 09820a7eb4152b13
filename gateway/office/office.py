"""The operators' page beside a gateway: an application that is heard where `[office]` says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.act.facts import ActFacts
from gateway.act.month import Month
from gateway.api.listening import Ports, listen_on_ports, serving
from gateway.office.desk import Desk
from gateway.office.door import Door
from gateway.office.guard import guard
from gateway.office.pages import LARGEST_BODY_BYTES, Pages
from gateway.office.passwords import NAME, Passwords
from gateway.office.sessions import Sessions
from gateway.office.wording import Wording
from gateway.providers.product import Catalogue
from gateway.reconciliation.facts import act_facts
from gateway.settings import GatewaySettings, SettingsError
from gateway.shutdown import Shutdown
from spool import Spool
from spool.control import Command


@dataclass(frozen=True)
class Operators:
    """What of a gateway they work with."""

    spool: Spool
    commands: Mapping[str, Command]
    catalogue: Callable[[], Catalogue]
    settings: GatewaySettings
    data_dir: Path


class Place(Protocol):
    """Where the page is heard, of `gateway.ground`."""

    @property
    def office(self) -> Ports: ...
    @property
    def office_tls(self) -> ssl.SSLContext | None: ...
    @property
    def time_zone(self) -> ZoneInfo: ...


@asynccontextmanager
async def open_office(
    operators: Operators, place: Place, *, random_bytes: Callable[[int], bytes], shutdown: Shutdown
) -> AsyncIterator[tuple[str, int] | None]:
    """Heard during the block, somewhere; None without `[office]`."""
    section = operators.settings.office
    if section is None:
        yield None
        return
    if section.tls and place.office_tls is None:
        raise SettingsError("office.tls: there is no certificate of the gateway to be heard with")
    spool, zone = operators.spool, place.time_zone
    desk = _desk(operators, zone)
    passwords = Passwords(operators.data_dir / NAME, now=spool.now, random_bytes=random_bytes)
    clock = asyncio.get_running_loop().time
    sessions = Sessions(random_bytes, idle_seconds=section.idle_seconds, clock=clock)
    wording, origins = Wording(desk, zone), set[str]()
    check = guard(None if section.tls else lambda: frozenset(origins))
    app = web.Application(middlewares=[check], client_max_size=LARGEST_BODY_BYTES)
    Pages(desk, wording, Door(wording, passwords, sessions, secure=section.tls)).add_to(app.router)
    async with serving(app, shutdown=shutdown) as runner:
        heard = await listen_on_ports(
            runner, place.office, ssl_context=place.office_tls if section.tls else None
        )
        if heard is not None:
            origins |= origins_of(heard)
        yield heard


def origins_of(heard: tuple[str, int]) -> frozenset[str]:
    """How a loopback port may be called."""
    host, port = heard
    return frozenset(f"http://{name}:{port}" for name in (f"[{host}]" if ":" in host else host, "localhost"))


def _desk(operators: Operators, zone: ZoneInfo) -> Desk:
    spool, point = operators.spool, operators.settings.eport.point

    async def facts(month: Month) -> ActFacts:
        return await spool.read(lambda tx: act_facts(tx, point, month))

    return Desk(
        point=point,
        commands=operators.commands,
        facts=facts,
        catalogue=operators.catalogue,
        today=lambda: spool.now().astimezone(zone).date(),
    )
