"""What the last two bytes of a response say (EMV 4.3 Book 1, 12.3 and Book 3, 6.3.5)."""

from typing import Final

OK: Final = 0x9000
SELECTION_INVALIDATED: Final = 0x6283  # the application is blocked
CONDITIONS_NOT_SATISFIED: Final = 0x6985
FUNCTION_NOT_SUPPORTED: Final = 0x6A81  # to a SELECT: the card is blocked
FILE_NOT_FOUND: Final = 0x6A82
RECORD_NOT_FOUND: Final = 0x6A83

_MORE_DATA: Final = 0x6100
_WRONG_LENGTH: Final = 0x6C00


def more_data(status: int) -> int | None:
    """61xx: how many bytes GET RESPONSE will give; 0 means 256."""
    return status & 0xFF if status & 0xFF00 == _MORE_DATA else None


def right_length(status: int) -> int | None:
    """6Cxx: the Le that the card wants."""
    return status & 0xFF if status & 0xFF00 == _WRONG_LENGTH else None
