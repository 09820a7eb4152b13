"""A file that nobody else on this machine reads."""

import os
from pathlib import Path
from typing import Final

_OURS_ALONE: Final = 0o600


def write_ours_alone(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OURS_ALONE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
