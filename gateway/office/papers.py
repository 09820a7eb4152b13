"""An act's files, as they are downloaded: the signed bytes as they are, and what is printed of them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.act import document
from gateway.act.month import Month
from gateway.act.papers.pdf import act_pdf
from gateway.act.papers.xlsx import act_xlsx
from gateway.office.desk import Desk
from gateway.providers.product import CatalogueSignature
from gateway.publishing.commands import unpacked


class NotSignedError(Exception):
    """There is no signature of this act."""


@dataclass(frozen=True)
class Paper:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class _Drafted:
    content: bytes
    signature: CatalogueSignature | None


async def paper(desk: Desk, month: Month, ending: str) -> Paper:
    """KeyError for an ending that none has; ControlError, NotSignedError or PapersMissingError."""
    media_type, make = _ENDINGS[ending]
    drafted = await desk.act(month)
    content = unpacked(drafted["document"], largest=document.LARGEST_BYTES)
    signed = drafted["signed"]
    signature = None if signed is None else CatalogueSignature.model_validate(signed["signature"])
    made = await make(_Drafted(content, signature))
    return Paper(f"act-{drafted['point']}-{drafted['month']}.{ending}", media_type, made)


async def _json(drafted: _Drafted) -> bytes:
    return drafted.content


async def _signature(drafted: _Drafted) -> bytes:
    if drafted.signature is None:
        raise NotSignedError
    return (drafted.signature.model_dump_json() + "\n").encode()


async def _pdf(drafted: _Drafted) -> bytes:
    return await asyncio.to_thread(act_pdf, document.read(drafted.content), drafted.signature)


async def _xlsx(drafted: _Drafted) -> bytes:
    return await asyncio.to_thread(act_xlsx, document.read(drafted.content))


_ENDINGS: Final[Mapping[str, tuple[str, Callable[[_Drafted], Awaitable[bytes]]]]] = {
    "json": ("application/json", _json),
    "json.sig": ("application/json", _signature),
    "pdf": ("application/pdf", _pdf),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
}
