"""What a gateway stands on before it has a store: all of it is refused or made before anything is touched."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo

from certs.detached import Pins
from gateway.api.listening import Ports, ports_at
from gateway.contexts import Contexts
from gateway.migrations import ROOMS
from gateway.office_settings import office_faults
from gateway.providers.catalogue import load_catalogue
from gateway.providers.product import Catalogue
from gateway.registry.layout import Kind
from gateway.settings import (
    GatewaySettings,
    NodeSection,
    SettingsError,
    check_hold_life,
    check_served_registries,
)
from spool import look

LONGEST_SOCKET_PATH: Final = 107  # bytes; sun_path of unix(7), with its zero


@dataclass(frozen=True)
class Ground:
    """Made by `of`."""

    catalogue: Catalogue  # in force until a version was published
    pins: Pins | None  # the keys whose versions may be published
    contexts: Contexts
    time_zone: ZoneInfo
    address: Ports  # of the API over mutual TLS
    monitor: Ports
    enrolment: Ports
    readers: Mapping[Kind, Ports]  # where registries are fetched
    transfers: Ports  # where the transfers platform calls
    office: Ports  # of the operators' page

    @property
    def office_tls(self) -> ssl.SSLContext | None:
        """Asks nobody for a certificate, as where terminals get theirs."""
        return self.contexts.enrolment

    @classmethod
    @asynccontextmanager
    async def of(
        cls, settings: GatewaySettings, *, node: NodeSection, now: Callable[[], datetime]
    ) -> AsyncIterator[Self]:
        """For the block, in which its ports are bound and nobody is heard at them.

        Raises SettingsError, CatalogueError, CertError or StoreError; no file is touched.
        """
        check_hold_life(settings.timers, settings.card_host)
        check_served_registries(settings.gateway, settings.eport, settings.central)
        own = settings.gateway
        if faults := office_faults(settings.office, own.cert, own.key):
            raise SettingsError(*faults)
        catalogue, contexts = load_catalogue(settings.catalogue.file), Contexts.of(settings, now=now)
        contexts.refuse_expired(now())
        pinned = settings.catalogue.public_key
        pins = None if pinned is None else Pins.load(pinned)
        await asyncio.to_thread(look, node.data_dir / own.store, rooms=ROOMS)
        check_sockets(
            {"gateway.socket": node.data_dir / own.socket, "gateway.control": node.data_dir / own.control}
        )
        with (
            ports_at(own.listen, key="gateway.listen") as address,
            ports_at(own.monitor, key="gateway.monitor") as monitor,
            ports_at(own.enrol_listen, key="gateway.enrol_listen") as enrolment,
            _ports_of_readers(settings) as readers,
            ports_at(
                None if settings.transfers is None else settings.transfers.listen, key="transfers.listen"
            ) as transfers,
            ports_at(
                None if settings.office is None else settings.office.listen, key="office.listen"
            ) as office,
        ):
            zone = ZoneInfo(node.time_zone)
            yield cls(
                catalogue, pins, contexts, zone, address, monitor, enrolment, readers, transfers, office
            )


@contextmanager
def _ports_of_readers(settings: GatewaySettings) -> Iterator[Mapping[Kind, Ports]]:
    """None for who is sent its registries: it has no `registry_listen`."""
    eport, central = settings.eport, settings.central
    with (
        ports_at(eport.registry_listen, key="eport.registry_listen") as tech,
        ports_at(None if central is None else central.registry_listen, key="central.registry_listen") as bank,
    ):
        yield {Kind.TECH: tech, Kind.BANK: bank}


def check_sockets(places: dict[str, Path]) -> None:
    """Raises SettingsError if a Unix socket cannot be made at one of `places`, which are named by their keys."""
    faults = [f"{key}: {fault}" for key, path in places.items() for fault in _faults(path)]
    if faults:
        raise SettingsError(*faults)


def _faults(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        yield f"{path} is too long for a socket, at most {LONGEST_SOCKET_PATH} bytes; shorten node.data_dir"
    elif path.exists() and not path.is_socket():
        yield f"{path} is there and is no socket; name another path"
    elif _is_heard(path):
        yield f"another process listens at {path}; stop that one, or name another path"


def _is_heard(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:  # somebody listens, and is behind with answering
            return True
        except OSError:
            return False
    return True
