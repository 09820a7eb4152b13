"""May this terminal begin to take money? It must first have proved that it can finish (DESIGN §3.7).

Every question is asked anew, all at once, and nothing that did not answer counts as well. The journey
reads the obstacles before consent and before the card; `tolem doctor` shows every finding.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from agent.journeys.ports import CARD_LEFT, PAPER_OUT, Devices
from certs.presented import Presented
from certs.standing import standing_of
from devices.interfaces import BarcodeReader, DeviceState, Status
from gateway.certificates.watch import reason_of
from gateway.client import Refusal, Unreachable
from gateway.contract import Readiness

SILENT_SECONDS: Final = 5.0  # a device that takes longer has not answered


class Level(StrEnum):
    READY = "ready"
    WARNING = "warning"
    OBSTACLE = "obstacle"


@dataclass(frozen=True)
class Finding:
    """What one part of the terminal came to. `code` is for programs, `detail` for a person."""

    part: str
    level: Level
    code: str
    detail: str = ""


class StoreStanding(Protocol):
    """A store, as far as its health goes: `spool.Spool`, or what is known of one that nobody owns."""

    @property
    def path(self) -> Path: ...

    @property
    def disk_full(self) -> bool: ...

    @property
    def fault(self) -> str | None: ...

    @property
    def sync_is_implausible(self) -> bool: ...


class GatewayReadiness(Protocol):
    async def readiness(self) -> Readiness: ...


Ask = Callable[[], Awaitable[Sequence[Finding]]]


PASSING: Final = frozenset({"gateway.unreachable", "gateway.card_host_unreachable"})
"""A gateway that has just started, or whose line is just being made anew, is worth a short wait."""


class ReadinessGate:
    """`agent.journeys.ports.Gate`."""

    def __init__(self, questions: Sequence[Ask], *, patience_seconds: float) -> None:
        self._questions = questions
        self._patience_seconds = patience_seconds
        self._asking = asyncio.Lock()
        self._closed: str | None = None
        self._failed: str | None = None

    def close(self, code: str) -> None:
        """Until `open` this is the one obstacle, and no device is disturbed with a question about it."""
        self._closed = code

    def open(self) -> None:
        self._closed = None

    def fail(self, code: str) -> None:
        """For the rest of this life: nothing opens it again."""
        self._failed = code

    async def findings(self) -> list[Finding]:
        """One round after the other: two at once would each find the devices busy with the other's question."""
        async with self._asking:
            found = await asyncio.gather(*(ask() for ask in self._questions))
        closed = [Finding("terminal", Level.OBSTACLE, code) for code in self._shut()]
        return [*closed, *(finding for findings in found for finding in findings)]

    async def obstacles(self) -> list[str]:
        """Empty: ready. What may pass by itself is asked again, for as long as patience lasts."""
        if shut := self._shut():
            return shut
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + self._patience_seconds
        while True:
            obstacles = [found.code for found in await self.findings() if found.level is Level.OBSTACLE]
            if not obstacles or not PASSING.issuperset(obstacles) or loop.time() >= patient_until:
                return obstacles
            await asyncio.sleep(self._patience_seconds / 20)

    def _shut(self) -> list[str]:
        return [code for code in (self._closed, self._failed) if code is not None]


def questions(  # noqa: PLR0913 - everything that has to be well
    *,
    devices: Devices,
    gateway: GatewayReadiness,
    spool: StoreStanding,
    now: Callable[[], datetime],
    clock_skew: timedelta,
    free_disk_bytes: int,
    certificate: Presented | None = None,
    not_renewed: Callable[[], str | None] = lambda: None,
    scanner: BarcodeReader | None = None,
    card_left: Callable[[], bool] = lambda: False,
) -> Sequence[Ask]:
    """Everything that has to be well, in the order in which a person looks. Without its scanner a terminal
    still serves: people type. `not_renewed`: why the certificate's renewal keeps failing. `card_left`: whether a card in the reader is one that a customer left behind.
    """

    async def ask_store() -> Sequence[Finding]:
        return _store(spool, spool.path.parent, free_disk_bytes)

    async def ask_both() -> Sequence[Finding]:
        return await _gateway_and_clock(gateway, now, clock_skew)

    return (
        _device("reader", devices.reader.status, partial(_cards, card_left)),
        _device("pin_pad", devices.pad.status, _keys),
        _device("printer", devices.printer.status, _paper),
        *(() if scanner is None else (_merely(_device("scanner", scanner.status, lambda _measured: None)),)),
        ask_store,
        *(() if certificate is None else (_certificate(certificate, not_renewed, now),)),
        ask_both,
    )


def _certificate(
    presented: Presented, not_renewed: Callable[[], str | None], now: Callable[[], datetime]
) -> Ask:
    """The terminal's own: once it is over the gateway lets nobody in, and the screen must say why."""

    async def question() -> Sequence[Finding]:
        standing = standing_of(presented.identity, now=now(), ca=presented.ca)
        if standing.cause is None and (trouble := not_renewed()) is not None:
            told = f"{standing.detail}; {trouble}"
            return [Finding("certificate", Level.WARNING, "certificate.not_renewed", told)]
        if standing.cause is None:
            return [Finding("certificate", Level.READY, "certificate.valid", standing.detail)]
        code = f"certificate.{standing.cause.value}"
        return [Finding("certificate", Level.OBSTACLE, code, standing.detail)]

    return question


