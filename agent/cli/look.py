"""How things look at a command line: a mark, a label, and text that wraps beside both."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.cells import cell_len
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
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$")
_GAP: Final = 2  # columns between two of a table
_SENTENCE_COLUMNS: Final = 24  # what a sentence needs to be read without effort


def show_line(console: Console, line: Line) -> None:
    show_lines(console, [line])


def show_lines(console: Console, lines: Sequence[Line]) -> None:
    """Marks, labels of one width, and texts that wrap beside them."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(width=max(_LABEL_COLUMNS, *(cell_len(line.label) for line in lines)))
    grid.add_column(overflow="fold")
    for line in lines:
        grid.add_row(
            Text(line.mark, style=_COLOURS[line.mark]), Text(line.label, style="bold"), Text(line.text)
        )
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
    """A table, if the console is wide enough for it; else one block for each row. No value is ever cut.

    Sentences in the last column may wrap, so that a history stays a table on a narrow screen.
    """
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    if not cells:
        return
    if _needed(columns, cells) > console.width and len(columns) > 2:
        for row in cells:
            show_facts(console, {name: value for name, value in zip(columns, row, strict=True) if value})
            console.print()
        return
    table = Table.grid(padding=(0, _GAP, 0, 0))
    for _ in columns[:-1]:
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(*(Text(name, style="bold") for name in columns))
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _needed(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """How many of the console's columns a table of these cells takes at least."""
    widths = [max(map(_width, column)) for column in zip(columns, *cells, strict=True)]
    if any(" " in row[-1].strip() for row in cells):
        widths[-1] = min(widths[-1], _SENTENCE_COLUMNS)
    return sum(widths) + _GAP * len(columns)


def local(value: object, zone: ZoneInfo) -> object:
    """An instant in RFC 3339 in the node's time, to the second; anything else as it is."""
    if not isinstance(value, str) or _INSTANT.match(value) is None:
        return value
    return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _width(cell: str) -> int:
    return max(map(cell_len, cell.splitlines()), default=0)
