"""What a gateway stands on before it has a store: all of it is refused or made before anything is touched."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo

from gateway.outside import Contexts
from gateway.providers.catalogue import load_catalogue
from gateway.providers.product import Catalogue
from gateway.settings import GatewaySettings, NodeSection, SettingsError, check_hold_life

LONGEST_SOCKET_PATH: Final = 107  # bytes; sun_path of unix(7), with its zero


@dataclass(frozen=True)
class Ground:
    """Made by `of`."""

    catalogue: Catalogue
    contexts: Contexts
    time_zone: ZoneInfo

    @classmethod
    def of(cls, settings: GatewaySettings, *, node: NodeSection, now: Callable[[], datetime]) -> Self:
        """Raises SettingsError, CatalogueError or CertError; opens and makes nothing."""
        check_hold_life(settings.timers, settings.card_host)
        own = settings.gateway
        check_sockets(
            {"gateway.socket": node.data_dir / own.socket, "gateway.control": node.data_dir / own.control}
        )
        return cls(
            catalogue=load_catalogue(settings.catalogue.file),
            contexts=Contexts.of(settings, now),
            time_zone=ZoneInfo(node.time_zone),
        )


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
