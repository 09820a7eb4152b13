"""What `tolem act` makes and tells."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
from rich.console import Console

from agent import owner
from agent.cli.act_files import (
    act_path,
    content_of,
    protocol_path,
    read_signature,
    signature_path,
    write,
    write_signature,
)
from agent.cli.failures import CommandFailed, Failure
from agent.cli.look import show_facts, show_lines, show_rows
from agent.cli.pay_lines import Line, Mark
from agent.settings import Settings, load
from certs.detached import NotSignedByUsError, Pins, sign
from gateway.act import document, eport_act
from gateway.act.document import Act, Sums
from gateway.act.month import Month, NotAMonthError
from gateway.act.papers.pdf import act_pdf, protocol_pdf
from gateway.act.papers.words import count_text, sum_text
from gateway.act.papers.xlsx import act_xlsx
from gateway.act.protocol import Compared, protocol
from gateway.providers.product import CatalogueSignature
from gateway.publishing.commands import unpacked
from gateway.publishing.document import read, written

DIFFERENT: Final = 1
_COLUMNS: Final = ("provider", "count", "sum", "fee", "total")
_COMPARED: Final = ("provider", "side", *_COLUMNS[1:])


@dataclass(frozen=True)
class Order:
    """`key` signs, in the name of `by`; None: what the settings say, if they do."""

    folder: Path
    by: str
    as_json: bool
    key: Path | None = None


async def tell_act(config: Path, month: str, order: Order) -> None:
    settings = load(config)
    drafted = await _drafted(settings, _month(month))
    content = unpacked(drafted["document"], largest=document.LARGEST_BYTES)
    key = order.key or (None if settings.act is None else settings.act.sign_key)
    if drafted["signed"] is None and key is not None:
        made = {"sha256": drafted["sha256"], "signature": written(sign(content, key)).model_dump()}
        drafted = await _asked(settings, "act.sign", {"month": month, "by": order.by, **made})
    act, kept = document.read(content), drafted["signed"]
    path = act_path(order.folder, act)
    write(path, content)
    signature = None if kept is None else CatalogueSignature.model_validate(kept["signature"])
    if signature is not None:
        write_signature(path, signature)
    _tell(act, drafted, path, as_json=order.as_json)
    await asyncio.to_thread(_write_papers, act, signature, path)


async def tell_verified(file: Path, *, key: Path | None, config: Path | None) -> None:
    settings = None if config is None else load(config)
    content = content_of(file)
    act = document.read(content)
    proved = ["it is in its one form, and adds up"]
    section = None if settings is None else settings.act
    key = key or (None if section is None else section.public_key)
    if key is None:
        why = ("no key says who may have signed it",)
        raise CommandFailed(
            Failure("Nothing is verified", why, "give --key, or --config with act.public_key")
        )
    signature = read_signature(file)
    _check_signature(file, content, Pins.load(key), signature)
    proved.append(f"the bank's key {signature.key} has signed it")
    if settings is not None:
        drafted = await _drafted(settings, Month.parse(act.month))
        if unpacked(drafted["document"], largest=document.LARGEST_BYTES) != content:
            why = (f"they give SHA-256 {drafted['sha256']}",)
            raise CommandFailed(Failure("The books of this node give another act", why))
        proved.append("the books of this node give the same bytes")
    show_lines(Console(), [Line(Mark.DONE, act.month, text) for text in proved])


async def tell_compared(config: Path, file: Path, folder: Path, *, as_json: bool) -> int:
    settings = load(config)
    theirs = eport_act.read(content_of(file))
    drafted = await _drafted(settings, theirs.month)
    compared = protocol(document.read(unpacked(drafted["document"], largest=document.LARGEST_BYTES)), theirs)
    path = protocol_path(folder, theirs)
    if as_json:
        rows = [_item(line) for line in compared.lines]
        typer.echo(json.dumps({"agrees": not compared.differences, "providers": rows}, ensure_ascii=False))
    else:
        console = Console()
        show_rows(console, _COMPARED, [row for line in compared.lines for row in _compared_rows(line)])
        differing = len(compared.differences)
        mark, text = (Mark.NO, f"{differing} differ") if differing else (Mark.DONE, "both acts agree")
        show_lines(console, [Line(mark, "providers", text), Line(Mark.GOING_ON, "protocol", str(path))])
    write(path, await asyncio.to_thread(protocol_pdf, compared))
    return DIFFERENT if compared.differences else 0


def _tell(act: Act, drafted: owner.Item, path: Path, *, as_json: bool) -> None:
    signed = drafted["signed"]
    beside = [".pdf", ".xlsx", *([] if signed is None else [signature_path(path).suffix])]
    facts = {
        "month": act.month,
        "sha256": drafted["sha256"],
        "signed": "not yet: act.sign_key is not set" if signed is None else f"{signed['by']}, {signed['at']}",
        "files": ", ".join(map(str, (path, *beside))),
    }
    if as_json:
        typer.echo(json.dumps({**facts, "act": json.loads(document.written(act))}, ensure_ascii=False))
        return
    rows = [(line.title.ru, *_cells(line.accepted)) for line in act.providers]
    show_rows(Console(), _COLUMNS, [*rows, ("total", *_cells(act.accepted))])
    typer.echo()
    show_facts(Console(), {**facts, "open items": len(act.open_items), "adjustments": len(act.adjustments)})


def _write_papers(act: Act, signature: CatalogueSignature | None, path: Path) -> None:
    """Raises PapersMissingError."""
    write(path.with_suffix(".xlsx"), act_xlsx(act))
    write(path.with_suffix(".pdf"), act_pdf(act, signature))


def _check_signature(file: Path, content: bytes, pins: Pins, signature: CatalogueSignature) -> None:
    try:
        pins.verify(content, read(signature))
    except (NotSignedByUsError, ValueError):
        why = (f"{signature_path(file)} is no signature of it by a key that is believed",)
        raise CommandFailed(Failure("The bank has not signed this", why)) from None


def _cells(sums: Sums) -> Sequence[str]:
    return count_text(sums.count), sum_text(sums.sum), sum_text(sums.fee), sum_text(sums.total)


def _compared_rows(line: Compared) -> Iterator[Sequence[str]]:
    yield (line.title.ru, "bank", *_cells(line.ours))
    yield ("", "e-port", *_cells(line.theirs))
    if not line.agrees:
        yield ("", "differs", *_cells(line.difference))


def _item(line: Compared) -> owner.Item:
    sides = {"ours": line.ours, "theirs": line.theirs, "difference": line.difference}
    return {"provider": line.provider} | {name: sums.model_dump() for name, sums in sides.items()}


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except NotAMonthError as error:
        raise CommandFailed(Failure("This is no month", (str(error),), "write it as 2026-10")) from None


async def _drafted(settings: Settings, month: Month) -> owner.Item:
    return await _asked(settings, "act.draft", {"month": str(month)})


async def _asked(settings: Settings, command: str, arguments: owner.Item) -> owner.Item:
    async with owner.acts(settings) as call:
        (item,) = [item async for item in call(command, arguments)]
    return item
