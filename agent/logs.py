"""Logs of a process: JSON lines for machines, short lines for a person at a terminal.

An event's name is the message, what belongs to it are the record's `extra` fields. Only words, numbers
and times are written: of anything else the name of its type, so that no object can spill what it holds.
"""

import json
import logging
import sys
import traceback
from collections import deque
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final, TextIO

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
RECENT_LINES: Final = 2000
_QUIET: Final = ("aiohttp.access", "asyncio")  # their lines quote addresses and reprs, not our events


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **_fields(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class ShortLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = f"{datetime.fromtimestamp(record.created).astimezone():%H:%M:%S}"
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        line = f"{at} {record.levelname.lower():7} {record.getMessage()} {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class RecentLines(logging.Handler):
    """Keeps the last lines in memory for a support bundle. Of an exception it keeps its type and its way,
    and not its words, which may quote what somebody typed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=RECENT_LINES)
        self._json = JsonLines()

    def emit(self, record: logging.LogRecord) -> None:
        told = record
        if record.exc_info and record.exc_info[0] is not None:
            told = logging.makeLogRecord({**vars(record), "exc_info": None, "exc_text": None})
            way = traceback.extract_tb(record.exc_info[2])
            told.error = record.exc_info[0].__name__
            told.way = " → ".join(f"{frame.filename}:{frame.lineno}" for frame in way)
        self._lines.append(self._json.format(told))

    def lines(self) -> list[str]:
        """Oldest first."""
        return list(self._lines)


def recent() -> list[str]:
    """The last lines of this process, if its logs were configured here."""
    handlers = logging.getLogger().handlers
    return [line for handler in handlers if isinstance(handler, RecentLines) for line in handler.lines()]


def configure(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send all logs of this process to `stream` (stderr)."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ShortLines() if stream.isatty() else JsonLines())
    logging.basicConfig(level=level, handlers=[handler, RecentLines()], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: _plain(value) for name, value in vars(record).items() if name not in _STANDARD}


def _plain(value: object) -> str | int | float | bool | None:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime | date | Path):
        return str(value)
    return f"<{type(value).__name__}>"
