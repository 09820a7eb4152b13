"""Durable entries, idempotent answers and sequences in one SQLite file with one writer.

The spool knows no payload: what an entry means is the business of whoever put it there.
"""

from spool.answers import Stored, recall, remember
from spool.breaker import BreakerSettings, CircuitState
from spool.breakers import Breakers
from spool.control import ControlServer, control_call
from spool.control_commands import spool_commands
from spool.disk import Disk, LocalDisk
from spool.entry import Entry, NewEntry, close_entry, enqueue, requeue
from spool.errors import (
    AnswerConflict,
    CommitFailed,
    ControlError,
    ControlUnavailable,
    DiskFull,
    KeyConflict,
    KeyFileError,
    LeaseLost,
    MigrationChanged,
    NoSuchEntry,
    NotDurable,
    NotForAPerson,
    SpoolError,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreOverloaded,
    StoreTooNew,
    StoreUnsafe,
)
from spool.forwarder import Forwarder
from spool.migrations import Migrations
from spool.schedule import Schedule
from spool.sequences import last_number, next_number, set_floor
from spool.settings import SpoolSettings
from spool.store import Spool
from spool.transaction import Transaction
from spool.verdicts import Again, Delivered, Route, ToPerson, Verdict

__all__ = [
    "Again",
    "AnswerConflict",
    "BreakerSettings",
    "Breakers",
    "CircuitState",
    "CommitFailed",
    "ControlError",
    "ControlServer",
    "ControlUnavailable",
    "Delivered",
    "Disk",
    "DiskFull",
    "Entry",
    "Forwarder",
    "KeyConflict",
    "KeyFileError",
    "LeaseLost",
    "LocalDisk",
    "MigrationChanged",
    "Migrations",
    "NewEntry",
    "NoSuchEntry",
    "NotDurable",
    "NotForAPerson",
    "Route",
    "Schedule",
    "Spool",
    "SpoolError",
    "SpoolSettings",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "StoreOverloaded",
    "StoreTooNew",
    "StoreUnsafe",
    "Stored",
    "ToPerson",
    "Transaction",
    "Verdict",
    "close_entry",
    "control_call",
    "enqueue",
    "last_number",
    "next_number",
    "recall",
    "remember",
    "requeue",
    "set_floor",
    "spool_commands",
]
