"""Where one run of the demo keeps everything: settings, logs, stores, receipts."""

import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final

_LONGEST: Final = 107 - len("/ATM00000/agent.control")  # a Unix socket's address has at most 107 bytes


def new_run_folder(below: Path, at: datetime) -> Path:
    """`.demo/<time>` below the given folder; a temporary one if sockets there would have too long a name."""
    folder = below / ".demo" / f"{at:%Y%m%d-%H%M%S}"
    if len(os.fsencode(folder)) > _LONGEST or not os.access(below, os.W_OK):
        return Path(tempfile.mkdtemp(prefix="tolem-demo-"))
    attempt = 1
    while True:
        chosen = folder if attempt == 1 else folder.with_name(f"{folder.name}-{attempt}")
        try:
            chosen.mkdir(parents=True)
        except FileExistsError:
            attempt += 1
        else:
            return chosen
