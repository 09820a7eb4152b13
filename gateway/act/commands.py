"""What a person may ask and order of acts, as commands of the gateway's control socket.

| command | arguments | answers |
|---|---|---|
| act.draft | month | the act's bytes by `packed`, their hash, and who signed it, if somebody did |
| act.sign | month, sha256, signature, by | the same; from then on it never changes |
| act.list | – | one item for each signed act, the newest month first |
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from gateway.act import signed
from gateway.act.acts import Acts, BooksChangedError, Drafted, NoPartiesError, NotTheDraftError
from gateway.act.composed import OpenDaysError
from gateway.act.month import Month, NotAMonthError
from gateway.act.signed import SignedAct
from gateway.providers.product import CatalogueSignature
from gateway.publishing.commands import packed
from spool import ControlError, Store
from spool.control import Command

Item = dict[str, Any]
DAYS_OPEN: Final = "days_open"
_CODES: Final[Mapping[type[Exception], str]] = {
    OpenDaysError: DAYS_OPEN,
    NoPartiesError: "no_parties",
    BooksChangedError: "books_changed",
    NotTheDraftError: "not_the_draft",
    NotAMonthError: "bad_argument",
}


class ActCommands:
    def __init__(self, spool: Store, acts: Acts) -> None:
        self._spool = spool
        self._acts = acts

    def commands(self) -> Mapping[str, Command]:
        return {"act.draft": self._draft, "act.sign": self._sign, "act.list": self._list}

    async def _draft(self, arguments: Item) -> Item:
        try:
            month = Month.parse(str(arguments.get("month")))
            return _told(await self._spool.read(lambda tx: self._acts.draft(tx, month)))
        except tuple(_CODES) as refused:
            raise _refusal(refused) from None

    async def _sign(self, arguments: Item) -> Item:
        by, sha256 = (str(arguments.get(name, "")).strip() for name in ("by", "sha256"))
        if not by:
            raise ControlError("bad_argument", "by is missing")
        try:
            month = Month.parse(str(arguments.get("month")))
            signature = CatalogueSignature.model_validate(arguments.get("signature"))
            return _told(
                await self._spool.write(
                    lambda tx: self._acts.sign(tx, month, sha256=sha256, signature=signature, by=by)
                )
            )
        except ValidationError:
            raise ControlError(
                "bad_argument", "signature is a key's beginning and a value in base64"
            ) from None
        except tuple(_CODES) as refused:
            raise _refusal(refused) from None

    async def _list(self, _: Item) -> AsyncIterator[Item]:
        for one in await self._spool.read(signed.every):
            yield {"month": one.month, "sha256": hashlib.sha256(one.content).hexdigest(), **_signed(one)}


def _refusal(error: Exception) -> ControlError:
    return ControlError(_CODES[type(error)], str(error))


def _told(drafted: Drafted) -> Item:
    return {
        "month": drafted.act.month,
        "point": drafted.act.point,
        "sha256": drafted.sha256,
        "document": packed(drafted.content),
        "signed": None if drafted.kept is None else _signed(drafted.kept),
    }


def _signed(kept: SignedAct) -> Item:
    return {"at": kept.at.isoformat(), "by": kept.by, "signature": kept.signature.model_dump()}
