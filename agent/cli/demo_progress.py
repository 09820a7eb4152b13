"""How far a campaign is: customers served, then what is still on its way to an end."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class CampaignProgress:
    """Two bars, the second from the moment the faults end: it fills as what they left open comes to its end."""

    def __init__(self, console: Console, *, customers: int) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<13}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._customers = self._bars.add_task("customers", total=customers)
        self._rest = self._bars.add_task("coming to rest", total=None, start=False, visible=False)
        self._most_open = 0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def served(self) -> None:
        self._bars.advance(self._customers)

    def still_open(self, count: int) -> None:
        if not self._most_open and count:
            self._bars.start_task(self._rest)
        self._most_open = max(self._most_open, count)
        self._bars.update(self._rest, total=self._most_open, completed=self._most_open - count, visible=True)
