# ruff: noqa: FBT002, PLC0415 - typer reads options from parameters; what does the work is loaded to do it
"""`tolem payments`: what was paid, as the gateway's book and the terminal's own journeys have it."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.options import AsJson, Config
from agent.cli.process import run

app = typer.Typer(
    no_args_is_help=True, help="List payments, show one's whole story, take it to e-port, order a cancel."
)

Identifier = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="Any of its numbers: the operation number of its receipt (RRN), the receipt's own, payment_id,"
        " txn_id, eport_id, check_id, the account that was paid for; or STAN@TERMINAL, or 2026-11-22T14:05@TERMINAL in the node's time.",
    ),
]


@app.command("list")
def list_(
    config: Config,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 20,
    journeys: Annotated[
        bool, typer.Option("--journeys", help="The terminal's journeys, abandoned ones too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The newest payments of this node's gateway, or of its terminal."""
    from agent.cli.payments_told import tell_newest

    run(tell_newest(config, limit, journeys=journeys, as_json=as_json))


@app.command()
def show(config: Config, identifier: Identifier, as_json: AsJson = False) -> None:
    """One payment's whole story: identifiers, history, what the spool still has to send."""
    from agent.cli.payments_told import tell_story

    run(tell_story(config, identifier, as_json=as_json))


@app.command()
def dispute(
    config: Config,
    identifier: Identifier,
    output: Annotated[Path, typer.Option(help="The zip to write: JSON for a machine, text for a person.")],
) -> None:
    """Write what e-port needs to look into a payment: numbers, sums, times, its own words; masked."""
    from agent.cli.payments_told import write_dispute

    run(write_dispute(config, identifier, output))


@app.command()
def cancel(
    config: Config,
    identifier: Identifier,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the payment's history.")],
    by: Annotated[str, typer.Option(help="Who orders it.", default_factory=getpass.getuser)],
    as_json: AsJson = False,
) -> None:
    """Order e-port to cancel a payment whose fate is not decided yet."""
    from agent.cli.payments_told import order_cancel

    run(order_cancel(config, identifier, by=by, reason=reason, as_json=as_json))
