"""What a command must look like for T=0, which has no case 1 and no case 4 (ISO 7816-3, 12.2).

pcsc-lite and CCID drivers hand a command to such a card as it stands. T=1 carries every case, and its
blocks are the driver's. 61xx and 6Cxx, by which T=0 tells lengths, are `devices.emv.exchange`'s.
"""

from typing import Final

_HEADER: Final = 4


def for_t0(apdu: bytes) -> bytes:
    """A short command with P3 = 0 added in case 1, and without its Le in case 4."""
    if len(apdu) == _HEADER:
        return apdu + b"\x00"
    data_ends = _HEADER + 1 + apdu[_HEADER]
    return apdu[:data_ends] if len(apdu) == data_ends + 1 and apdu[_HEADER] else apdu
