# ruff: noqa: FBT002 - typer reads a command's options from its parameters
"""`tolem demo`: the product shown at work. With --pay or --pay-link it ends with three books compared: exit 0 only if they agree."""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from agent.cli.demo_play import play
from agent.cli.demo_progress import CampaignProgress
from agent.cli.demo_report import show_books, show_receipt, show_registries, show_report
from agent.cli.demo_story import Story
from agent.cli.process import run, run_until_stopped
from agent.demo import campaign
from agent.demo.comparison import Compared, compare_books
from agent.demo.customers import wishes
from agent.demo.registries import compare_registries
from agent.demo.run_folder import new_run_folder
from agent.demo.stage import Stage, set_up
from agent.sample_settings import DEMO_CATALOGUE, DEVICES, Sections, by_hand, hundredth, through_pcscd
from gateway.providers.catalogue import load_catalogue
from gateway.sandbox.faults import FaultName
from gateway.sandbox.registry_comparison import RegistryComparison

DIFFERENT: Final = 1
_ONE: Final = {
    "product": "kokjiek-mobile",
    "requisites": {"account": "7071234567"},
    "sum": "1500.00",
    "language": "ru",
}


class Card(StrEnum):
    """How a terminal reaches its emulated card."""

    DIRECT = "direct"
    PCSC = "pcsc"


_REACHED: Final[Mapping[Card, Callable[[Sections], Sections]]] = {
    Card.DIRECT: lambda devices: devices,
    Card.PCSC: through_pcscd,
}


def demo(  # noqa: PLR0913, PLR0917 - one parameter for each option
    pay: Annotated[bool, typer.Option("--pay", help="Pay bills by themselves, without a screen.")] = False,
    pay_link: Annotated[
        bool, typer.Option("--pay-link", help="Pay a shop by link, through two banks and the platform.")
    ] = False,
    payments: Annotated[int, typer.Option(min=1, help="How many.")] = 1,
    terminals: Annotated[int, typer.Option(min=1, max=100, help="At how many terminals.")] = 1,
    faults: Annotated[
        str, typer.Option(help=f"What fails, by commas: {', '.join(FaultName)}.", metavar="LIST")
    ] = "",
    card: Annotated[
        Card, typer.Option(help="How the card is reached: at once, or by a real pcscd with a virtual reader.")
    ] = Card.DIRECT,
    seed: Annotated[int | None, typer.Option(help="Of customers and faults; a new one if left out.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keeps settings, logs, stores and receipts.")] = None,
) -> None:
    """Show the product at work: a terminal to play with in a browser; or, with --pay, payments and three books."""
    names = _names(faults)
    many = (payments, terminals, names, seed) != (1, 1, frozenset(), None)
    if many and not (pay or pay_link):
        raise typer.BadParameter("--payments, --terminals, --faults and --seed belong to --pay or --pay-link")
    if pay and pay_link:
        raise typer.BadParameter("--pay pays bills, --pay-link pays a shop: choose one")
    chosen = folder or new_run_folder(Path.cwd(), datetime.now().astimezone())
    chosen.mkdir(parents=True, exist_ok=True)
    if not (pay or pay_link):
        by_a_person = _REACHED[card](by_hand())
        run_until_stopped(lambda stop: play(chosen.absolute(), stop, by_a_person))
    devices = _REACHED[card](DEVICES)
    plan = campaign.Plan(payments, names, random.SystemRandom().randrange(10**6) if seed is None else seed)
    if pay_link:
        run(_links(chosen.absolute(), plan, terminals, devices, many=many))
    if payments == 1 and terminals == 1 and not names:
        run(_one(chosen.absolute(), devices))
    run(_many(chosen.absolute(), plan, terminals, devices))


async def _links(folder: Path, plan: campaign.Plan, shops: int, devices: Sections, *, many: bool) -> int:
    from agent.cli.demo_links import many_links, one_link  # noqa: PLC0415 - a stage of its own, seldom wanted

    _say_where(Console(), folder)
    return await (many_links(folder, plan, shops, devices) if many else one_link(folder, devices))


async def _one(folder: Path, devices: Sections) -> int:
    console = Console()
    _say_where(console, folder)
    async with AsyncExitStack() as stack:
        stage = await _up(stack, console, set_up(folder, terminals=1, terminal=devices))
        journey = await Story(stage, console).tell(_ONE)
        show_receipt(console, stage.terminals[0].data_dir, journey)
        compared = await compare_books(stage)
        registries = await compare_registries(stage)
    show_books(console, compared)
    show_registries(console, registries)
    return _verdict(compared, registries)


async def _many(folder: Path, plan: campaign.Plan, terminals: int, devices: Sections) -> int:
    console = Console()
    console.print(f"{plan.payments} payments, {terminals} terminals, seed {plan.seed}", style="bold")
    _say_where(console, folder)
    async with AsyncExitStack() as stack:
        scene = set_up(folder, terminals=terminals, timers=hundredth(), terminal=devices)
        stage = await _up(stack, console, scene)
        orders = wishes(load_catalogue(DEMO_CATALOGUE), seed=plan.seed)
        with CampaignProgress(console, customers=plan.payments) as progress:
            report = await campaign.run(stage, plan, orders, progress)
    show_report(console, report)
    return _verdict(report.compared, report.registries, at_rest=report.compared.books.open == 0)


def _say_where(console: Console, folder: Path) -> None:
    console.print(f"Everything is kept in {folder}", style="dim", soft_wrap=True)


async def _up(stack: AsyncExitStack, console: Console, scene: AbstractAsyncContextManager[Stage]) -> Stage:
    with console.status("starting sandbox, gateway and terminals"):
        return await stack.enter_async_context(scene)


def _verdict(compared: Compared, registries: Sequence[RegistryComparison], *, at_rest: bool = True) -> int:
    agree = compared.agree and all(told.agree for told in registries)
    return 0 if agree and at_rest else DIFFERENT


def _names(text: str) -> frozenset[FaultName]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in list(FaultName)]:
        raise typer.BadParameter(f"no fault {unknown[0]!r}; there are {', '.join(FaultName)}")
    return frozenset(map(FaultName, wanted))
