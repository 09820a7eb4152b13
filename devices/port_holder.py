"""Who else has a port open, as far as /proc tells."""

from contextlib import suppress
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


def holder(port: Path, proc: Path = PROC) -> str | None:
    """Such as `pid 812 (ModemManager)`; None if nobody whom we may look at. Reads files: not for the loop."""
    wanted = port.resolve()
    for process in sorted(proc.glob("[0-9]*")):
        with suppress(OSError):  # it has ended, or is somebody else's
            if any(entry.readlink() == wanted for entry in (process / "fd").iterdir()):
                return f"pid {process.name} ({(process / 'comm').read_text().strip()})"
    return None
