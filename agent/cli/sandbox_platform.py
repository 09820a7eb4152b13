"""`tolem sandbox platform`: the transfers platform on loopback, with a scripted bank on its other side."""

import asyncio
import json
import secrets
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from agent import logs
from agent.cli.look import show_facts
from agent.cli.process import run_until_stopped
from certs.identity import Identity
from gateway.sandbox.platform.bank import ScriptedBank
from gateway.sandbox.platform.bank_line import BankSettings
from gateway.sandbox.platform.running import Platform
from gateway.sandbox.platform.settings_file import PlatformFile, PlatformFileError, ScriptedBankSection
from spool import LocalDisk
from spool.disk import Lock

FOLDER: Final = Path(".demo/platform")
PLACES: Final = "platform.json"


def platform(
    folder: Annotated[
        Path, typer.Option(help="For its ledger, its certificates and those of its banks.")
    ] = FOLDER,
    settings: Annotated[
        Path | None, typer.Option(help="A TOML file: platform, participants, timers, scripted bank.")
    ] = None,
) -> None:
    """Run the transfers platform until Ctrl-C: details, orders, positions, commits, with a ledger of its own."""
    try:
        told = PlatformFile.read("" if settings is None else settings.read_text("utf-8"))
    except (PlatformFileError, OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error), param_hint="--settings") from None
    run_until_stopped(lambda stop: _platform(folder.absolute(), told, stop))


async def _platform(folder: Path, told: PlatformFile, stop: asyncio.Event) -> None:
    async with AsyncExitStack() as stack:
        stack.callback(_own(folder).release)
        logs.configure()
        running = await stack.enter_async_context(Platform.open(folder, told.settings()))
        places: dict[str, Any] = {
            "platform_url": running.url,
            "admin_url": running.admin_url,
            "bank_id": running.bank_id,
            "bic": running.bic,
            "ca": str(running.ca),
            "certificate": str(running.certificate),
            "pin": running.pin,
            "participants": _introduce(running, told),
        }
        if told.scripted_bank is not None:
            places["links"] = await _scripted(stack, running, told, told.scripted_bank)
        unfinished = folder / f".{PLACES}"
        unfinished.write_text(json.dumps(places, indent=2), "utf-8")
        unfinished.rename(folder / PLACES)
        console = Console()
        show_facts(console, {name: value for name, value in places.items() if isinstance(value, str)})
        console.print(f"Ready. Everything else is in {folder / PLACES}", soft_wrap=True)
        await stop.wait()


def _own(folder: Path) -> Lock:
    """StoreBusy if another platform works there: two would write the same ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    return LocalDisk().lock(folder / "platform")


def _introduce(running: Platform, told: PlatformFile) -> list[dict[str, str]]:
    """A certificate to sign with, and to show in TLS, for whoever came without pins."""
    introduced = []
    for section in told.participant:
        facts = {"bank_id": section.bank_id, "bic": section.bic}
        if not section.pins:
            issued = running.issuer.issue(section.bic)
            pin = Identity.read(*issued).fingerprint
            known = section.model_copy(update={"pins": frozenset({pin})})
            running.join(known.participant())
            facts |= {"certificate": str(issued.certificate), "key": str(issued.key), "pin": pin}
        introduced.append(facts)
    return introduced


async def _scripted(
    stack: AsyncExitStack, running: Platform, told: PlatformFile, section: ScriptedBankSection
) -> list[str]:
    """The links that its shops offer."""
    settings = BankSettings(section.bank_id, section.bic, timers=told.timers.timers())
    bank = await stack.enter_async_context(ScriptedBank.open(running, settings))
    links = [f"{section.bank_id}{secrets.token_hex(11)[:21]}" for _ in range(section.links)]
    for link in links:
        bank.payee.offer(link, amount=section.amount_minor)
    return links
