"""The few numbers of a store that an owner may want to differ."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SpoolSettings:
    reserve_bytes: int = 8 * 1024 * 1024  # given up when the disk fills, so that acknowledgements still work
    log_bytes: int = 1100 * 4120  # of the log, written at the start: an appending commit costs twice
    waiting_writes: int = 10_000  # more than this: StoreOverloaded
    readers: int = 2  # connections for `read`
    upkeep_seconds: float = 60.0  # between two looks at the clock, the reserve and what may be purged
