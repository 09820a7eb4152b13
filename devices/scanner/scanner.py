"""The driver of a serial scanner, behind `interfaces.BarcodeReader`.

It speaks only when it sees a code, so that its line is all that can be asked: whether the scanner itself is
well is unknown until it has read something.
"""

import asyncio
from collections import deque
from typing import Final

from devices.errors import PortBusyError, PortError, PortLostError, PortStalledError
from devices.interfaces import Completion, DeviceState, Result, Status
from devices.port import Port
from devices.scanner.frames import CodeReader, Scanned
from devices.witness import NOBODY, Witness

LOOK_SECONDS: Final = 0.05  # long enough for a line that is gone to say so
MOST_WAITING: Final = 16  # codes that nobody has read yet

_WORDS: Final[dict[type[PortError], tuple[Completion, str, DeviceState]]] = {
    PortBusyError: (Completion.DEVICE_NOT_READY, "portBusy", DeviceState.DEVICE_BUSY),
    PortLostError: (Completion.CONNECTION_LOST, "portLost", DeviceState.POWER_OFF),
    PortStalledError: (Completion.HARDWARE_ERROR, "portStalled", DeviceState.HARDWARE_ERROR),
}


class SerialScanner:
    """Implements `interfaces.BarcodeReader`."""

    def __init__(self, port: Port, *, witness: Witness = NOBODY) -> None:
        self._port = port
        self._witness = witness
        self._reader = CodeReader()
        self._codes: deque[Scanned] = deque(maxlen=MOST_WAITING)
        self._queue = asyncio.Lock()
        self._scanner = "unknown"
        self._closed = False

    async def status(self) -> Status:
        if not self._queue.locked():
            async with self._queue:
                try:
                    await self._listen(LOOK_SECONDS)
                except PortError as error:
                    _, word, state = _WORDS[type(error)]
                    return self._told(Status(state, {"scanner": "unknown"}, f"{word}: {error}"))
        return self._told(Status(DeviceState.ONLINE, {"scanner": self._scanner}))

    async def read(self, deadline_seconds: float) -> Result[str]:
        async with self._queue:
            result = await self._read(deadline_seconds)
        self._witness.result_told(result)
        return result

    async def close(self) -> None:
        self._closed = True
        await self._port.close()

    async def _read(self, deadline_seconds: float) -> Result[str]:
        clock = asyncio.get_running_loop().time
        end = clock() + deadline_seconds
        try:
            while not self._codes and (left := end - clock()) > 0:
                await self._listen(left)
        except PortError as error:
            completion, word, _ = _WORDS[type(error)]
            return Result(completion, error=word, detail=str(error))
        if not self._codes:
            return Result(Completion.TIME_OUT, detail="nobody scanned anything in time")
        return Result(Completion.SUCCESS, self._codes.popleft().text)

    async def _listen(self, seconds: float) -> None:
        if self._closed:
            raise PortLostError("closed by us")
        await self._port.open()
        for event in self._reader.feed(await self._port.read(seconds)):
            self._witness.frame(f"← {event!r}")
            if isinstance(event, Scanned):
                self._scanner = "operational"
                self._codes.append(event)

    def _told(self, status: Status) -> Status:
        self._witness.status_told(status)
        return status
