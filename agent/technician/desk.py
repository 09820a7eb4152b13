"""What the service page needs of the terminal."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from agent.device_tests import DeviceTests
from agent.maintenance import Maintenance, Note
from agent.technician.report import Report
from agent.texts import Language

Call = Callable[[str, dict[str, Any]], AsyncIterator[dict[str, Any]]]


@dataclass(frozen=True)
class Desk:
    """`call`: a command of the terminal's control socket."""

    terminal: str
    owner: str
    languages: tuple[Language, ...]
    call: Call
    report: Callable[[], Awaitable[Report]]
    bundle: Callable[[], Awaitable[bytes]]
    tests: DeviceTests
    maintenance: Maintenance
    note: Note
