"""What a demo ends with: the receipt, the books line by line, the numbers of a campaign."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from agent.cli.look import show_rows
from agent.demo.campaign import Report
from agent.demo.comparison import Compared
from agent.journeys.bill_record import Journey
from agent.kept_receipts import draw, kept
from devices.escpos.profile import PROFILES
from devices.escpos.terminal import terminal_picture
from gateway.money import Amount
from gateway.sandbox.books import CardRow, Line
from gateway.sandbox.registry_comparison import RegistryComparison

_PROFILE: Final = PROFILES["escpos"]
_MOST_LINES: Final = 10


def show_receipt(console: Console, data_dir: Path, journey: Journey) -> None:
    """As decoded from the bytes that went down the printer's wire, and the path of its picture."""
    job = None if journey.receipt_number is None else kept(data_dir, journey.receipt_number)
    if job is None or journey.receipt_number is None:
        console.print("No receipt was printed.", style="yellow")
        return
    console.file.write(terminal_picture(job, _PROFILE, colour=console.is_terminal) + "\n")
    console.print(f"picture: {draw(data_dir, journey.receipt_number, _PROFILE)}", style="dim", soft_wrap=True)


def show_books(console: Console, compared: Compared) -> None:
    """Every line that somebody should look at, or all of them if they are few; then the verdict."""
    lines = compared.books.lines
    shown = [line for line in lines if line.findings or line.open] if len(lines) > _MOST_LINES else lines
    console.print()
    if shown:
        console.print("The three books", style="bold")
    show_rows(console, ("txn_id", "gateway", "e-port", "card host", ""), map(_row, shown))
    for contradiction in compared.contradictions:
        console.print(Text(f"✗ {contradiction}", style="red"))
    settled = sum(not line.findings and not line.open for line in lines)
    if shown:
        console.print()
    verdict = "the books agree" if compared.agree else "THE BOOKS DIFFER"
    style = "bold green" if compared.agree else "bold red"
    counts = {
        "settled": settled,
        "open": compared.books.open,
        "contradictions": len(compared.contradictions),
    }
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    console.print(Text.assemble((verdict, style), f" – payments: {len(lines)}, {told}"))


def show_registries(console: Console, registries: Sequence[RegistryComparison]) -> None:
    """One line for each receiver, and whatever a registry lost, invented or told otherwise."""
    for told in registries:
        mark, style = ("✓", "green") if told.agree else ("✗", "red")
        console.print(
            Text(f"registries at {told.receiver} – operations: {told.operations} {mark}", style=style)
        )
        for finding in told.findings:
            console.print(Text(f"  {finding.txn_id} {finding.kind}: {finding.says}", style="red"))


def show_report(console: Console, report: Report) -> None:
    tally = report.tally
    console.print()
    show_rows(console, ("customers were told", ""), counted(tally.endings))
    if tally.refused_to_begin:
        show_rows(console, ("could not begin", ""), counted(tally.refused_to_begin))
    if tally.faults:
        console.print()
        show_rows(console, ("faults met", ""), counted(tally.faults))
        console.print(f"{tally.repeats} requests were repeats; {report.rest_seconds:.0f} s to come to rest")
    show_books(console, report.compared)
    show_registries(console, report.registries)
    if report.compared.books.open:
        console.print("What is open has not come to its end in its time; see the logs.", style="bold red")


def counted(counts: Mapping[Any, int]) -> Iterator[tuple[str, int]]:
    return ((str(name), count) for name, count in sorted(counts.items()))


def _row(line: Line) -> tuple[str, str, str, str, str]:
    ids = {row.txn_id for row in line.gateway} | {row.txn_id for row in line.eport}
    verdict = "; ".join(f"{finding.kind}: {finding.says}" for finding in line.findings)
    return (
        ", ".join(sorted(ids)),
        ", ".join(f"{row.state} {tenge_of(row.total)}" for row in line.gateway) or "–",
        ", ".join(f"{row.status} {tenge_of(row.total)}" for row in line.eport) or "–",
        ", ".join(card_told(row) for row in line.cards) or "–",
        verdict or ("open" if line.open else "✓"),
    )


def card_told(row: CardRow) -> str:
    parts = (("held", row.held), ("captured", row.captured), ("released", row.released))
    told = [f"{word} {tenge_of(sum_)}" for word, sum_ in parts if sum_]
    if told:
        return ", ".join(told)
    return "no hold" if row.response_code is None else f"declined {row.response_code}"


def tenge_of(minor: int) -> str:
    return str(Amount(minor))
