"""What `tolem catalogue` orders: a version, a way back, a switch. The key signs here, not in the gateway."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent import owner
from agent.cli.catalogue_told import ask, tell
from agent.cli.failures import CommandFailed, Failure
from agent.settings import Settings, gateway_part, load
from certs.detached import public_pem, sign
from certs.durable import FOR_ALL_TO_READ, LOCAL
from certs.keys import new_private_key
from gateway.providers.catalogue import load_catalogue, parse_catalogue
from gateway.publishing.commands import packed, unpacked
from gateway.publishing.document import document_of, milliseconds, signed_bytes, written


@dataclass(frozen=True)
class Order:
    """What every order has: who gives it and why, and how the answer is told. `key` signs a version."""

    by: str
    reason: str
    as_json: bool
    key: Path | None = None

    @property
    def told(self) -> dict[str, Any]:
        return {"by": self.by, "reason": self.reason}


async def order_version(config: Path, file: Path, order: Order, *, effective: str | None) -> None:
    settings = load(config)
    source = _source(file)
    zone = ZoneInfo(settings.node.time_zone)
    at = owner.now()
    version = await _publish(
        settings, source, order, at=at, since=at if effective is None else _instant(effective, zone)
    )
    tell(version, as_json=order.as_json, zone=zone)


async def order_rollback(config: Path, order: Order, *, to: int | None) -> None:
    settings = load(config)
    number = _before(await ask(settings, "catalogue.list")) if to is None else to
    (wanted,) = await ask(settings, "catalogue.show", {"number": number})
    at = owner.now()
    version = await _publish(settings, unpacked(wanted["source"]), order, at=at, since=at, copy_of=number)
    tell(version, as_json=order.as_json, zone=ZoneInfo(settings.node.time_zone))


async def order_switch(config: Path, provider: str, order: Order, *, off: bool) -> None:
    (turned,) = await ask(load(config), "catalogue.switch", {**order.told, "provider": provider, "off": off})
    tell(turned, as_json=order.as_json)


async def make_key(file: Path) -> None:
    public = file.with_name(f"{file.name}.pub")
    key = new_private_key(file)
    LOCAL.create(public, public_pem(key), FOR_ALL_TO_READ)
    tell({"key": file, "public key": public}, as_json=False)


async def _publish(  # noqa: PLR0913 - a version is all of these
    settings: Settings,
    source: bytes,
    order: Order,
    *,
    at: datetime,
    since: datetime,
    copy_of: int | None = None,
) -> owner.Item:
    published_at, effective_at = milliseconds(at), milliseconds(since)
    arguments = {
        **order.told,
        "source": packed(source),
        "published_at": published_at.isoformat(),
        "effective_at": effective_at.isoformat(),
        "copy_of": copy_of,
    }
    key = order.key or gateway_part(settings).catalogue.sign_key
    if key is not None:
        catalogue = parse_catalogue(source)
        document = document_of(catalogue, published_at=published_at, effective_at=effective_at)
        arguments["signature"] = written(sign(signed_bytes(document), key)).model_dump()
    (version,) = await ask(settings, "catalogue.publish", arguments)
    return version


def _source(file: Path) -> bytes:
    """A file that can be published, as it is. CatalogueError."""
    load_catalogue(file)
    return file.read_bytes()


def _before(versions: list[owner.Item]) -> int:
    """What was in force before what is. CommandFailed."""
    ranked = sorted(versions, key=lambda version: (version["effective_at"], version["number"]))
    place = next((place for place, version in enumerate(ranked) if version["in_force"]), 0)
    if place == 0:
        raise CommandFailed(
            Failure(
                "There is nothing to go back to",
                ("no published version was in force before this one",),
                "publish a file with `tolem catalogue publish FILE`",
            )
        )
    return int(ranked[place - 1]["number"])


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """RFC 3339, or without an offset in the node's time. CommandFailed."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandFailed(
            Failure("--effective names no time", (str(error),), "write 2026-12-01T00:00")
        ) from None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)
