"""`tolem service`: who may use the technician's page."""

import typer
from rich.console import Console

from agent import owner
from agent.cli.failures import CommandFailed, Failure
from agent.cli.options import Config
from agent.cli.process import run
from agent.settings import Settings, load
from agent.technician.pin_file import NAME, PinFile, UnfitPinError
from gateway.settings import SettingsError

app = typer.Typer(no_args_is_help=True, help="The technician's page: set its PIN.")


@app.callback()
def _group() -> None:
    """A group, however few commands it has."""


@app.command()
def pin(config: Config) -> None:
    """Ask for a new service PIN, twice, and keep its hash. It opens at once; wrong tries are forgotten."""
    settings = load(config)
    typed = typer.prompt("New PIN, 6 to 12 digits", hide_input=True, confirmation_prompt=True, err=True)
    run(_set(settings, typed))


async def _set(settings: Settings, typed: str) -> None:
    if not settings.role.has_terminal:
        raise SettingsError("node.role: a gateway has no service page; set the PIN at a terminal")
    settings.node.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.in_data_dir(NAME)
    try:
        PinFile(path, now=owner.now, random_bytes=owner.random_bytes).set(typed)
    except UnfitPinError as error:
        raise CommandFailed(Failure("This is no good PIN", (str(error),), "choose another")) from None
    Console(stderr=True).print(f"the service PIN is set: {path}", soft_wrap=True)
