# ruff: noqa: FBT002, PLC0415 - typer reads options from parameters; what does the work is loaded to do it
"""`tolem catalogue`: what can be paid for, from a file to what every terminal shows."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.options import AsJson, Config
from agent.cli.process import run

app = typer.Typer(
    no_args_is_help=True, help="Check, compare and publish the catalogue, switch a provider off and on."
)
switch = typer.Typer(no_args_is_help=True, help="Switch a provider off and on, without a new version.")
app.add_typer(switch, name="switch")

File = Annotated[Path, typer.Argument(metavar="FILE", help="A catalogue (TOML).")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the version or the switch.")]
Person = Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser)]
Key = Annotated[
    Path | None,
    typer.Option(help="The bank's catalogue key; without it, catalogue.sign_key of the settings."),
]
Provider = Annotated[str, typer.Argument(metavar="PROVIDER", help="Its code in the catalogue.")]


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Read a file as the gateway would; every error in it is told with its path."""
    from agent.cli.catalogue_told import tell_content

    run(tell_content(file, as_json=as_json))


@app.command()
def diff(config: Config, file: File, as_json: AsJson = False) -> None:
    """What would change for the customers if this file were published."""
    from agent.cli.catalogue_told import tell_differences

    run(tell_differences(config, file, as_json=as_json))


@app.command()
def agree(
    config: Config,
    file: Annotated[
        Path, typer.Argument(metavar="LIST", help="The list agreed with e-port (TOML, or CSV by its name).")
    ],
    catalogue: Annotated[
        Path | None, typer.Option(help="A file to compare; without it, what is in force.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare with the list that was agreed upon with e-port. Exit 1 if anything differs."""
    from agent.cli.catalogue_told import tell_disagreements

    run(tell_disagreements(config, file, catalogue, as_json=as_json))


@app.command()
def publish(  # noqa: PLR0913, PLR0917 - one parameter for each option
    config: Config,
    file: File,
    reason: Reason,
    by: Person,
    effective: Annotated[
        str | None,
        typer.Option(help="When it comes into force, such as 2026-12-01T00:00 in the node's time; now."),
    ] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Publish a file as the next version, signed with the bank's key."""
    from agent.cli.catalogue_orders import Order, order_version

    run(order_version(config, file, Order(by, reason, as_json, key), effective=effective))


@app.command()
def rollback(  # noqa: PLR0913, PLR0917 - one parameter for each option
    config: Config,
    reason: Reason,
    by: Person,
    to: Annotated[
        int | None, typer.Option(min=1, help="Which version; without it, what was in force before.")
    ] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Publish what an earlier version had, as the next version, in force at once."""
    from agent.cli.catalogue_orders import Order, order_rollback

    run(order_rollback(config, Order(by, reason, as_json, key), to=to))


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """The published versions, the newest first; they are never changed."""
    from agent.cli.catalogue_told import tell_versions

    run(tell_versions(config, as_json=as_json))


@app.command("new-key")
def new_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Of the new key; its public key is FILE.pub.")],
) -> None:
    """Make the bank's catalogue key: a private file, and the public one for gateway and terminals."""
    from agent.cli.catalogue_orders import make_key

    run(make_key(file))


@switch.command()
def off(config: Config, provider: Provider, reason: Reason, by: Person, as_json: AsJson = False) -> None:
    """Refuse its checks at once; terminals learn it within a minute. What is paid already goes on."""
    from agent.cli.catalogue_orders import Order, order_switch

    run(order_switch(config, provider, Order(by, reason, as_json), off=True))


@switch.command()
def on(config: Config, provider: Provider, reason: Reason, by: Person, as_json: AsJson = False) -> None:
    """Let it be paid again."""
    from agent.cli.catalogue_orders import Order, order_switch

    run(order_switch(config, provider, Order(by, reason, as_json), off=False))


@switch.command("list")
def list_turns(config: Config, as_json: AsJson = False) -> None:
    """Every turn of a switch, the newest first."""
    from agent.cli.catalogue_told import tell_turns

    run(tell_turns(config, as_json=as_json))
