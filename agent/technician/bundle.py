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
_TRACK: Final = re.compile(r"(?<![0-9])([0-9]*?)([0-9]{12,19})[=Dd][0-9]{4,}")
_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{13,23}(?![0-9])")
_TAGGED: Final = re.compile(r"70|0[6-9]|57[0-4][0-9]")  # 70, 5A 08, 57 13 (EMV Book 3, annex A)
_GROUPS: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{3,6}(?:[ -][0-9]{3,6}){2,}(?![0-9])")


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
    tracks = _TRACK.sub(lambda found: f"{found[1]}{MaskedPan.of(found[2])}D{MASK}", text)
    return _DIGITS.sub(_card_masked, _GROUPS.sub(_groups_masked, tracks))


def _card_masked(found: re.Match[str]) -> str:
    """A number by itself, and one behind its tag and length in a message's hexadecimal digits."""
    digits = found[0]
    tag = _TAGGED.match(digits)
    for start in (0, tag.end() if tag else 0):
        if _is_card(digits[start:]):
            return digits[:start] + MaskedPan.of(digits[start:])
    return digits


def _groups_masked(found: re.Match[str]) -> str:
    """A number as it stands on a card: any neighbouring groups that are one, whatever stands beside them."""
    ends = [group.span() for group in re.finditer("[0-9]+", found[0])]
    for index, (start, _) in enumerate(ends):
        for _, end in reversed(ends[index + 2 :]):
            digits = re.sub("[ -]", "", found[0][start:end])
            if _is_card(digits):
                rest = _GROUPS.sub(_groups_masked, found[0][end:])
                return found[0][:start] + MaskedPan.of(digits) + rest
    return found[0]


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
    """By length and check digit (ISO/IEC 7812-1, annex B)."""
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
