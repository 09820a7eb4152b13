"""What happens to the terminal's devices, as lines of its journal.

A fault that goes on is not a new one: of one error of one device there is a line a minute at most, which
says how often it happened since the line before. Every single one is counted by the metrics.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Final

from agent.journal import Data
from agent.maintenance import Note
from devices.events import DeviceEvent, ErrorHappened, StatusChanged

log = logging.getLogger(__name__)

SAME_ERROR_SECONDS: Final = 60.0
MOST_WAITING: Final = 1000  # lines, while the store cannot be written


class DeviceEvents:
    """`tell` is a `devices.events.Sink`; `run` writes what was told, in its order."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[tuple[str, Data]] = asyncio.Queue(MOST_WAITING)
        self._written_at: dict[tuple[str, str], float] = {}  # by device and error, on the loop's clock
        self._since: Counter[tuple[str, str]] = Counter()

    def tell(self, event: DeviceEvent) -> None:
        line = _changed(event) if isinstance(event, StatusChanged) else self._error(event)
        if line is None:
            return
        try:
            self._waiting.put_nowait(line)
        except asyncio.QueueFull:
            log.error("device_events.too_many", extra={"device": event.device, "line": line[0]})  # noqa: TRY400 - a full queue has no trace worth reading

    async def run(self, note: Note) -> None:
        """For ever."""
        while True:
            name, data = await self._waiting.get()
            await note(name, data)

    def _error(self, event: ErrorHappened) -> tuple[str, Data] | None:
        key, at = (event.device, event.error), asyncio.get_running_loop().time()
        self._since[key] += 1
        if at < self._written_at.get(key, at) + SAME_ERROR_SECONDS and key in self._written_at:
            return None
        self._written_at[key] = at
        times = self._since.pop(key)
        told: Data = {
            "error": event.error,
            "completion": event.completion,
            "action": event.action,
            "times": times,
        }
        return "device.error", {"device": event.device, **told, "detail": event.detail}


def _changed(event: StatusChanged) -> tuple[str, Data]:
    measured: Mapping[str, str] = {f"measured_{key}": value for key, value in event.measured.items()}
    told: Data = {"before": event.before.value, "after": event.after.value, "detail": event.detail}
    return "device.status_changed", {"device": event.device, **told, **measured}
