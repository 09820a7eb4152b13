"""`tolem demo --pay-link`: a shop is paid by link through two banks and the transfers platform; three ledgers at the end."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Final

import aiohttp
from rich.console import Console
from rich.text import Text

from agent.cli.demo_progress import CampaignProgress
from agent.cli.demo_report import card_told, counted, tenge_of
from agent.cli.look import show_line, show_rows
from agent.cli.pay_lines import Line, Mark, tenge
from agent.demo.campaign import Plan
from agent.demo.transfers import campaign
from agent.demo.transfers.comparison import Compared
from agent.demo.transfers.shoppers import Course, Purchase, purchases
from agent.demo.transfers.shopping import Shop
from agent.demo.transfers.stage import TransferStage, set_up
from agent.journeys.bill import Ending, State
from agent.journeys.link_record import LinkJourney
from agent.journeys.merchant_sale import Ending as SaleEnding
from agent.journeys.sale_record import Sale
from agent.sample_settings import Sections
from agent.sample_transfers import platform_tempo, tempo
from gateway.sandbox.transfer_books import TransferLine

DIFFERENT: Final = 1
_ONE: Final = Purchase("4500.00", "Шай мен бауырсақ", Course.PAID)
_MOST_LINES: Final = 10
_UP: Final = "starting the platform, two banks and their terminals"


async def one_link(folder: Path, devices: Sections) -> int:
    """One sale, told as it happens."""
    console = Console()
    async with AsyncExitStack() as stack:
        with console.status(_UP):
            stage = await stack.enter_async_context(_at_work(folder, 1, devices))
        shop = Shop(stage.payee.terminals[0], stage.payer.terminals[0])
        shopped = await shop.serve(_ONE, _Teller(console))
        compared = await campaign.quiet(stage, [shopped])
        await _tell_chain(console, stage, shopped.journeys[0])
    show_ledgers(console, compared)
    return verdict(compared)


async def many_links(folder: Path, plan: Plan, shops: int, devices: Sections) -> int:
    console = Console()
    console.print(f"{plan.payments} sales, {shops} shops, seed {plan.seed}", style="bold")
    async with AsyncExitStack() as stack:
        with console.status(_UP):
            stage = await stack.enter_async_context(_at_work(folder, shops, devices))
        with CampaignProgress(console, customers=plan.payments) as progress:
            report = await campaign.run(stage, plan, purchases(seed=plan.seed), progress)
    _show_report(console, report)
    return verdict(report.compared)


def _at_work(folder: Path, shops: int, devices: Sections) -> AbstractAsyncContextManager[TransferStage]:
    return set_up(folder, shops=shops, timers=tempo(), platform_timers=platform_tempo(), devices=devices)


class _Teller:
    """Says each line about till and customer once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: set[Line] = set()

    def __call__(self, record: Sale | LinkJourney) -> None:
        line = _till(record) if isinstance(record, Sale) else _customer(record)
        if line is not None and line not in self._said:
            self._said.add(line)
            show_line(self._console, line)


_STEPS: Final[Mapping[State, str]] = {
    State.CONSENTED: "agrees to the sum",
    State.CARD_IN: "card in the reader",
    State.PIN_DONE: "PIN entered",
    State.SENDING: "order committed and sent to the bank",
}


def _till(sale: Sale) -> Line | None:
    view = sale.view
    if sale.ending is not None:
        paid = sale.ending in {SaleEnding.PAID, SaleEnding.PAID_LATE}
        return Line(Mark.DONE if paid else Mark.NO, "till", f"the merchant is told: {sale.ending}")
    if view is None:
        return None
    return Line(Mark.GOING_ON, "till", f"{tenge(view.amount)} by {view.link}: {view.told.replace('_', ' ')}")


def _customer(journey: LinkJourney) -> Line | None:
    if journey.ending is not None:
        paid = journey.ending is Ending.PAID
        return Line(
            Mark.DONE if paid else Mark.ATTENTION, "customer", f"the customer is told: {journey.ending}"
        )
    if journey.offer is not None and journey.state is State.OFFERED:
        offer = journey.offer
        told = f"{offer.creditor_name} (BIN {offer.creditor_bin}), {tenge(offer.total)}: {offer.purpose}"
        return Line(Mark.DONE, "customer", told)
    says = _STEPS.get(journey.state)
    return None if says is None else Line(Mark.GOING_ON, "customer", says)


async def _tell_chain(console: Console, stage: TransferStage, journey: LinkJourney) -> None:
    """Every message as the platform has it, in both directions."""
    if journey.view is None:
        return
    async with (
        aiohttp.ClientSession(stage.platform.admin_url, raise_for_status=True) as session,
        session.get(f"/chains/{journey.view.end_to_end_id}") as answer,
    ):
        messages = (await answer.json())["messages"]
    console.print(f"\nThe chain {journey.view.end_to_end_id} at the platform", style="bold", soft_wrap=True)
    columns = ("step", "direction", "party", "kind", "status", "http")
    show_rows(console, columns, ([message[column] for column in columns] for message in messages))


def show_ledgers(console: Console, compared: Compared) -> None:
    """Every line that somebody should look at, or all of them if they are few; then the verdict."""
    lines = compared.books.lines
    shown = [line for line in lines if line.findings or line.open] if len(lines) > _MOST_LINES else lines
    console.print()
    if shown:
        console.print("The three ledgers", style="bold")
    columns = ("TxId", "payer's card host", "platform", "payee's card host", "")
    show_rows(console, columns, map(_row, shown))
    for row in compared.stray_holds:
        console.print(Text(f"✗ {row.terminal} {row.rrn}: {card_told(row)} for nobody's order", style="red"))
    for contradiction in compared.contradictions:
        console.print(Text(f"✗ {contradiction}", style="red"))
    settled = sum(row.state == "SETTLED" for line in lines for row in line.platform)
    told = f"transfers: {len(lines)}, {settled} settled, {compared.books.open} open"
    said = ("the ledgers agree", "bold green") if compared.agree else ("THE LEDGERS DIFFER", "bold red")
    console.print(Text.assemble(said, f" – {told}, {len(compared.contradictions)} contradictions"))


def verdict(compared: Compared) -> int:
    return 0 if compared.agree and compared.books.open == 0 else DIFFERENT


def _row(line: TransferLine) -> Sequence[str]:
    says = "; ".join(f"{finding.kind}: {finding.says}" for finding in line.findings)
    return (
        line.tx_id or "–",
        ", ".join(card_told(row) for row in line.holds) or "–",
        ", ".join(f"{row.state} {tenge_of(row.amount)}" for row in line.platform) or "–",
        ", ".join(f"credited {tenge_of(row.amount)}" for row in line.credits) or "–",
        says or ("open" if line.open else "✓"),
    )


def _show_report(console: Console, report: campaign.Report) -> None:
    tally = report.tally
    console.print()
    show_rows(console, ("customers were told", ""), counted(tally.customers))
    show_rows(console, ("merchants were told", ""), counted(tally.merchants))
    if tally.refused_to_begin:
        show_rows(console, ("could not begin", ""), counted(tally.refused_to_begin))
    if tally.faults:
        console.print()
        show_rows(console, ("faults met", ""), counted(tally.faults))
        console.print(f"{report.rest_seconds:.0f} s to come to rest")
    show_ledgers(console, report.compared)
    if report.compared.books.open:
        console.print("What is open has not come to its end in its time; see the logs.", style="bold red")