def _device(
    part: str, ask: Callable[[], Awaitable[Status]], examine: Callable[[Mapping[str, str]], Finding | None]
) -> Ask:
    async def question() -> Sequence[Finding]:
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                status = await ask()
        except TimeoutError:
            return [
                Finding(part, Level.OBSTACLE, f"{part}.silent", "it does not answer: check cable and power")
            ]
        if status.device is not DeviceState.ONLINE:
            return [Finding(part, Level.OBSTACLE, f"{part}.{_word(status)}", status.detail)]
        found = examine(status.measured)
        measured = ", ".join(f"{name} {value}" for name, value in status.measured.items())
        return [found or Finding(part, Level.READY, f"{part}.online", status.detail or measured)]

    return question


def _word(status: Status) -> str:
    """A device that says what it is busy with is another program's: that does not pass by itself."""
    if status.measured.get("card") == "silent":  # a bad card, until several were
        return "cardSilent"
    taken = status.device is DeviceState.DEVICE_BUSY and status.detail
    return "portBusy" if taken else status.device.value


def _merely(ask: Ask) -> Ask:
    """The same, and never in the way."""

    async def question() -> Sequence[Finding]:
        return [
            replace(found, level=Level.WARNING) if found.level is Level.OBSTACLE else found
            for found in await ask()
        ]

    return question


_PAPER: Final[Mapping[tuple[str, str], Finding]] = {
    ("paper", "out"): Finding("printer", Level.OBSTACLE, PAPER_OUT, "put in a new roll"),
    ("cover", "open"): Finding("printer", Level.OBSTACLE, "printer.cover_open", "close the cover"),
    ("paper", "low"): Finding("printer", Level.WARNING, "printer.paper_low", "have a new roll ready"),
    ("paper", "unknown"): Finding("printer", Level.WARNING, "printer.paper_unknown", "it did not say"),
}
"""What the printer measures, the gravest first."""


def _paper(measured: Mapping[str, str]) -> Finding | None:
    return next((found for (name, value), found in _PAPER.items() if measured.get(name) == value), None)


def _cards(card_left: Callable[[], bool], measured: Mapping[str, str]) -> Finding | None:
    if measured.get("media") != "notPresent" and card_left():
        return Finding("reader", Level.OBSTACLE, CARD_LEFT, "a customer left a card: pull it out, keep it")
    if measured.get("card") == "severalSilent":
        return Finding("reader", Level.WARNING, "reader.cardsSilent", "several cards in a row gave no answer")
    return None


def _keys(measured: Mapping[str, str]) -> Finding | None:
    if measured.get("keys") != "notLoaded":
        return None
    return Finding(
        "pin_pad", Level.OBSTACLE, "pin_pad.no_keys", "it has no PIN key: an engineer must load one"
    )


def _store(spool: StoreStanding, folder: Path, free_disk_bytes: int) -> Sequence[Finding]:
    free = shutil.disk_usage(folder).free
    if spool.disk_full or spool.fault is not None:
        return [
            Finding("store", Level.OBSTACLE, "store.full", spool.fault or "the disk is full: free some space")
        ]
    if free < free_disk_bytes:
        return [
            Finding("store", Level.OBSTACLE, "store.low", f"{free} bytes are free, {free_disk_bytes} needed")
        ]
    if spool.sync_is_implausible:
        return [Finding("store", Level.WARNING, "store.lying", "the disk syncs faster than a disk can")]
    return [Finding("store", Level.READY, "store.durable", f"{free // 2**20} MiB are free")]


async def ask_gateway(gateway: GatewayReadiness) -> list[Finding]:
    findings, _ = await _gateway(gateway)
    return findings


async def gateways_time(gateway: GatewayReadiness) -> datetime | None:
    """By the gateway's clock; None: it does not say."""
    try:
        async with asyncio.timeout(SILENT_SECONDS):
            return (await gateway.readiness()).time
    except (TimeoutError, Unreachable, Refusal):
        return None


async def _gateway_and_clock(
    gateway: GatewayReadiness, now: Callable[[], datetime], clock_skew: timedelta
) -> Sequence[Finding]:
    findings, answer = await _gateway(gateway)
    if answer is None:
        return findings
    skew = now() - answer.time
    seconds = f"{skew.total_seconds():+.0f} s against the gateway's clock"
    if abs(skew) > clock_skew:
        return [*findings, Finding("clock", Level.OBSTACLE, "clock.differs", seconds)]
    return [*findings, Finding("clock", Level.READY, "clock.agrees", seconds)]


def _why_unreachable(error: TimeoutError | Unreachable) -> str:
    """A certificate's fault by its name: it is no cable, and it does not pass by itself."""
    if isinstance(error, Unreachable) and error.fault is not None:
        return f"gateway.{reason_of(error.fault.cause)}"
    return "gateway.unreachable"


async def _gateway(gateway: GatewayReadiness) -> tuple[list[Finding], Readiness | None]:
    try:
        async with asyncio.timeout(SILENT_SECONDS):
            answer = await gateway.readiness()
    except (TimeoutError, Unreachable) as error:
        told = str(error) or "no answer in time"
        return [Finding("gateway", Level.OBSTACLE, _why_unreachable(error), told)], None
    except Refusal as refusal:
        code = f"gateway.{refusal.problem.code}"
        return [Finding("gateway", Level.OBSTACLE, code, refusal.problem.detail)], None
    findings = [Finding("gateway", Level.OBSTACLE, f"gateway.{reason}") for reason in answer.reasons]
    proved = Finding(
        "gateway", Level.READY, "gateway.ready", "the card host answers, e-port's breaker is closed"
    )
    return findings or [proved], answer
