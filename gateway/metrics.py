"""A few numbers in Prometheus's text format 0.0.4, for a scraper on loopback."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.moves import Move

CONTENT_TYPE: Final = "text/plain; version=0.0.4"
Labels = Mapping[str, str]
Sample = tuple[Labels, float]


class MoveCounter:
    """An observer of moves: how many payments came into each state since the start."""

    def __init__(self) -> None:
        self.into: Counter[str] = Counter()

    def __call__(self, move: Move) -> None:
        if move.before is not move.after:
            self.into[move.after.value] += 1


def family(name: str, kind: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    """One metric with its samples. `kind`: counter or gauge."""
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        named = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{named}}} {value:g}" if named else f"{name} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
