"""`./tolem bench [NAME…] [--json FILE]`: how fast the product is, measured; no test asserts on it.

A case is a coroutine that gives rows of a table; a new one is a line in `CASES`.
"""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.bench import kiosk
from tests.bench.rows import Row

CASES: Final[Mapping[str, Callable[[], Awaitable[Sequence[Row]]]]] = {"kiosk": kiosk.measure}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tolem bench", description="Measure the product.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--json", type=Path, metavar="FILE", help="the numbers for a program")
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - set(CASES):
        parser.error(f"no case {', '.join(sorted(unknown))}; there is {', '.join(CASES)}")
    measured = {name: asyncio.run(CASES[name]()) for name in wanted.names or CASES}
    for name, rows in measured.items():
        show(name, rows)
    if wanted.json is not None:
        text = json.dumps({name: [asdict(row) for row in rows] for name, rows in measured.items()}, indent=2)
        wanted.json.write_text(text + "\n", "utf-8")


def show(name: str, rows: Sequence[Row]) -> None:
    table = Table(title=name, title_justify="left", box=None)
    for column in ("what", "median", "95 %", "largest", "unit", "times", "aim"):
        table.add_column(column, justify="left" if column in {"what", "unit", "aim"} else "right")
    for row in rows:
        numbers = (f"{row.median:.1f}", f"{row.percentile_95:.1f}", f"{row.largest:.1f}")
        table.add_row(row.what, *numbers, row.unit, str(row.times), row.aim)
    Console().print(table)


main()
