"""Two catalogues compared: what came, what went, what changed, by the names of the catalogue file. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gateway.money import Amount
from gateway.providers.product import Catalogue


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Difference:
    """`part`: group, provider or product with its code. `field` is empty for a part as a whole."""

    change: Change
    part: str
    field: str = ""
    before: str | None = None
    after: str | None = None


def differences(before: Catalogue, after: Catalogue) -> list[Difference]:
    """Groups, providers, products, each in the order of the new catalogue; what went comes last."""
    return [
        difference
        for name, key in _PARTS.items()
        for difference in _of_parts(name, _by_key(before, name, key), _by_key(after, name, key))
    ]


_PARTS: Final[Mapping[str, str]] = {"group": "code", "provider": "code", "product": "id"}
_KEYS: Final = ("code", "value")  # of the tables inside a list
Fields = Mapping[str, str]


def _by_key(catalogue: Catalogue, name: str, key: str) -> Mapping[str, Fields]:
    rows = catalogue.model_dump(mode="json")[f"{name}s"]
    return {row[key]: dict(_flat("", row)) for row in rows}


def _of_parts(name: str, before: Mapping[str, Fields], after: Mapping[str, Fields]) -> Iterator[Difference]:
    for key, fields in after.items():
        if key in before:
            yield from _of_fields(f"{name} {key}", before[key], fields)
        else:
            yield Difference(Change.ADDED, f"{name} {key}")
    for key in before.keys() - after.keys():
        yield Difference(Change.REMOVED, f"{name} {key}")


def _of_fields(part: str, before: Fields, after: Fields) -> Iterator[Difference]:
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field), after.get(field)
        if old != new:
            change = Change.ADDED if old is None else Change.REMOVED if new is None else Change.CHANGED
            yield Difference(change, part, field, old, new)


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """`title.kk`, `fee_rule.minimum`, `requisites[account].mask`; None is no field."""
    if isinstance(value, dict):
        yield from _flat_table(path, value)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _flat(f"{path}[{_name(item, place)}]", item)
    elif value is not None:
        yield path, f"{value / 100:g} %" if path.endswith("percent_hundredths") else str(value)


def _flat_table(path: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if table.keys() == {"amount_minor", "currency"}:
        yield path, str(Amount(table["amount_minor"], table["currency"]))
        return
    for name, value in table.items():
        yield from _flat(f"{path}.{name}" if path else name, value)


def _name(item: Any, place: int) -> str:
    names = (item[key] for key in _KEYS if isinstance(item, dict) and key in item)
    return str(next(names, place))
