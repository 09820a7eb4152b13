# ruff: noqa: FBT002, PLC0415 - typer reads options from parameters; what does the work is loaded to do it
"""`tolem reconcile DAY`, and what a person does about differences: `worklist`, `decide`, `assign`, `days`."""

import getpass
import re
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from agent.cli.options import AsJson, Config
from agent.cli.process import run

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_OF_DAY: Final = "day"


class _DayOrCommand(TyperGroup):
    """`tolem reconcile 2026-11-22` is `tolem reconcile day 2026-11-22`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and _DAY.fullmatch(args[0]):
            args = [_OF_DAY, *args]
        return list(super().parse_args(ctx, args))


app = typer.Typer(
    cls=_DayOrCommand,
    no_args_is_help=True,
    help="Compare a day with e-port's registry: `tolem reconcile DAY`; decide what differs, close the day.",
)

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")]
Case = Annotated[int, typer.Argument(metavar="CASE", min=1, help="The number of a case of the worklist.")]


@app.command(_OF_DAY)
def of_day(
    config: Config,
    day: Annotated[str, typer.Argument(metavar="DAY", help="Such as 2026-11-22.")],
    by: Annotated[str, typer.Option(help="Who closes it.", default_factory=getpass.getuser)],
    close: Annotated[
        bool, typer.Option("--close", help="Freeze it: what is decided later counts in a later day.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Settle what was uncertain, compare both books, and show the day; `tolem reconcile DAY` does it too."""
    from agent.cli.reconcile_told import tell_day

    run(tell_day(config, day, close=close, by=by, as_json=as_json))


@app.command()
def days(config: Config, limit: Limit = 31, as_json: AsJson = False) -> None:
    """The days that were compared, the newest first."""
    from agent.cli.reconcile_told import tell_days

    run(tell_days(config, limit, as_json=as_json))


@app.command()
def worklist(config: Config, limit: Limit = 100, as_json: AsJson = False) -> None:
    """The differences that nobody has decided yet, the oldest first."""
    from agent.cli.reconcile_told import tell_worklist

    run(tell_worklist(config, limit, as_json=as_json))


@app.command()
def decide(  # noqa: PLR0913, PLR0917 - one option each
    config: Config,
    case: Case,
    decision: Annotated[
        str,
        typer.Argument(
            metavar="DECISION",
            help="ours: our book stands; eport: e-port's registry does; and of a payment that is still open,"
            " settle: it is paid; release: it is not.",
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the decision.")],
    by: Annotated[str, typer.Option(help="Who decides.", default_factory=getpass.getuser)],
    as_json: AsJson = False,
) -> None:
    """Decide a difference, for ever."""
    from agent.cli.reconcile_told import tell_case

    arguments = {"case": case, "decision": decision, "reason": reason, "by": by}
    run(tell_case(config, "reconcile.decide", arguments, as_json=as_json))


@app.command()
def assign(
    config: Config,
    case: Case,
    owner: Annotated[str, typer.Argument(metavar="OWNER", help="Who takes care of it.")],
    as_json: AsJson = False,
) -> None:
    """Say who takes care of a difference."""
    from agent.cli.reconcile_told import tell_case

    run(tell_case(config, "reconcile.assign", {"case": case, "owner": owner}, as_json=as_json))
