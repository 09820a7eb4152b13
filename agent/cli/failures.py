"""What may go wrong with a command, told as what, why and what to do, with the exit code for scripts.

| exit | meaning |
|---|---|
| 0 | done; of `pay`: paid |
| 2 | settings, usage, a store or a certificate that cannot be used; nothing was changed |
| 10 | refused: nothing was taken, or it is being unblocked |
| 11 | in processing: do not pay again |
| 12 | out of service: nothing was taken |
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from agent.owner import NoStoreError
from agent.payment_numbers import NotAPaymentError
from agent.serving_commands import ORDER, REFUSED_BY_GATEWAY, STOPPING, UNREACHABLE
from agent.terminal_commands import NO_SUCH_JOURNEY
from certs.errors import CertError
from gateway.act.document import NotAnActError
from gateway.act.eport_act import EportActError
from gateway.act.papers.missing import PapersMissingError
from gateway.act.protocol import AnotherActError
from gateway.client import Refusal, Unreachable
from gateway.operator import NO_SUCH_PAYMENT, SEVERAL
from gateway.providers.catalogue import CatalogueError
from gateway.settings import SettingsError
from spool.errors import (
    CommitFailed,
    ControlError,
    NoSuchEntry,
    NotForAPerson,
    SpoolError,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreOverloaded,
)

USAGE: Final = 2
REFUSED: Final = 10
IN_PROCESSING: Final = 11
OUT_OF_SERVICE: Final = 12


@dataclass(frozen=True)
class Failure:
    """Lines for a person, and the exit code."""

    what: str
    why: tuple[str, ...]
    to_do: str = ""
    exit_code: int = USAGE


class CommandFailed(Exception):  # noqa: N818 - raised to end a command, and reads so
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.what)
        self.failure = failure


def explain(error: Exception) -> Failure | None:
    """The failure that this error is; None if it is a defect of ours."""
    for kind, tell in _FAILURES.items():
        if isinstance(error, kind):
            return tell(error)
    return None


def complain(failure: Failure, console: Console) -> None:
    console.print(Text.assemble(("✗ ", "bold red"), (failure.what, "bold")))
    for line in failure.why:
        console.print(Text(f"  {line}"), soft_wrap=True)
    if failure.to_do:
        console.print(Text.assemble(("  → ", "bold"), failure.to_do), soft_wrap=True)


def _cert(error: CertError) -> Failure:
    return Failure(error.what, (error.why,), error.to_do)


def _busy(error: StoreBusy) -> Failure:
    return Failure("Another process owns this store", (str(error),), "use that process, or stop it first")


def _control(error: ControlError) -> Failure:
    if error.code in _OUT_OF_SERVICE:
        return Failure(_OUT_OF_SERVICE[error.code], (str(error),), exit_code=OUT_OF_SERVICE)
    if error.code == UNREACHABLE:
        return _unreachable(error)
    return Failure(*_told(error.code, error))


def _told(code: str, error: Exception) -> tuple[str, tuple[str, ...], str]:
    """What, why and what to do about a refusal of this code, whoever the store's owner is."""
    what, to_do = _REFUSED.get(code, (f"It was refused ({code})", ""))
    return what, tuple(str(error).splitlines()), to_do


def _unreachable(error: Exception) -> Failure:
    return Failure(
        "The gateway is not reachable",
        (str(error),),
        "start it with `tolem gateway --config FILE`, and compare addresses and certificates in both files",
        OUT_OF_SERVICE,
    )


def _refusal(error: Refusal) -> Failure:
    why = f"{error.problem.code}: {error.problem.detail}"
    return Failure("The gateway refused", (why,), exit_code=OUT_OF_SERVICE)


def _store_cannot(error: SpoolError) -> Failure:
    return Failure("The store cannot write now", (str(error),), exit_code=OUT_OF_SERVICE)


def _os(error: OSError) -> Failure:
    why = str(error) if error.filename is None else f"{error.filename}: {error.strerror}"
    return Failure("The system refused", (why,), "free the address or path that it names, or change it")


