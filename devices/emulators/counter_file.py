"""An emulated pad's key counter, kept on disk, so that no KSN comes twice over restarts. Holds no key."""

from pathlib import Path
from typing import Final

FIRST: Final = 1


class CounterFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> int:
        """The counter to use next; the first one if there is no file yet."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return FIRST

    def save(self, counter: int) -> None:
        """Whole or not at all."""
        draft = self._path.with_suffix(".new")
        draft.write_text(f"{counter}\n", encoding="ascii")
        draft.replace(self._path)
