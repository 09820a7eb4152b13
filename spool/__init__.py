"""Durable entries, idempotent answers and sequences in one SQLite file with one writer.

A `Spool` is an open store. Whoever owns it adds tables of its own (`Migrations`) and does all its work
through `write(fn)` and `read(fn)`; in the same transaction it enqueues what must leave the machine. A
`Forwarder` takes what is due and hands it to the function that delivers its kind. The spool knows no
payload: what an entry means, and what an answer to it means, is the business of whoever put it there.

Read in this order:

- `errors`, `settings`                     what can go wrong, and the few numbers that may differ
- `transaction`, `store`                   the seam: what a function sees, and the open store around it
- `job`, `committer`, `writer`, `readers`  group commit, in a thread or on the loop; snapshots beside it
- `look`, `opening`, `connections`, `migrations`, `life`, `disk`, `reserve`  what is refused, what a start begins
- `clock`                                  why no clock jump parks an entry or ages a key
- `entry_states`, `moves`, `entry`, `lease`  the table, its one engine, what its owner does, what a sender holds
- `schedule`, `verdicts`, `breaker`, `breakers`  when to try again, what an attempt came to, whether to try at all
- `agenda`, `attempts`, `expiry`, `forwarder`  whose turn it is, one attempt, what is too old, the loop around them
- `sequences`, `answers`                   numbers given once; the same request, the same answer
- `worklist`, `health`, `upkeep`, `copies`  what people see and decide; what a store does for itself
- `control`, `control_commands`            the same for a command on this machine, over a Unix socket
- `visit`                                  and while nobody owns the store
"""

from spool.answers import Stored, recall, remember
from spool.breaker import BreakerSettings, CircuitState
from spool.breakers import Breakers
from spool.control import Command, ControlServer, control_call
from spool.control_commands import Store, spool_commands
from spool.disk import Disk, LocalDisk
from spool.entry import Entry, NewEntry, close_entry, enqueue, lane_is_busy, requeue
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
    StoreTooOld,
    StoreUnsafe,
)
from spool.forwarder import Forwarder
from spool.health import DestinationHealth, Health
from spool.look import look
from spool.migrations import Migrations
from spool.schedule import Schedule
from spool.sequences import last_number, next_number, set_floor
from spool.settings import SpoolSettings
from spool.store import Spool
from spool.transaction import Transaction
from spool.verdicts import Again, Delivered, Route, ToPerson, Verdict
from spool.visit import Visit
from spool.worklist import close_by_person, entries_in, retry_by_person, show

__all__ = [
    "Again",
    "AnswerConflict",
    "BreakerSettings",
    "Breakers",
    "CircuitState",
    "Command",
    "CommitFailed",
    "ControlError",
    "ControlServer",
    "ControlUnavailable",
    "Delivered",
    "DestinationHealth",
    "Disk",
    "DiskFull",
    "Entry",
    "Forwarder",
    "Health",
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
    "Store",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "StoreOverloaded",
    "StoreTooNew",
    "StoreTooOld",
    "StoreUnsafe",
    "Stored",
    "ToPerson",
    "Transaction",
    "Verdict",
    "Visit",
    "close_by_person",
    "close_entry",
    "control_call",
    "enqueue",
    "entries_in",
    "lane_is_busy",
    "last_number",
    "look",
    "next_number",
    "recall",
    "remember",
    "requeue",
    "retry_by_person",
    "set_floor",
    "show",
    "spool_commands",
]
