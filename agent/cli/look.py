"""How things look at a command line: a mark, a label, and text that wraps beside both."""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
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
_ANY: Final = repeat(10_000)  # of two columns that do not fit, rich folds the text
_GAP: Final = 2  # columns between two of a table
_SENTENCE_COLUMNS: Final = 16  # what a name of several words needs to be read without effort
_LAST_SENTENCE_COLUMNS: Final = 24  # and a sentence


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

    A column without any value is left out, and sentences may wrap, so that a history stays a table on a
    narrow screen.
    """
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    used = [place for place in range(len(columns)) if any(row[place] for row in cells)]
    columns, cells = [columns[place] for place in used], [[row[place] for place in used] for row in cells]
    if not cells:
        return
    widths = _fitted(columns, cells, console.width)
    if widths is None and len(columns) > 2:
        for row in cells:
            show_facts(console, {name: value for name, value in zip(columns, row, strict=True) if value})
            console.print()
        return
    table = Table.grid(padding=(0, _GAP, 0, 0))
    for place in range(len(columns)):
        table.add_column(width=widths[place] if widths else None, overflow="fold")
    table.add_row(*(Text(name, style="bold") for name in columns))
    for row in cells:
        table.add_row(
            *(Text(_wrapped(cell, width)) for cell, width in zip(row, widths or _ANY, strict=False))
        )
    console.print(table)


def _wrapped(cell: str, width: int) -> str:
    """Broken at plain spaces alone: rich would also break a sum at its no-break spaces."""
    lines = (
        textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
        for line in cell.splitlines()
    )
    return "\n".join("\n".join(broken) for broken in lines)


def _fitted(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """How wide each column of a table is that has this width; None if it needs more."""
    fitted = []
    least = []
    for place, column in enumerate(zip(columns, *cells, strict=True)):
        fitted.append(max(map(_width, column)))
        floor = _LAST_SENTENCE_COLUMNS if place == len(columns) - 1 else _SENTENCE_COLUMNS
        longest_word = max(cell_len(word) for cell in column for word in cell.split(" "))
        least.append(min(fitted[-1], max(floor, longest_word)))
    over = sum(fitted) + _GAP * (len(columns) - 1) - width
    for place in (len(columns) - 1, *range(len(columns) - 1)):
        cut = max(0, min(over, fitted[place] - least[place]))
        fitted[place] -= cut
        over -= cut
    return fitted if over <= 0 else None


def local(value: object, zone: ZoneInfo) -> object:
    """An instant in RFC 3339 in the node's time, to the second; anything else as it is."""
    if not isinstance(value, str) or _INSTANT.match(value) is None:
        return value
    return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _width(cell: str) -> int:
    return max(map(cell_len, cell.splitlines()), default=0)
