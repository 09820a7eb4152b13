# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem pay-link`: a shop paid by its link with this node's terminal; told, stopped and ended as `tolem pay` is.

The JSON is `{order_id, ending, state, end_to_end_id, tx_id, rrn, creditor, sum, fee, total, receipt}`.
"""

from typing import Annotated

import typer

from agent.cli.following import Served
from agent.cli.options import AsJson, Config
from agent.cli.pay import paid
from agent.cli.pay_endings import sum_of
from agent.cli.process import run_until_stopped
from agent.journeys.link_record import LinkJourney
from agent.texts import Language


def pay_link(
    link: Annotated[str, typer.Argument(help="The link, its id alone, or what its QR code holds.")],
    config: Config,
    language: Annotated[Language | None, typer.Option(help="Of the receipt.")] = None,
    without_receipt: Annotated[
        bool, typer.Option("--without-receipt", help="Go on if the printer has no paper.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Pay a shop by its payment link: who is paid, card, PIN, order, receipt."""
    arguments = {"link": link, "language": language, "without_receipt": without_receipt}
    served = Served("pay_link", LinkJourney.model_validate, lambda journey: journey.journey_id)
    facts = script_facts if as_json else None
    run_until_stopped(lambda stop: paid(config, served, arguments, stop, facts))


def script_facts(journey: LinkJourney | None, ending: str) -> dict[str, str | None]:
    """The one object that `--json` prints."""
    view = None if journey is None else journey.view
    offer = None if journey is None else journey.offer
    return {
        "order_id": None if journey is None else journey.payment_id,
        "ending": ending,
        "state": None if view is None else view.state,
        "end_to_end_id": None if offer is None else offer.offer_id,
        "tx_id": None if view is None else view.tx_id,
        "rrn": None if view is None else view.rrn,
        "creditor": None if offer is None else offer.creditor_name,
        "sum": None if journey is None else sum_of(journey.amount),
        "fee": None if journey is None else sum_of(journey.fee),
        "total": None if journey is None else sum_of(journey.total),
        "receipt": journey.receipt_number if journey is not None and journey.receipt_printed else None,
    }
