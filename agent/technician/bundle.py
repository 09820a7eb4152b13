"""What support gets of a terminal, as a zip: everything about the machine, nothing about a person's money or card.

What goes in was made without secrets. It is looked through once more all the same: what looks like a whole card number
or a track is masked, and of the settings every value that could open something.
"""

import io
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from agent.masked_pan import MaskedPan
from agent.settings import Settings

MASK: Final = "***"
_SECRET: Final = re.compile(
    r"(password|passphrase|passwd|secret|token|credential|bdk|pin$|_pin)", re.IGNORECASE
)
_TRACK: Final = re.compile(r"(?<![0-9A-Za-z])([0-9]{12,19})[=D][0-9]{4,}")
_CARD: Final = re.compile(r"(?<![0-9A-Za-z.])[0-9]{13,19}(?![0-9A-Za-z])")


def bundle(files: Mapping[str, str], *, at: datetime) -> bytes:
    """A zip of these texts by their names."""
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(ZipInfo(name, at.timetuple()[:6]), masked(text), ZIP_DEFLATED)
    return stream.getvalue()


def masked(text: str) -> str:
    """The text without whole card numbers, by their check digit, and without tracks.

    >>> masked("9999990000000018D2512101, but not 26112217953367413852")
    '999999******0018D***, but not 26112217953367413852'
    """
    tracks = _TRACK.sub(lambda found: f"{MaskedPan.of(found[1])}D{MASK}", text)
    return _CARD.sub(lambda found: MaskedPan.of(found[0]) if _is_card(found[0]) else found[0], tracks)


def settings_text(settings: Settings) -> str:
    return as_json(_without_secrets(settings.model_dump(mode="json", by_alias=True)))


def as_json(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False, indent=1, sort_keys=True)


def _without_secrets(value: Any) -> Any:
    """Paths of keys stay: they open nothing."""
    if isinstance(value, dict):
        return {
            name: MASK if inner and _SECRET.search(name) else _without_secrets(inner)
            for name, inner in value.items()
        }
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value


def _is_card(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
