# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem sale`: one sale at this node's terminal, told step by step; for scripts, one line of JSON.

The JSON is `{sale_id, ending, told, amount, link, end_to_end_id, tx_id, rrn, paid_at, slip}`. `ending` is paid,
refused (cancelled, expired or rejected: `told` says which), in_processing (nobody knows; ask the bank) or
out_of_service and goes with the exit code; `told` is the gateway's word. SIGINT and SIGTERM press CANCEL.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final

import segno
import typer
from rich.console import Console

from agent.cli.failures import IN_PROCESSING, OUT_OF_SERVICE, REFUSED, complain
from agent.cli.following import Following, Served, followed, show_picture
from agent.cli.look import show_line
from agent.cli.options import AsJson, Config
from agent.cli.pay_endings import Script
from agent.cli.pay_lines import Line, Mark, tenge
from agent.cli.process import run_until_stopped
from agent.journeys.merchant_sale import Ending, State
from agent.journeys.sale_record import Sale
from agent.settings import load
from agent.texts import Language
from agent.texts.reasons import reason_text

SCRIPT: Final[Mapping[Ending, Script]] = {
    Ending.PAID: Script("paid", 0),
    Ending.PAID_LATE: Script("paid", 0),
    Ending.CANCELLED: Script("refused", REFUSED),
    Ending.EXPIRED: Script("refused", REFUSED),
    Ending.REFUSED: Script("refused", REFUSED),
    Ending.DOUBTFUL: Script("in_processing", IN_PROCESSING),
    Ending.OUT_OF_SERVICE: Script("out_of_service", OUT_OF_SERVICE),
}


def sale(  # noqa: PLR0913, PLR0917 - one parameter for each option
    config: Config,
    amount: Annotated[str, typer.Option(help="As 1500.00.")],
    purpose: Annotated[str | None, typer.Option(help="What is sold; the payer sees it.")] = None,
    order: Annotated[str | None, typer.Option(help="The merchant's own number of it.")] = None,
    language: Annotated[Language | None, typer.Option(help="Of the slip.")] = None,
    as_json: AsJson = False,
) -> None:
    """Sell as a merchant: a payment link and its QR code, until it is paid, cancelled or expired."""
    arguments = {"amount": amount, "purpose": purpose, "merchant_order": order, "language": language}
    run_until_stopped(lambda stop: _sale(config, arguments, stop, as_json=as_json))


async def _sale(config: Config, arguments: Mapping[str, Any], stop: asyncio.Event, *, as_json: bool) -> int:
    settings = load(config)
    console = Console(stderr=True)
    served = Served("sale", Sale.model_validate, lambda sale: sale.sale_id)
    following = Following(served, stop, patience_seconds=settings.timers.shutdown_seconds)

    def show(sale: Sale) -> None:
        for line in lines(sale):
            show_line(console, line)
        if sale.state is State.SHOWING and sale.view is not None:
            segno.make_qr(sale.view.link).terminal(out=sys.stderr, compact=True)

    interruption = await followed(settings, following, arguments, show)
    last = following.last
    if last is not None and last.slip_printed:
        show_picture(console, settings, last.slip_number)
    ending = how_it_ended(last)
    if interruption is not None:
        complain(interruption, console)
        show_line(console, _ENDINGS[ending])
    if as_json:
        typer.echo(json.dumps(script_facts(last, SCRIPT[ending].ending), ensure_ascii=False))
    return SCRIPT[ending].exit_code


def how_it_ended(last: Sale | None) -> Ending:
    """By the last step that was told: once a link was open, somebody may be paying by it."""
    if last is None or last.state is State.OPENING:
        return Ending.OUT_OF_SERVICE
    return last.outcome or Ending.DOUBTFUL


def script_facts(sale: Sale | None, ending: str) -> dict[str, str | None]:
    """The one object that `--json` prints."""
    view = None if sale is None else sale.view
    return {
        "sale_id": None if sale is None else sale.sale_id,
        "ending": ending,
        "told": None if view is None else view.told,
        "amount": None if sale is None else str(sale.amount.amount()),
        "link": None if view is None else view.link,
        "end_to_end_id": None if view is None else view.end_to_end_id,
        "tx_id": None if view is None else view.tx_id,
        "rrn": None if view is None else view.rrn,
        "paid_at": None if view is None or view.paid_at is None else view.paid_at.isoformat(),
        "slip": sale.slip_number if sale is not None and sale.slip_printed else None,
    }


def lines(sale: Sale) -> Iterator[Line]:
    """What this committed step tells."""
    yield from _TELL[sale.state](sale)


def _opening(sale: Sale) -> Iterator[Line]:
    yield Line(Mark.GOING_ON, "sale", tenge(sale.amount))


def _showing(sale: Sale) -> Iterator[Line]:
    if sale.view is not None:
        yield Line(Mark.GOING_ON, "link", f"{sale.view.link} until {sale.view.expires_at:%H:%M:%S} UTC")


def _ended(sale: Sale) -> Iterator[Line]:
    if sale.ending is not None:
        line = _ENDINGS[sale.ending]
        yield line
        if sale.reason is not None:
            told = reason_text(sale.reason, "en")
            yield Line(line.mark, "why", f"{told} ({sale.reason})" if told else sale.reason)


def _slip(sale: Sale) -> Iterator[Line]:
    mark, told = (Mark.DONE, "printed") if sale.slip_printed else (Mark.ATTENTION, "not printed")
    yield Line(mark, "slip", f"{sale.slip_number} {told}")


_TELL: Final[Mapping[State, Callable[[Sale], Iterator[Line]]]] = {
    State.OPENING: _opening,
    State.SHOWING: _showing,
    State.BEING_PAID: lambda _: iter(
        [Line(Mark.GOING_ON, "order", "somebody is paying: nothing is final yet")]
    ),
    State.CANCELLING: lambda _: iter([Line(Mark.GOING_ON, "cancel", "closing the link")]),
    State.ENDED: _ended,
    State.SLIP_DONE: _slip,
    State.CLOSED: _ended,
}
_ENDINGS: Final[Mapping[Ending, Line]] = {
    Ending.PAID: Line(Mark.DONE, "ending", "paid"),
    Ending.PAID_LATE: Line(Mark.DONE, "ending", "paid, later than expected"),
    Ending.CANCELLED: Line(Mark.NO, "ending", "cancelled"),
    Ending.EXPIRED: Line(Mark.NO, "ending", "the link has expired, nobody paid"),
    Ending.REFUSED: Line(Mark.NO, "ending", "the payment was refused"),
    Ending.DOUBTFUL: Line(
        Mark.ATTENTION, "ending", "not confirmed: do not hand over the goods, ask the bank"
    ),
    Ending.OUT_OF_SERVICE: Line(Mark.NO, "ending", "out of service, there is no link"),
}
