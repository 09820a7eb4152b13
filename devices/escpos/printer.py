"""The driver of an ESC/POS printer: jobs down the wire, and the printer's own word that they are on paper.

A job counts as printed only when the printer has returned the id that was sent behind it (PROTOCOLS §8).
Status is asked before a job and after one that was not proved, never during one: a real-time command
inside an image is taken for dots as well.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from devices.errors import PortBusyError, PortError, PortLostError, PortStalledError
from devices.escpos import conditions, opcodes, raster
from devices.escpos.conditions import Answers
from devices.interfaces import Completion, DeviceState, Result, Status
from devices.port import Port
from devices.shared_question import SharedQuestion
from devices.witness import NOBODY, Witness

log = logging.getLogger(__name__)

NOTHING_PRINTED: Final = frozenset({Completion.DEVICE_NOT_READY, Completion.INVALID_DATA})
"""No byte of the job has left. After any other failure part or all of it may be on paper: the repeat
is a copy, and says so."""

_UNFINISHED: Final = raster.BAND_BYTES + 64  # more than any command of a layout is long

_NOT_PROVED: Final = ("notProved", "it takes jobs but did not prove this one")
_IN_DOUBT: Final = "part of the job may be on paper"

_STATES: Final[dict[type[PortError], tuple[Completion, str, DeviceState]]] = {
    PortBusyError: (Completion.CONNECTION_LOST, "portBusy", DeviceState.DEVICE_BUSY),
    PortLostError: (Completion.CONNECTION_LOST, "portLost", DeviceState.POWER_OFF),
    PortStalledError: (Completion.TIME_OUT, "portStalled", DeviceState.HARDWARE_ERROR),
}


@dataclass(frozen=True)
class PrinterTimers:
    status_seconds: float = 1.0  # for one status byte


class EscposPrinter:
    """Implements `interfaces.ReceiptPrinter`. One command at a time; `random` makes the jobs' ids."""

    def __init__(
        self,
        port: Port,
        *,
        timers: PrinterTimers = PrinterTimers(),
        random: Callable[[int], bytes] = os.urandom,
        witness: Witness = NOBODY,
    ) -> None:
        self._port = port
        self._timers = timers
        self._random = random
        self._witness = witness
        self._queue = asyncio.Lock()
        self._status = SharedQuestion(self._tell_status)
        self._owes_bytes = False  # a command was cut short: the printer still waits for its rest
        self._closed = False

    async def status(self) -> Status:
        """Of a printer that is printing: deviceBusy, its paper and cover unknown."""
        return await self._status.ask()

    async def print_receipt(self, job: bytes, deadline_seconds: float) -> Result[None]:
        """SUCCESS: the printer proved it. A completion in `NOTHING_PRINTED`: not a byte of it left.

        Errors: those of `conditions.CONDITIONS`, noAnswer, notProved, portLost, portBusy, portStalled.
        """
        async with self._queue:
            end = asyncio.get_running_loop().time() + deadline_seconds
            refused = await self._make_ready()
            result = refused or await self._print(job, end)
        if not result.succeeded:
            log.warning(
                "printer.failed", extra={"error": result.error, "completion": result.completion.value}
            )
        self._witness.result_told(result)
        return result

    async def close(self) -> None:
        self._closed = True
        await self._port.close()

    async def _tell_status(self) -> Status:
        if self._queue.locked():
            return Status(DeviceState.DEVICE_BUSY, {"paper": "unknown", "cover": "unknown"})
        async with self._queue:
            try:
                status = conditions.status_of(await self._ask_status())
            except PortError as error:
                _, word, state = _STATES[type(error)]
                measured = {"paper": "unknown", "cover": "unknown"}
                status = Status(state, measured, f"{word}: {error}")
        self._witness.status_told(status)
        return status

    async def _make_ready(self) -> Result[None] | None:
        """None if a job may start."""
        try:
            obstacle = conditions.obstacle(await self._ask_status())
        except PortError as error:
            return Result(Completion.DEVICE_NOT_READY, error=_STATES[type(error)][1], detail=str(error))
        if obstacle is None:
            return None
        word, advice = obstacle
        return Result(Completion.DEVICE_NOT_READY, error=word, detail=advice)

    async def _print(self, job: bytes, end: float) -> Result[None]:
        process_id = self._new_process_id()
        try:
            sent = await self._sent(job + opcodes.prove(process_id), end)
            if sent and await self._proved(opcodes.proof(process_id), end):
                return Result(Completion.SUCCESS)
            return await self._why_not_proved()
        except PortError as error:
            completion, word, _ = _STATES[type(error)]
            return Result(completion, error=word, detail=f"{error}; {_IN_DOUBT}")

    async def _sent(self, data: bytes, end: float) -> bool:
        """After a job that broke off, zeros first: dots for an unfinished image, nothing anywhere else."""
        filler = bytes(_UNFINISHED) if self._owes_bytes else b""
        self._owes_bytes = True
        self._witness.frame(f"→ job and GS ( H, {len(data)} bytes")
        try:
            await self._port.write(filler + data, max(0.0, end - asyncio.get_running_loop().time()))
        except PortStalledError:
            return False
        self._owes_bytes = False
        return True

    async def _proved(self, proof: bytes, end: float) -> bool:
        clock = asyncio.get_running_loop().time
        heard = b""
        while proof not in heard and clock() < end:
            heard = heard[-len(proof) :] + await self._port.read(end - clock())
        self._witness.frame("← proof of printing" if proof in heard else "← no proof of printing")
        return proof in heard

    async def _why_not_proved(self) -> Result[None]:
        """The job is given up, so the printer may be asked again."""
        word, advice = conditions.obstacle(await self._ask_status()) or _NOT_PROVED
        known = word not in {conditions.NO_ANSWER, _NOT_PROVED[0]}
        completion = Completion.HARDWARE_ERROR if known else Completion.TIME_OUT
        return Result(completion, error=word, detail=f"{advice}; {_IN_DOUBT}")

    async def _ask_status(self) -> Answers:
        """All four groups. After a silence the rest is not asked."""
        if self._closed:
            raise PortLostError("closed by us")
        await self._port.open()
        answers: dict[int, int] = {}
        for group in conditions.GROUPS:
            answer = await self._ask_group(group)
            if answer is None:
                break
            answers[group] = answer
        return answers

    async def _ask_group(self, group: int) -> int | None:
        """What is no status byte is a proof that came too late: passed over."""
        clock = asyncio.get_running_loop().time
        await self._port.flush_input()
        await self._port.write(opcodes.STATUS(group), self._timers.status_seconds)
        end = clock() + self._timers.status_seconds
        while clock() < end:
            heard = await self._port.read(end - clock(), most=1)
            if heard and conditions.is_status_byte(heard[0]):
                self._witness.frame(f"← DLE EOT {group}: {heard[0]:02X}")
                return heard[0]
        self._witness.frame(f"← DLE EOT {group}: silence")
        return None

    def _new_process_id(self) -> bytes:
        """Four of @A…O, none of which, alone, passes for a status byte."""
        return bytes(0x40 | nibble for byte in self._random(2) for nibble in divmod(byte, 16))