_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    # code of a control socket's error: what, and what to do
    ORDER: ("This cannot be paid", ""),
    NO_SUCH_PAYMENT: ("There is no such payment", "`tolem payments list` shows the newest"),
    NO_SUCH_JOURNEY: ("There is no such payment", "`tolem payments list --journeys` shows the newest"),
    SEVERAL: ("This names more than one payment", "say which one by its payment_id"),
    "no_such_transfer": ("There is no such payment by link", "`tolem transfers list` shows the newest"),
    "not_cancellable": ("This cannot be cancelled", "`tolem payments show` tells its whole story"),
    "not_running": (
        "The gateway does not run",
        "start it with `tolem gateway` or `tolem agent`, then repeat this",
    ),
    "no_such_test": ("There is no such test", "`tolem devices list` shows those that there are"),
    "another_test": ("Another test goes on", "wait for its end, or stop it on the service page"),
    "not_taken": ("The terminal was given back", "begin the test again"),
    "no_daily_registry": (
        "e-port's registry of this day is not here",
        "`tolem registry fetch DAY` gets it, once e-port has closed the day",
    ),
    "not_closable": ("This day cannot be closed or compared", ""),
    "not_decidable": ("This cannot be decided", "`tolem reconcile worklist` shows what can"),
    "no_such_alarm": ("There is no such open alarm", "`tolem alarms list` shows those that are open"),
    "no_such_entry": ("There is no such entry", "`tolem spool list` shows those that are open"),
    "not_for_a_person": (
        "Nobody has to decide this",
        "`tolem spool list --state to_person` shows what a person must",
    ),
    "days_open": (
        "The month has days that are not closed",
        "`tolem reconcile DAY --close` closes one, in their order",
    ),
    "no_parties": ("An act names its parties", "add [act] with bank, eport and contract to the settings"),
    "books_changed": (
        "The books do not give the act that was signed",
        "keep both, and find out what changed: a closed day is frozen, so a store was restored or touched",
    ),
    "not_the_draft": ("This signature is not kept", "make the act again"),
    "forbidden": ("The store is another user's", "run this as the user of the process that owns it"),
    "unknown_command": ("The process that runs is of another version", "restart it, then repeat this"),
    "unusable": ("A socket cannot be used", "choose a shorter `node.data_dir`, in a folder that is yours"),
    "in_use": ("Another process listens there", "use that process, or stop it first"),
}

_OUT_OF_SERVICE: Final[Mapping[str, str]] = {
    STOPPING: "The terminal is being stopped",
    REFUSED_BY_GATEWAY: "The gateway refused",
    "cut_off": "The terminal's process ended",
    "unavailable": "Nobody answers",
    "internal": "The terminal failed",
    "commit_failed": "The terminal's store failed",
    "disk_full": "The terminal's disk is full",
    "store_overloaded": "The terminal's store is overloaded",
    "store_closed": "The terminal is being stopped",
}
"""By the code of a control socket's error: it is there, and cannot do it now."""

_FAILURES: Final[Mapping[type[Exception], Callable[[Any], Failure]]] = {
    CommandFailed: lambda error: error.failure,
    PapersMissingError: lambda error: Failure(
        "The act was made, but not its papers", (str(error),), error.to_do
    ),
    NotAnActError: lambda error: Failure("This is no act as it was signed", (str(error),)),
    EportActError: lambda error: Failure(
        "e-port's act cannot be used; nothing of it was taken", (str(error),)
    ),
    AnotherActError: lambda error: Failure("This is another act", (str(error),)),
    SettingsError: lambda error: Failure("The settings cannot be used", error.lines),
    CatalogueError: lambda error: Failure("The catalogue cannot be used", tuple(str(error).splitlines())),
    CertError: _cert,
    NoStoreError: lambda error: Failure("There is no store yet", (str(error),), "start its process first"),
    StoreBusy: _busy,
    StoreError: lambda error: Failure("The store cannot be used", (str(error),)),
    ControlError: _control,
    NotAPaymentError: lambda error: Failure("This names no payment", (str(error),)),
    CommitFailed: _store_cannot,
    StoreOverloaded: _store_cannot,
    StoreClosed: _store_cannot,
    NoSuchEntry: lambda error: Failure(*_told("no_such_entry", error)),
    NotForAPerson: lambda error: Failure(*_told("not_for_a_person", error)),
    SpoolError: lambda error: Failure("The store refused", (str(error),)),
    Unreachable: _unreachable,
    Refusal: _refusal,
    OSError: _os,
}
"""By type; the first that fits tells."""
