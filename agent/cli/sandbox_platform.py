# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem sandbox platform`: the transfers platform on loopback, with a scripted bank on its other side."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from agent import logs
from agent.cli.look import show_facts
from agent.cli.process import run_until_stopped
from agent.sample_settings import ACQUIRER, MERCHANT, SandboxPlaces
from agent.sample_transfers import PLACES, BankPlace, PlatformPlaces
from certs.identity import Identity
from gateway.sandbox.pin import ANSI_SAMPLE_BDK
from gateway.sandbox.platform.bank import ScriptedBank
from gateway.sandbox.platform.bank_line import BankSettings
from gateway.sandbox.platform.running import Platform
from gateway.sandbox.platform.settings_file import (
    ParticipantSection,
    PlatformFile,
    PlatformFileError,
    ScriptedBankSection,
)
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import CardHostSettings, SandboxSettings
from spool import LocalDisk
from spool.disk import Lock

FOLDER: Final = Path(".demo/platform")


def platform(
    folder: Annotated[
        Path, typer.Option(help="For its ledger, its certificates and those of its banks.")
    ] = FOLDER,
    settings: Annotated[
        Path | None, typer.Option(help="A TOML file: platform, participants, timers, scripted bank.")
    ] = None,
    with_banks: Annotated[
        bool,
        typer.Option(
            "--with-banks", help="For each participant an e-port, a card host and a central system too."
        ),
    ] = False,
) -> None:
    """Run the transfers platform until Ctrl-C: details, orders, positions, commits, with a ledger of its own."""
    try:
        told = PlatformFile.read("" if settings is None else settings.read_text("utf-8"))
    except (PlatformFileError, OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error), param_hint="--settings") from None
    run_until_stopped(lambda stop: _platform(folder.absolute(), told, stop, with_banks=with_banks))


async def _platform(folder: Path, told: PlatformFile, stop: asyncio.Event, *, with_banks: bool) -> None:
    async with AsyncExitStack() as stack:
        stack.callback(_own(folder).release)
        logs.configure()
        running = await stack.enter_async_context(Platform.open(folder, told.settings()))
        banks = [_introduce(running, section) for section in told.participant]
        if with_banks:
            banks = [await _surrounded(stack, folder, bank) for bank in banks]
        scripted = told.scripted_bank
        places = PlatformPlaces(
            platform_url=running.url,
            admin_url=running.admin_url,
            bank_id=running.bank_id,
            bic=running.bic,
            ca=running.ca,
            certificate=running.certificate,
            pin=running.pin,
            participants=tuple(banks),
            links=() if scripted is None else await _scripted(stack, running, told, scripted),
        )
        unfinished = folder / f".{PLACES}"
        unfinished.write_text(places.model_dump_json(indent=2), "utf-8")
        unfinished.rename(folder / PLACES)
        console = Console()
        show_facts(console, places.model_dump(exclude={"participants", "links"}))
        console.print(f"Ready. Everything else is in {folder / PLACES}", soft_wrap=True)
        await stop.wait()


def _own(folder: Path) -> Lock:
    """StoreBusy if another platform works there: two would write the same ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    return LocalDisk().lock(folder / "platform")


def _introduce(running: Platform, section: ParticipantSection) -> BankPlace:
    """A certificate to sign with, and to show in TLS, for whoever came without pins."""
    if section.pins:
        return BankPlace(bank_id=section.bank_id, bic=section.bic)
    issued = running.issuer.issue(section.bic)
    pin = Identity.read(*issued).fingerprint
    running.join(section.model_copy(update={"pins": frozenset({pin})}).participant())
    return BankPlace(
        bank_id=section.bank_id, bic=section.bic, certificate=issued.certificate, key=issued.key, pin=pin
    )


async def _surrounded(stack: AsyncExitStack, folder: Path, bank: BankPlace) -> BankPlace:
    """With an outside world of its own, whose ledgers are in a folder of its own."""
    cards = CardHostSettings(acquirer=ACQUIRER, merchant=MERCHANT, bdk=ANSI_SAMPLE_BDK)
    own = folder / bank.bank_id
    own.mkdir(exist_ok=True)
    sandbox = await stack.enter_async_context(Sandbox.open(own, SandboxSettings(card_host=cards)))
    return bank.model_copy(update={"sandbox": SandboxPlaces.of(sandbox)})


async def _scripted(
    stack: AsyncExitStack, running: Platform, told: PlatformFile, section: ScriptedBankSection
) -> tuple[str, ...]:
    """The links that its shops offer."""
    settings = BankSettings(section.bank_id, section.bic, timers=told.timers.timers())
    bank = await stack.enter_async_context(ScriptedBank.open(running, settings))
    links = [f"{section.bank_id}{secrets.token_hex(11)[:21]}" for _ in range(section.links)]
    for link in links:
        bank.payee.offer(link, amount=section.amount_minor)
    return tuple(links)
