"""`tolem office`: who may use the operators' page."""

from typing import Annotated

import typer
from rich.console import Console

from agent import owner
from agent.cli.failures import CommandFailed, Failure
from agent.cli.options import Config
from agent.cli.process import run
from agent.settings import Settings, gateway_part, load
from gateway.office.passwords import NAME, Passwords, UnfitPasswordError

app = typer.Typer(no_args_is_help=True, help="Who may use the operators' page: passwords.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="As decisions will name this person.")]


@app.command()
def password(config: Config, name: Name) -> None:
    """Ask for somebody's new password, twice, and keep its hash. It opens at once; wrong tries are forgotten."""
    settings = load(config)
    typed = typer.prompt(
        "New password, 12 characters or more", hide_input=True, confirmation_prompt=True, err=True
    )
    run(_set(settings, name, typed))


@app.command()
def remove(config: Config, name: Name) -> None:
    """Let somebody in no more; whoever is in is out at once."""
    run(_remove(load(config), name))


@app.command("list")
def list_(config: Config) -> None:
    """The names of those who are let in."""
    run(_list(load(config)))


async def _set(settings: Settings, name: str, typed: str) -> None:
    settings.node.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _passwords(settings).set(name, typed)
    except UnfitPasswordError as error:
        raise CommandFailed(Failure("This is no good password", (str(error),), "choose another")) from None
    Console(stderr=True).print(f"{name} is let in to the operators' page", soft_wrap=True)


async def _remove(settings: Settings, name: str) -> None:
    if not _passwords(settings).remove(name):
        raise CommandFailed(Failure("Nobody has this name", (name,), "`tolem office list` shows the names"))


async def _list(settings: Settings) -> None:
    for name in _passwords(settings).names():
        typer.echo(name)


def _passwords(settings: Settings) -> Passwords:
    gateway_part(settings)  # a terminal alone has no such page
    return Passwords(settings.in_data_dir(NAME), now=owner.now, random_bytes=owner.random_bytes)
