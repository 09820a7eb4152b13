"""What `tolem catalogue` tells: a file's content, differences, versions, switches."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from agent import owner
from agent.cli.look import local, show_facts, show_rows
from agent.settings import Settings, gateway_part, load
from gateway.providers.catalogue import LARGEST_FILE_BYTES, CatalogueError, Flaw, load_catalogue
from gateway.providers.product import Catalogue
from gateway.publishing.agreed import disagreements, read_agreed
from gateway.publishing.commands import unpacked
from gateway.publishing.differences import differences

DIFFERENT: Final = 1
_LARGEST_SERVED_BYTES: Final = 8 * LARGEST_FILE_BYTES
_VERSION: Final = ("number", "in_force", "effective_at", "version", "copy_of", "signed_by", "by", "reason")
_TURN: Final = ("at", "provider", "off", "person", "reason")
_DIFFERENCE: Final = ("change", "part", "field", "before", "after")
_DISAGREEMENT: Final = ("product", "field", "catalogue", "agreed")


async def tell_content(file: Path, *, as_json: bool) -> None:
    catalogue = load_catalogue(file)
    facts = {
        "version": catalogue.version,
        "groups": len(catalogue.groups),
        "providers": len(catalogue.providers),
        "products": len(catalogue.products),
    }
    tell(facts, as_json=as_json)


async def tell_differences(config: Path, file: Path, *, as_json: bool) -> None:
    after = load_catalogue(file)
    before = await catalogue_in_force(load(config))
    rows = [asdict(difference) for difference in differences(before, after)]
    _table(_DIFFERENCE, rows, "It says the same as what is in force.", as_json=as_json)


async def tell_disagreements(config: Path, file: Path, catalogue: Path | None, *, as_json: bool) -> int:
    settings = load(config)
    agreed = _agreed(file)
    ours = await catalogue_in_force(settings) if catalogue is None else load_catalogue(catalogue)
    rows = [asdict(one) for one in disagreements(ours, agreed)]
    _table(_DISAGREEMENT, rows, "The catalogue agrees with the list.", as_json=as_json)
    return DIFFERENT if rows else 0


async def tell_versions(config: Path, *, as_json: bool) -> None:
    settings = load(config)
    rows = await ask(settings, "catalogue.list")
    nothing = "Nothing was published: catalogue.file is in force."
    _table(_VERSION, rows, nothing, as_json=as_json, zone=ZoneInfo(settings.node.time_zone))


async def tell_turns(config: Path, *, as_json: bool) -> None:
    settings = load(config)
    rows = await ask(settings, "catalogue.switches")
    nothing = "No provider was ever switched off."
    _table(_TURN, rows, nothing, as_json=as_json, zone=ZoneInfo(settings.node.time_zone))


async def catalogue_in_force(settings: Settings) -> Catalogue:
    """What this node's gateway serves; before its first start, the file. SettingsError, CatalogueError."""
    section = gateway_part(settings).catalogue
    try:
        (served,) = await ask(settings, "catalogue.served")
    except owner.NoStoreError:
        return load_catalogue(section.file)
    return Catalogue.model_validate_json(unpacked(served["content"], largest=_LARGEST_SERVED_BYTES))


async def ask(
    settings: Settings, command: str, arguments: Mapping[str, Any] | None = None
) -> list[owner.Item]:
    gateway_part(settings)
    async with owner.gateway_catalogue(settings) as call:
        return [item async for item in call(command, dict(arguments or {}))]


def tell(facts: Mapping[str, Any], *, as_json: bool, zone: ZoneInfo | None = None) -> None:
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    shown = facts if zone is None else {name: local(value, zone) for name, value in facts.items()}
    show_facts(Console(), shown)


def _table(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    nothing: str,
    *,
    as_json: bool,
    zone: ZoneInfo | None = None,
) -> None:
    found = list(rows)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        Console(stderr=True).print(nothing)
    cells = ([_cell(row[column], zone) for column in columns] for row in found)
    show_rows(Console(), columns, cells)


def _cell(value: object, zone: ZoneInfo | None) -> object:
    if isinstance(value, bool):
        return "yes" if value else ""
    return value if zone is None else local(value, zone)


def _agreed(file: Path) -> Any:
    is_csv = file.suffix.lower() == ".csv"
    try:
        return read_agreed(file.read_bytes(), is_csv=is_csv)
    except CatalogueError as error:
        raise CatalogueError(error.flaws, file=file) from None
    except OSError as error:
        raise CatalogueError([Flaw("", f"cannot be read: {error.strerror}")], file=file) from None
