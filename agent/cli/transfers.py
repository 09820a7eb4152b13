# ruff: noqa: FBT002, PLC0415 - typer reads options from parameters; what does the work is loaded to do it
"""`tolem transfers`: payments by link, as this bank's gateway has them: as the payer's bank, or as the payee's."""

from typing import Annotated

import typer

from agent.cli.options import AsJson, Config
from agent.cli.process import run

app = typer.Typer(no_args_is_help=True, help="List payments by link, show one's whole chain.")


@app.command("list")
def list_(
    config: Config,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The newest chains that this node's gateway takes part in."""
    from agent.cli.transfers_told import tell_newest

    run(tell_newest(config, limit, as_json=as_json))


@app.command()
def show(
    config: Config,
    identifier: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Any of its numbers: the link or its id, EndToEndId, TxId, MsgId, the operation number (RRN) or the"
            " receipt's own, order_id, sale_id; or 2026-11-22T14:05@TERMINAL in the node's time.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """One payment's whole chain: identifiers, history, every message with its signer and HTTP status."""
    from agent.cli.transfers_told import tell_chain

    run(tell_chain(config, identifier, as_json=as_json))
