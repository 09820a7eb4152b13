"""What became of an attempt, and what a kind of entry needs to be forwarded."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from spool.entry import Entry
from spool.schedule import Schedule
from spool.transaction import Transaction

Apply = Callable[[Transaction], None]


@dataclass(frozen=True)
class Delivered:
    """The entry has done its work. `apply` runs in the transaction that ends it.

    `answered` False: nothing more is sent, although the destination did not speak.
    """

    note: str = ""
    apply: Apply | None = None
    answered: bool = True


@dataclass(frozen=True)
class Again:
    """Send it again, by the schedule or after `after_seconds`.

    `answered`: the destination did speak, so its breaker has nothing to object to.
    """

    note: str = ""
    apply: Apply | None = None
    answered: bool = False
    after_seconds: float | None = None


@dataclass(frozen=True)
class ToPerson:
    """Only a person can go on: the entry joins the list that a person must close."""

    reason: str
    apply: Apply | None = None
    answered: bool = True


Verdict = Delivered | Again | ToPerson


@dataclass(frozen=True)
class Route:
    """How entries of one kind leave. `expires` says who gets an expired one: a person, or `deliver`."""

    deliver: Callable[[Entry], Awaitable[Verdict]]
    schedule: Schedule
    expires: Literal["to_person", "deliver"] = "to_person"
