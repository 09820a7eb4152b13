"""What a gateway has of registries, put together from its settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from gateway.alarms import raise_alarm
from gateway.registry.book import Series
from gateway.registry.commands import RegistryCommands
from gateway.registry.differences import watch_silence
from gateway.registry.exchange import Exchange, Uplink
from gateway.registry.layout import Kind
from gateway.registry.rounds import OthersTime, Rounds
from gateway.registry.serving import RegistryServer
from gateway.registry.terminals import TerminalRegistries
from gateway.settings import CentralSection, EportSection, GatewaySettings
from spool import Schedule, Spool, Transaction

TO_EPORT: Final = "registry.tech"  # kinds of entries in the spool
TO_CENTRAL: Final = "registry.bank"
JITTER: Final = 0.10


@dataclass(frozen=True)
class Registries:
    rounds: Rounds
    exchange: Exchange
    terminals: TerminalRegistries
    commands: RegistryCommands
    served: Mapping[Kind, RegistryServer]  # of who fetches them


def series_of(eport: EportSection, central: CentralSection | None, time_zone: ZoneInfo) -> tuple[Series, ...]:
    """e-port's, and the central system's where there is one. Their destinations have breakers of their own:
    whether registries arrive has nothing to do with taking payments.
    """
    sections: tuple[tuple[Kind, EportSection | CentralSection | None, str, str], ...] = (
        (Kind.TECH, eport, TO_EPORT, "eport_registry"),
        (Kind.BANK, central, TO_CENTRAL, "central"),
    )
    return tuple(
        Series(
            kind=kind,
            holder=eport.point,
            name=f"{eport.point}-{kind}-",
            time_zone=time_zone,
            entry_kind=entry_kind,
            destination=destination,
            sends=not section.serves_registries,
            floor=section.registry_floor,
        )
        for kind, section, entry_kind, destination in sections
        if section is not None
    )


def registries_of(
    spool: Spool,
    settings: GatewaySettings,
    uplinks: Mapping[str, Uplink],
    *,
    time_zone: ZoneInfo,
    others_time: OthersTime,
) -> Registries:
    """Who has no uplink is sent nothing; its registries are made all the same."""
    timers = settings.timers
    series = tuple(
        replace(one, sends=one.sends and one.entry_kind in uplinks)
        for one in series_of(settings.eport, settings.central, time_zone)
    )
    schedule = Schedule(
        (timers.registry_resend_seconds,) * timers.registry_resend_count,
        then=timers.registry_resend_then_seconds,
        jitter=JITTER,
    )
    exchange = Exchange(spool, series, uplinks, schedule=schedule, raise_alarm=alarm)
    rounds = Rounds(
        spool,
        series,
        now=spool.now,
        raise_alarm=alarm,
        after_each=partial(watch_silence, windows=settings.limits.registries_missed),
        others_time=others_time,
    )
    return Registries(
        rounds,
        exchange,
        TerminalRegistries(spool),
        RegistryCommands(spool, rounds),
        {one.kind: server for one in series if (server := _server(spool, one, settings)) is not None},
    )


def _server(spool: Spool, series: Series, settings: GatewaySettings) -> RegistryServer | None:
    receiver = settings.eport if series.kind is Kind.TECH else settings.central
    if receiver is None or not receiver.serves_registries or receiver.registry_reader is None:
        return None
    return RegistryServer(
        spool,
        series,
        reader=receiver.registry_reader,
        seconds=settings.timers.registry_seconds,
        raise_alarm=alarm,
    )


def alarm(tx: Transaction, name: str, subject: str, detail: str) -> None:
    """The gateway's way to have a person know."""
    raise_alarm(tx, name, subject=subject, detail=detail)
