"""One measured quantity."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Self


@dataclass(frozen=True)
class Row:
    what: str
    median: float
    percentile_95: float
    largest: float
    unit: str
    times: int
    aim: str = ""

    @classmethod
    def of(cls, what: str, samples: Sequence[float], unit: str, *, aim: str = "") -> Self:
        high = quantiles(samples, n=20)[-1] if len(samples) > 1 else samples[0]
        return cls(what, median(samples), high, max(samples), unit, len(samples), aim)
