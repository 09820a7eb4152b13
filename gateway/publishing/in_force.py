"""What a running gateway goes by, and what it serves to terminals: by the clock, without a read of the store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Self

from gateway.providers.product import Catalogue
from gateway.publishing import switches, versions
from gateway.publishing.document import compact
from gateway.publishing.versions import Version
from spool import Store, Transaction

_TAG_LENGTH = 32


@dataclass(frozen=True)
class Served:
    """A catalogue as it goes by, and the same as it is sent; `tag` is an ETag of RFC 9110."""

    catalogue: Catalogue
    content: bytes
    tag: str


@dataclass(frozen=True)
class _Known:
    """What the store says: the version in force, those to come, the switches."""

    versions: Sequence[Version]
    switched_off: tuple[str, ...]


class CatalogueInForce:
    """`first` is what is in force until something was published. Made by `open`."""

    def __init__(self, first: Catalogue, now: Callable[[], datetime]) -> None:
        self._first = first
        self._now = now
        self._known = _Known((), ())
        self._chosen: Version | None = None
        self._served = _serve(first, None, ())

    @classmethod
    async def open(cls, store: Store, first: Catalogue, *, now: Callable[[], datetime]) -> Self:
        in_force = cls(first, now)
        in_force._known = await store.read(_read)
        in_force._served = in_force._choose()
        return in_force

    def changed(self, tx: Transaction) -> None:
        """To be called by whoever publishes or turns a switch, in its transaction: then it is known at once."""
        known = _read(tx)

        def take() -> None:
            self._known = known
            self._served = self._choose()

        tx.after_commit(take)

    def version(self) -> Version | None:
        """None: nothing was published whose time has come."""
        self._look_at_the_clock()
        return self._chosen

    def served(self) -> Served:
        self._look_at_the_clock()
        return self._served

    def catalogue(self) -> Catalogue:
        return self.served().catalogue

    def _look_at_the_clock(self) -> None:
        if self._next() is not self._chosen:
            self._served = self._choose()

    def _choose(self) -> Served:
        self._chosen = self._next()
        return _serve(self._first, self._chosen, self._known.switched_off)

    def _next(self) -> Version | None:
        """A version that has come into force does not leave it because a clock stepped back."""
        now = self._now()
        come = [version for version in self._known.versions if version.effective_at <= now]
        if self._chosen is not None:
            come.append(self._chosen)
        return max(come, key=lambda version: version.rank, default=None)


def _read(tx: Transaction) -> _Known:
    return _Known(versions.from_now_on(tx), switches.switched_off(tx))


def _serve(first: Catalogue, version: Version | None, switched_off: tuple[str, ...]) -> Served:
    """What was signed is sent as it was signed, whatever this program would write today."""
    if version is None:
        signed, number, signature = first.model_dump(mode="json"), None, None
    else:
        signed, number, signature = dict(version.document), version.number, version.signature
    whole = {**signed, "number": number, "signature": signature, "switched_off": switched_off}
    content = compact(whole)
    tag = sha256(content).hexdigest()[:_TAG_LENGTH]
    return Served(Catalogue.model_validate_json(content), content, f'"{tag}"')
