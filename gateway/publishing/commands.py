"""What the bank's people may ask and order about the catalogue, as commands of the gateway's control socket.

A version is signed by whoever publishes it, outside this process: the key need not be on this machine. It
is read and judged anew here, and refused if it is not signed by the key that the settings name.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from certs.detached import NotSignedByUsError, Pins
from gateway.providers.catalogue import LARGEST_FILE_BYTES, CatalogueError, parse_catalogue
from gateway.providers.product import CatalogueSignature
from gateway.publishing import document, switches, versions
from gateway.publishing.in_force import CatalogueInForce
from gateway.publishing.versions import Version
from spool import ControlError, Store, Transaction
from spool.control import Command

Item = dict[str, Any]
T = TypeVar("T", bound="_Arguments")

_FAST_CLOCK: Final = timedelta(minutes=5)  # of whoever publishes
NOTHING_PUBLISHED: Final = "nothing_published"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PublishArguments(_Arguments):
    """`source`: the file, by `packed`. The signature is over `document.signed_bytes` with these times."""

    source: str
    published_at: AwareDatetime
    effective_at: AwareDatetime
    signature: CatalogueSignature | None = None
    copy_of: int | None = None
    by: Words
    reason: Words


class SwitchArguments(_Arguments):
    provider: str
    off: bool
    by: Words
    reason: Words


class ShowArguments(_Arguments):
    """Without a `number`: the one in force."""

    number: int | None = None


class CatalogueCommands:
    """`pins` None: whoever can open the socket may publish, signed or not."""

    def __init__(
        self, store: Store, in_force: CatalogueInForce, pins: Pins | None, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._in_force = in_force
        self._pins = pins
        self._now = now

    def commands(self) -> Mapping[str, Command]:
        return {
            "catalogue.list": self._list,
            "catalogue.show": self._show,
            "catalogue.served": self._served,
            "catalogue.publish": self._publish,
            "catalogue.switch": self._switch,
            "catalogue.switches": self._switches,
        }

    async def _list(self, _: Item) -> AsyncIterator[Item]:
        """The newest first."""
        in_force = self._in_force.version()
        for version in await self._store.read(versions.every):
            yield _told(version, in_force)

    async def _show(self, arguments: Item) -> Item:
        """One version with its `source`, by `packed`."""
        number = _read(ShowArguments, arguments).number
        in_force = self._in_force.version()
        wanted = number if number is not None else None if in_force is None else in_force.number
        if wanted is None:
            raise ControlError(NOTHING_PUBLISHED, "no version is in force: the file of the settings is")
        version, source = await self._store.read(
            lambda tx: (versions.find(tx, wanted), versions.source_of(tx, wanted))
        )
        if version is None or source is None:
            raise ControlError("no_such_version", f"there is no version {wanted}")
        return {**_told(version, in_force), "source": packed(source)}

    async def _served(self, _: Item) -> Item:
        """What terminals are sent now: `content`, by `packed`."""
        return {"content": packed(self._in_force.served().content)}

    async def _publish(self, arguments: Item) -> Item:
        wanted = _read(PublishArguments, arguments)
        source = unpacked(wanted.source)
        draft = self._judged(wanted, source)

        def publish(tx: Transaction) -> Version:
            last = versions.last_published(tx)
            if last is not None and draft.published_at <= last:
                raise ControlError("clock", f"it is dated {draft.published_at}, and the last one {last}")
            version = Version(**{**vars(draft), "number": versions.next_number(tx)})
            versions.add(tx, version, source=source)
            self._in_force.changed(tx)
            return version

        return _told(await self._store.write(publish), self._in_force.version())

    def _judged(self, wanted: PublishArguments, source: bytes) -> Version:
        """The version without its number. Raises ControlError."""
        published_at = document.milliseconds(wanted.published_at)
        effective_at = document.milliseconds(wanted.effective_at)
        if published_at > self._now() + _FAST_CLOCK:
            raise ControlError("clock", f"it is dated {published_at}, and here it is {self._now()}")
        if effective_at < published_at:
            raise ControlError("bad_argument", f"effective_at: {effective_at} is over already")
        try:
            catalogue = parse_catalogue(source)
        except CatalogueError as error:
            raise ControlError("catalogue_flawed", str(error)) from None
        signed = document.document_of(catalogue, published_at=published_at, effective_at=effective_at)
        self._check_signature(signed, wanted.signature)
        return Version(
            number=0,
            version=catalogue.version,
            published_at=published_at,
            effective_at=effective_at,
            document=signed,
            signature=None if wanted.signature is None else wanted.signature.model_dump(mode="json"),
            copy_of=wanted.copy_of,
            person=wanted.by,
            reason=wanted.reason,
        )

    def _check_signature(self, signed: document.Document, signature: CatalogueSignature | None) -> None:
        if self._pins is None:
            return
        if signature is None:
            raise ControlError("not_signed", "catalogue.public_key is set, so it must be signed: give --key")
        try:
            self._pins.verify(document.signed_bytes(signed), document.read(signature))
        except (NotSignedByUsError, ValueError):
            raise ControlError(
                "not_signed_by_us", "catalogue.public_key did not make its signature"
            ) from None

    async def _switch(self, arguments: Item) -> Item:
        wanted = _read(SwitchArguments, arguments)
        known = [provider.code for provider in self._in_force.catalogue().providers]
        if wanted.off and wanted.provider not in known:
            raise ControlError(
                "no_such_provider", f"no provider {wanted.provider!r}; there are {', '.join(known)}"
            )

        def switch(tx: Transaction) -> bool:
            turned = switches.turn(
                tx, wanted.provider, off=wanted.off, person=wanted.by, reason=wanted.reason
            )
            self._in_force.changed(tx)
            return turned

        turned = await self._store.write(switch)
        return {"provider": wanted.provider, "off": wanted.off, "turned": turned}

    async def _switches(self, _: Item) -> AsyncIterator[Item]:
        """Every turn, the newest first."""
        for turn in await self._store.read(switches.turns):
            yield {**asdict(turn), "at": turn.at.isoformat()}


def packed(content: bytes) -> str:
    """A file as one text of a control socket's line."""
    return b64encode(zlib.compress(content)).decode()


def unpacked(text: str, *, largest: int = LARGEST_FILE_BYTES) -> bytes:
    """Raises ControlError."""
    try:
        unpacking = zlib.decompressobj()
        source = unpacking.decompress(b64decode(text, validate=True), largest + 1)
    except (ValueError, zlib.error):
        raise ControlError("bad_argument", "source: a file, deflated, in base64") from None
    if not unpacking.eof:
        raise ControlError("bad_argument", f"source: larger than {largest} bytes, or cut off")
    return source


def _read(shape: type[T], arguments: Item) -> T:
    try:
        return shape.model_validate(arguments)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise ControlError("bad_argument", f"{place}: {wrong['msg']}") from None


def _told(version: Version, in_force: Version | None) -> Item:
    return {
        "number": version.number,
        "version": version.version,
        "published_at": version.published_at.isoformat(),
        "effective_at": version.effective_at.isoformat(),
        "in_force": in_force is not None and version.number == in_force.number,
        "signed_by": None if version.signature is None else version.signature["key"],
        "copy_of": version.copy_of,
        "by": version.person,
        "reason": version.reason,
    }
