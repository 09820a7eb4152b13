# ruff: noqa: FBT002, PLC0415 - typer reads options from parameters; what does the work is loaded to do it
"""`tolem act`: the month's act between the bank and e-port."""

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from agent.cli.options import AsJson, Config
from agent.cli.process import run

_MAKE = "make"


class _Group(TyperGroup):
    """`tolem act 2026-10` is `tolem act make 2026-10`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        return super().resolve_command(ctx, args if args[0] in self.commands else [_MAKE, *args])


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    help="The monthly act: make and sign it, verify one, compare with e-port's.",
)

Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="Where the files go.", show_default="here")
]
Key = Annotated[
    Path | None, typer.Option(help="The bank's key that signs; without it, act.sign_key of the settings.")
]
Person = Annotated[str, typer.Option("--by", help="Who signs.", default_factory=getpass.getuser)]


@app.command(_MAKE)
def make(  # noqa: PLR0913, PLR0917 - one parameter for each option
    config: Config,
    month: Annotated[str, typer.Argument(metavar="MONTH", help="Such as 2026-10; all its days are closed.")],
    by: Person,
    output: Output = Path(),
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Make a month's act as JSON, PDF and XLSX, signed with the bank's key; once signed it never changes."""
    from agent.cli.act_told import Order, tell_act

    run(tell_act(config, month, Order(output, by, as_json, key)))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An act (JSON); FILE.sig lies beside it.")],
    key: Annotated[
        Path | None, typer.Option(help="The bank's public key (PEM); without it, act.public_key of --config.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Also regenerate it from this node's books, and compare."),
    ] = None,
) -> None:
    """Does it add up, is it in its one form, has the bank signed it, and do the books still give it?"""
    from agent.cli.act_told import tell_verified

    run(tell_verified(file, key=key, config=config))


@app.command()
def compare(
    config: Config,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="e-port's own act (CSV).")],
    output: Output = Path(),
    as_json: AsJson = False,
) -> None:
    """Compare with e-port's act, provider by provider, and write the protocol. Exit 1 if anything differs."""
    from agent.cli.act_told import tell_compared

    run(tell_compared(config, file, output, as_json=as_json))
