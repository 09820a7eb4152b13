"""What of a message may be logged: the fields named here, and never the others.

Card data (2, 14, 35, 52, 55, 62) are not among them, nor is anything that a future field may bring.
"""

from collections.abc import Mapping
from typing import Final

LOGGED: Final = frozenset({"t", "3", "4", "7", "11", "37", "39", "41", "49", "70"})


def loggable(values: Mapping[str, str]) -> dict[str, str]:
    """The fields of a message that a log line may hold, by their numbers."""
    return {number: value for number, value in values.items() if number in LOGGED}
