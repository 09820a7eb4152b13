"""The terminal's copy of the catalogue: asked for by tag, verified, and the last good one kept on disk.

A gateway that is silent, or that serves what must not be believed, changes nothing: payments go on by the
last good copy, the journal says what was refused and why, and a person finds it in `tolem doctor`.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from pydantic import ValidationError

from agent.journal import Journal
from agent.readiness import Finding, Level
from certs.detached import NotSignedByUsError, Pins
from gateway.client import CatalogueCopy, Refusal, Unreachable
from gateway.providers.product import Catalogue
from gateway.publishing.document import read, signed_bytes
from spool import CommitFailed, Spool, StoreOverloaded, Transaction

_log = logging.getLogger(__name__)

REFUSED: Final = "catalogue.refused"  # in the journal; the gateway raises an alarm for it
_TAKEN: Final = "catalogue.taken"
_READ: Final = "SELECT content, tag FROM catalogue_copy"
_WRITE: Final = """
INSERT INTO catalogue_copy (one, content, tag, taken_ms) VALUES (1, :content, :tag, :now)
ON CONFLICT (one) DO UPDATE SET content = :content, tag = :tag, taken_ms = :now
"""


Writing = Callable[[Transaction], None]


class CatalogueSource(Protocol):
    async def catalogue(self, tag: str | None = None) -> CatalogueCopy | None: ...


class NotBelievedError(Exception):
    """A copy that is not taken. `why` is a stable word."""

    def __init__(self, why: str) -> None:
        super().__init__(_WHY[why])
        self.why = why


_WHY: Final[Mapping[str, str]] = {
    "unreadable": "it does not fit the contract",
    "unsigned": "it has no signature",
    "tampered": "no key of agent.catalogue_key has signed it",
    "older": "it is older than the one that is kept",
}


@dataclass(frozen=True)
class _Kept:
    """The last good copy; `tag` asks whether it is still the one."""

    catalogue: Catalogue
    tag: str


class TerminalCatalogue:
    """`pins` are the keys of the bank that publishes; None: whatever our own gateway serves is believed."""

    def __init__(
        self,
        source: CatalogueSource,
        spool: Spool,
        journal: Journal,
        *,
        pins: Pins | None,
        poll_seconds: float,
    ) -> None:
        self._source = source
        self._spool = spool
        self._journal = journal
        self._pins = pins
        self._poll_seconds = poll_seconds
        self._loaded = False
        self._kept: _Kept | None = None
        self._refused: tuple[str, str] | None = None  # its tag, and why
        self._unwritten: dict[str, Writing] = {}  # what a full disk has not taken yet: the latest of a kind

    async def run(self) -> None:
        """For ever: look whether there is another one, so that a provider's switch is known within a minute."""
        while True:
            try:
                await self.current()
            except Unreachable:
                _log.debug("catalogue.unreachable")
            await asyncio.sleep(self._poll_seconds)

    async def current(self) -> Catalogue:
        """The gateway's, or the last good copy. Unreachable if there never was one.

        What the store cannot take now is believed all the same, and written as soon as it can.
        """
        await self._load()
        told = "the gateway says that a catalogue is unchanged which it never sent"
        try:
            copy = await self._source.catalogue(None if self._kept is None else self._kept.tag)
            if copy is not None:
                self._take(copy)
        except (Unreachable, Refusal, NotBelievedError) as error:
            told = f"there is no catalogue: {error}"
        await self._write_down()
        if self._kept is None:
            raise Unreachable(told)
        return self._kept.catalogue

    async def finding(self) -> Finding:
        """For a person, after one more look."""
        with contextlib.suppress(Unreachable):
            await self.current()
        if self._refused is not None:
            return Finding("catalogue", Level.WARNING, REFUSED, _WHY[self._refused[1]])
        if self._kept is None:
            return Finding("catalogue", Level.WARNING, "catalogue.none", "the gateway has not served one yet")
        number = self._kept.catalogue.number
        told = "never published" if number is None else f"version {number}"
        return Finding("catalogue", Level.READY, "catalogue.kept", told)

    async def _load(self) -> None:
        if self._loaded:
            return
        row = await self._spool.read(lambda tx: tx.one(_READ))
        self._loaded = True
        if row is None:
            return
        copy = CatalogueCopy(bytes(row[0]), row[1])
        try:
            self._kept = _Kept(believed(copy, self._pins), copy.tag)
        except NotBelievedError as error:  # another key is pinned since, or another program reads it
            _log.warning("catalogue.copy_dropped", extra={"why": error.why})

    def _take(self, copy: CatalogueCopy) -> None:
        try:
            catalogue = believed(
                copy, self._pins, newer_than=None if self._kept is None else self._kept.catalogue
            )
        except NotBelievedError as error:
            self._refuse(copy, error.why)
            raise
        self._unwritten[_TAKEN] = self._keeping(copy, catalogue)
        self._kept, self._refused = _Kept(catalogue, copy.tag), None

    def _refuse(self, copy: CatalogueCopy, why: str) -> None:
        """Told once, however often it is served."""
        if self._refused == (copy.tag, why):
            return
        told = {"tag": copy.tag, "why": why}
        self._unwritten[REFUSED] = lambda tx: self._journal.write(tx, REFUSED, told)
        _log.error(REFUSED, extra=told)
        self._refused = copy.tag, why

    async def _write_down(self) -> None:
        """What was taken or refused; once more at the next look if the store has no room for it."""
        unwritten, self._unwritten = self._unwritten, {}
        if not unwritten:
            return

        def write(tx: Transaction) -> None:
            for one in unwritten.values():
                one(tx)

        try:
            await self._spool.write(write)
        except (CommitFailed, StoreOverloaded) as error:
            _log.warning("catalogue.not_kept", extra={"why": str(error)})
            self._unwritten = {**unwritten, **self._unwritten}
        except asyncio.CancelledError:
            self._unwritten = {**unwritten, **self._unwritten}
            raise

    def _keeping(self, copy: CatalogueCopy, catalogue: Catalogue) -> Writing:
        def keep(tx: Transaction) -> None:
            tx.execute(_WRITE, {"content": copy.content, "tag": copy.tag, "now": tx.now_ms})
            told = {"version": catalogue.version, "number": catalogue.number}
            self._journal.write(tx, _TAKEN, {**told, "switched_off": len(catalogue.switched_off)})

        return keep


def believed(copy: CatalogueCopy, pins: Pins | None, *, newer_than: Catalogue | None = None) -> Catalogue:
    """The catalogue in a copy. NotBelievedError.

    Without pins there is nobody but the gateway to say what is older: it may have begun anew.
    """
    try:
        document = json.loads(copy.content)
        catalogue = Catalogue.model_validate_json(copy.content)
    except (ValueError, ValidationError):
        raise NotBelievedError("unreadable") from None
    if pins is None:
        return catalogue
    _check_signature(document, catalogue, pins)
    if newer_than is not None and _times(catalogue) < _times(newer_than):
        raise NotBelievedError("older")
    return catalogue


def _check_signature(document: Mapping[str, Any], catalogue: Catalogue, pins: Pins) -> None:
    if catalogue.signature is None:
        raise NotBelievedError("unsigned")
    try:
        pins.verify(signed_bytes(document), read(catalogue.signature))
    except (NotSignedByUsError, ValueError, KeyError):
        raise NotBelievedError("tampered") from None


def _times(catalogue: Catalogue) -> tuple[datetime, datetime]:
    """Both are signed. What came into force later is the newer one, however early it was published."""
    never = datetime.min.replace(tzinfo=UTC)
    return catalogue.effective_at or never, catalogue.published_at or never
