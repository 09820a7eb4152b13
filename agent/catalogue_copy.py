"""The terminal's copy of the catalogue: asked for by tag, the last good one kept."""

from typing import Protocol

from pydantic import ValidationError

from gateway.client import CatalogueCopy, Unreachable
from gateway.providers.product import Catalogue


class CatalogueSource(Protocol):
    async def catalogue(self, tag: str | None = None) -> CatalogueCopy | None: ...


class TerminalCatalogue:
    def __init__(self, source: CatalogueSource) -> None:
        self._source = source
        self._tag: str | None = None
        self._last: Catalogue | None = None

    async def current(self) -> Catalogue:
        """The gateway's, or the last good copy while it is silent. Unreachable if there never was one."""
        try:
            copy = await self._source.catalogue(self._tag)
        except Unreachable:
            if self._last is None:
                raise
            return self._last
        if copy is not None:
            self._last = _read(copy)
            self._tag = copy.tag
        if self._last is None:
            raise Unreachable("the gateway says that a catalogue is unchanged which it never sent")
        return self._last


def _read(copy: CatalogueCopy) -> Catalogue:
    try:
        return Catalogue.model_validate_json(copy.content)
    except ValidationError:
        raise Unreachable("the gateway's catalogue does not fit the contract") from None
