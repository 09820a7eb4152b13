# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem pay`: one payment by this node's terminal, told step by step; for scripts, one line of JSON.

The JSON is `{payment_id, ending, state, txn_id, eport_id, rrn, sum, fee, total, receipt}`. `ending` is
paid, refused, in_processing or out_of_service and goes with the exit code; `state` is the gateway's;
`receipt` is the number of the receipt that was printed; what does not exist is null. Every ending has its
JSON, also if the terminal, its gateway or this command ended in the middle; only usage (2) has none.

SIGINT and SIGTERM press CANCEL. Where that is heard no more the payment has `shutdown_seconds` for its
ending; a second SIGINT does not wait for it.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from agent.cli.failures import complain
from agent.cli.following import Following, Served, followed, show_picture
from agent.cli.look import show_line
from agent.cli.options import AsJson, Config
from agent.cli.pay_endings import SCRIPT, how_it_ended, script_facts
from agent.cli.pay_lines import ending_line, lines
from agent.cli.process import run_until_stopped
from agent.journeys.bill_record import Journey
from agent.journeys.card_record import J
from agent.settings import load
from agent.texts import Language


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
    run_until_stopped(lambda stop: _pay(config, arguments, stop, as_json=as_json))


async def _pay(config: Config, arguments: Mapping[str, Any], stop: asyncio.Event, *, as_json: bool) -> int:
    served = Served("pay", Journey.model_validate, lambda journey: journey.journey_id)
    return await paid(config, served, arguments, stop, script_facts if as_json else None)


async def paid(
    config: Config,
    served: Served[J],
    arguments: Mapping[str, Any],
    stop: asyncio.Event,
    facts: Callable[[J | None, str], Mapping[str, str | None]] | None,
) -> int:
    """Whatever is paid by card, told until its end; the exit code. `facts`: for a script."""
    settings = load(config)
    console = Console(stderr=True)
    following = Following(served, stop, patience_seconds=settings.timers.shutdown_seconds)

    def show(journey: J) -> None:
        for line in lines(journey):
            show_line(console, line)

    interruption = await followed(settings, following, arguments, show)
    last = following.last
    if last is not None and last.receipt_printed:
        show_picture(console, settings, last.receipt_number)
    ending = how_it_ended(last, interrupted=interruption is not None)
    if interruption is not None:
        complain(interruption, console)
        show_line(console, ending_line(ending))
    script = SCRIPT[ending]
    if facts is not None:
        typer.echo(json.dumps(facts(last, script.ending), ensure_ascii=False))
    return script.exit_code


def _requisites(given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for (code, equals, _), text in zip(pairs, given, strict=True):
        if not code or not equals:
            raise typer.BadParameter(f"{text!r} is not code=value, such as account=7011234567")
    repeated = [code for code, times in Counter(code for code, _, _ in pairs).items() if times > 1]
    if repeated:
        raise typer.BadParameter(f"{', '.join(repeated)} is given more than once: which one is meant?")
    return {code: value for code, _, value in pairs}
