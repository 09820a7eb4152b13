# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem pay`: one payment by this node's terminal, told step by step; for scripts, one line of JSON.

The JSON is `{payment_id, ending, state, txn_id, eport_id, rrn, sum, fee, total, receipt}`. `ending` is
paid, refused, in_processing or out_of_service and goes with the exit code; `state` is the gateway's;
`receipt` is the number of the receipt that was printed; what does not exist is null.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from agent import owner
from agent.cli.failures import IN_PROCESSING, OUT_OF_SERVICE, REFUSED, CommandFailed, Failure
from agent.cli.look import show_line
from agent.cli.options import AsJson, Config
from agent.cli.pay_lines import Line, Mark, lines
from agent.cli.process import run
from agent.journeys.bill import Ending
from agent.journeys.bill_record import Journey
from agent.kept_receipts import draw
from agent.settings import Settings, load
from agent.terminal_devices import printer_profile
from agent.texts import Language
from gateway.contract import Money

_SCRIPT: Final[Mapping[Ending | None, tuple[str, int]]] = {
    Ending.PAID: ("paid", 0),
    Ending.NOTHING_TAKEN: ("refused", REFUSED),
    Ending.BEING_UNBLOCKED: ("refused", REFUSED),
    Ending.CANCELLED: ("refused", REFUSED),
    Ending.IN_PROCESSING: ("in_processing", IN_PROCESSING),
    Ending.OUT_OF_SERVICE: ("out_of_service", OUT_OF_SERVICE),
}


def pay(  # noqa: PLR0913, PLR0917 - one parameter for each option
    config: Config,
    product: Annotated[str, typer.Option(help="What to pay for; `tolem products` lists them.")],
    requisite: Annotated[
        list[str],
        typer.Option(help="Once for each requisite of the product.", metavar="CODE=VALUE"),
    ],
    sum_: Annotated[
        str | None, typer.Option("--sum", help="As 1500.00; without it, the debt or the price.")
    ] = None,
    language: Annotated[Language | None, typer.Option(help="Of the receipt.")] = None,
    without_receipt: Annotated[
        bool, typer.Option("--without-receipt", help="Go on if the printer has no paper.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Pay one bill by card: check, card, PIN, hold, payment, receipt."""
    arguments = {
        "product": product,
        "requisites": _requisites(requisite),
        "sum": sum_,
        "language": language,
        "without_receipt": without_receipt,
    }
    run(_pay(config, arguments, as_json=as_json))


async def _pay(config: Config, arguments: Mapping[str, Any], *, as_json: bool) -> int:
    settings = load(config)
    console = Console(stderr=True)
    last: Journey | None = None
    async with owner.terminal(settings) as call:
        async for item in call("pay", dict(arguments)):
            last = Journey.model_validate(item)
            for line in lines(last):
                show_line(console, line)
    if last is None or last.ending is None:
        raise CommandFailed(
            Failure("The payment was interrupted", ("its end was not told",), exit_code=IN_PROCESSING)
        )
    if last.receipt_printed and last.receipt_number is not None:
        _show_picture(console, settings, last.receipt_number)
    ending, code = _SCRIPT[last.ending]
    if as_json:
        typer.echo(json.dumps(script_facts(last, ending), ensure_ascii=False))
    return code


def script_facts(journey: Journey, ending: str) -> dict[str, str | None]:
    view = journey.view
    return {
        "payment_id": journey.payment_id,
        "ending": ending,
        "state": None if view is None else view.state,
        "txn_id": None if view is None else view.txn_id,
        "eport_id": None if view is None else view.eport_id,
        "rrn": None if view is None else view.rrn,
        "sum": _amount(journey.amount),
        "fee": _amount(journey.fee),
        "total": _amount(journey.total),
        "receipt": journey.receipt_number if journey.receipt_printed else None,
    }


def _show_picture(console: Console, settings: Settings, receipt_number: str) -> None:
    """Where a person can look at what an emulated printer printed."""
    path = draw(settings.node.data_dir, receipt_number, printer_profile(settings))
    if path is not None:
        show_line(console, Line(Mark.DONE, "picture", str(path)))


def _amount(money: Money | None) -> str | None:
    return None if money is None else str(money.amount())


def _requisites(given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for (code, equals, _), text in zip(pairs, given, strict=True):
        if not code or not equals:
            raise typer.BadParameter(f"{text!r} is not code=value, such as account=7011234567")
    return {code: value for code, _, value in pairs}
