# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem sandbox`: e-port, a card host and a central system on loopback, for whoever integrates or tries things out."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from agent import logs
from agent.cli.look import show_facts
from agent.cli.process import run_until_stopped
from agent.cli.sandbox_platform import platform
from agent.sample_settings import (
    ACQUIRER,
    DEVICES,
    MERCHANT,
    PLACES,
    POINT,
    SandboxPlaces,
    gateway_sections,
    text,
)
from gateway.sandbox.pin import ANSI_SAMPLE_BDK
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import CardHostSettings, SandboxSettings
from spool import LocalDisk
from spool.disk import Lock

FOLDER: Final = Path(".demo/sandbox")  # beside what the demo keeps, and as little of a clone's own
EXAMPLE: Final = "node.toml"
_COMMENT: Final = """A terminal and its gateway in one, beside the sandbox; the devices are emulated.
Try: tolem pay --config THIS --product dala-mobile --requisite account=7011234567 --sum 1500.00"""


app = typer.Typer()
app.command("platform")(platform)


@app.callback(invoke_without_command=True)
def sandbox(  # noqa: PLR0913, PLR0917 - one parameter for each option
    context: typer.Context,
    folder: Annotated[
        Path, typer.Option(help="For its books and certificates, and an example node.")
    ] = FOLDER,
    eport_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    card_host_port: Annotated[int, typer.Option(min=0, max=65535)] = 0,
    central_port: Annotated[int, typer.Option(min=0, max=65535)] = 0,
    admin_port: Annotated[int, typer.Option(min=0, max=65535)] = 0,
    card_host_tls: Annotated[bool, typer.Option("--card-host-tls", help="The card host speaks TLS.")] = False,
) -> None:
    """Run e-port, a card host and a central system until Ctrl-C, with ledgers of their own."""
    if context.invoked_subcommand is not None:
        return
    settings = SandboxSettings(
        eport_port=eport_port,
        card_host_port=card_host_port,
        central_port=central_port,
        admin_port=admin_port,
        card_host_tls=card_host_tls,
        card_host=CardHostSettings(acquirer=ACQUIRER, merchant=MERCHANT, bdk=ANSI_SAMPLE_BDK),
    )
    run_until_stopped(lambda stop: _sandbox(folder.absolute(), settings, stop))


async def _sandbox(folder: Path, settings: SandboxSettings, stop: asyncio.Event) -> None:
    async with AsyncExitStack() as stack:
        stack.callback(_own(folder).release)
        logs.configure()
        running = await stack.enter_async_context(Sandbox.open(folder, settings))
        places = SandboxPlaces(
            eport_url=running.eport_url,
            card_host=f"{running.card_host[0]}:{running.card_host[1]}",
            card_host_tls=settings.card_host_tls,
            central_url=running.central_url,
            admin_url=running.admin_url,
            ca=running.ca,
            client_cert=running.bank.certificate,
            client_key=running.bank.key,
        )
        example = _write(folder, places)
        console = Console()
        show_facts(console, {**places.model_dump(), "point": POINT, "example": example})
        console.print(f"Ready. Try:  tolem pay --config {example} --product dala-mobile", soft_wrap=True)
        console.print("             --requisite account=7011234567 --sum 1500.00")
        await stop.wait()


def _own(folder: Path) -> Lock:
    """StoreBusy if another sandbox works there: two would write the same ledgers."""
    folder.mkdir(parents=True, exist_ok=True)
    return LocalDisk().lock(folder / "sandbox")


def _write(folder: Path, places: SandboxPlaces) -> Path:
    """The example, and last, complete at once, the places that others wait for."""
    example = folder / EXAMPLE
    node = {"node": {"id": "ATM00017", "data_dir": "node"}}
    example.write_text(text({**node, **gateway_sections(places), **DEVICES}, comment=_COMMENT), "utf-8")
    unfinished = folder / f".{PLACES}"
    unfinished.write_text(places.model_dump_json(indent=2), "utf-8")
    unfinished.rename(folder / PLACES)
    return example
