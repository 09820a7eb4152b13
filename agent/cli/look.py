"""How things look at a command line: a mark, a label, and text that wraps beside both."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.cli.pay_lines import Line, Mark

_COLOURS: Final[Mapping[Mark, str]] = {
    Mark.DONE: "green",
    Mark.GOING_ON: "cyan",
    Mark.NO: "red",
    Mark.ATTENTION: "yellow",
}
_LABEL_COLUMNS: Final = 10


def show_line(console: Console, line: Line) -> None:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(width=_LABEL_COLUMNS)
    grid.add_column(overflow="fold")
    colour = _COLOURS[line.mark]
    grid.add_row(Text(line.mark, style=colour), Text(line.label, style="bold"), Text(line.text))
    console.print(grid)


def show_facts(console: Console, facts: Mapping[str, object]) -> None:
    """Names and values below each other; what is None is left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        if value is not None:
            grid.add_row(name, Text(str(value)))
    console.print(grid)


def show_rows(console: Console, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; a value that does not fit wraps, none is cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console.print(table)
