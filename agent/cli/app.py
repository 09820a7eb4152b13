# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""The commands of `tolem`, and their entry point."""

from typing import Annotated

import typer

from agent import VERSION
from agent.cli import alarms, demo, doctor, pay, payments, products, sandbox, services, spool

app = typer.Typer(
    name="tolem",
    help="The software of a payment terminal, and of the billing gateway behind it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a frame may hold card data
)
app.command()(services.gateway)
app.command()(services.agent)
app.command()(pay.pay)
app.command()(products.products)
app.command()(doctor.doctor)
app.command()(sandbox.sandbox)
app.command()(demo.demo)
app.add_typer(payments.app, name="payments")
app.add_typer(alarms.app, name="alarms")
app.add_typer(spool.app, name="spool")


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback of a flag
    if wanted:
        typer.echo(f"tolem {VERSION}")
        raise typer.Exit


@app.callback()
def tolem(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    app()
