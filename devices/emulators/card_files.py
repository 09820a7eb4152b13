"""What is on a virtual chip card: its holder, its applications, and the bytes of its files.

Nothing of it is constant: PAN, expiry, name and keys are given, or thrown for one run of a test or demo.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from devices.emv.selection import PPSE, PSE
from devices.emv.tags import Tag
from devices.emv.tlv import build

TEST_RANGE: Final = "400000"  # the first digits of the schemes' test numbers: nobody's account
PAN_DIGITS: Final = 16
DEMANDING: Final = "0000"  # after the range: the next two digits are what a sandbox's card host answers

AIP: Final = bytes.fromhex("1800")  # cardholder verification and terminal risk management
CVM_LIST: Final = bytes(8) + bytes.fromhex("0200")  # enciphered PIN online, always
# amount, other amount, country, TVR, currency, date, type, unpredictable number
CDOL1: Final = bytes.fromhex("9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704")
CDOL2: Final = bytes.fromhex("8A02") + CDOL1
ISSUER_DATA: Final = bytes.fromhex("06011203A00000")  # key 1, cryptogram version 18, results


class Directory(Enum):
    """How the card lists its applications: by one of the names, or not at all."""

    PPSE = PPSE
    PSE = PSE
    NONE = None


@dataclass(frozen=True)
class CardApplication:
    """`answer`: the template of its answers to GPO and GENERATE AC."""

    aid: bytes
    label: str
    priority: int
    pdol: bytes = b""
    answer: Tag = Tag.FORMAT_2


CREDIT: Final = CardApplication(
    bytes.fromhex("A0000000031010"), "VISA CREDIT", 1, pdol=bytes.fromhex("9F1A02 9F3501")
)
DEBIT: Final = CardApplication(bytes.fromhex("A0000000041010"), "MASTERCARD", 2, answer=Tag.FORMAT_1)


@dataclass(frozen=True, repr=False)
class CardContents:
    """`issuer_key`: the issuer's master key for cryptograms, 16 bytes. `repr` shows nothing."""

    pan: str
    expiry_yymm: str
    issuer_key: bytes
    name: str = "TEST/CARD"
    pan_sequence: str = "01"
    applications: Sequence[CardApplication] = (CREDIT,)
    directory: Directory = field(default=Directory.PPSE)

    def __repr__(self) -> str:
        return "CardContents(…)"


def throw_pan(random_bytes: Callable[[int], bytes], *, demands: str = "") -> str:
    """A PAN of the test range with a valid check digit (ISO/IEC 7812-1 annex B).

    `demands`: two digits that a sandbox's card host is to answer every hold with; thrown by nobody else.
    """
    head = TEST_RANGE + (DEMANDING + demands if demands else "")
    thrown = random_bytes(PAN_DIGITS - len(head) - 1)
    tail = [byte % 10 for byte in thrown]
    if not demands:
        tail[0] = thrown[0] % 9 + 1
    digits = head + "".join(map(str, tail))
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return digits + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def throw_contents(
    random_bytes: Callable[[int], bytes],
    *,
    expiry_yymm: str,
    demands: str = "",
    applications: Sequence[CardApplication] = (CREDIT,),
) -> CardContents:
    """A card of its own for one run."""
    pan = throw_pan(random_bytes, demands=demands)
    return CardContents(pan, expiry_yymm, random_bytes(16), applications=applications)


def directory_fci(contents: CardContents) -> bytes:
    """The answer to a SELECT of the directory that the card has."""
    entries = build(*((Tag.DIRECTORY_ENTRY, _entry(one)) for one in contents.applications))
    proprietary = {
        Directory.PPSE: build((Tag.FCI_DISCRETIONARY, entries)),
        Directory.PSE: build((Tag.SFI, b"\x01")),
    }[contents.directory]
    return build(
        (Tag.FCI, build((Tag.DF_NAME, contents.directory.value), (Tag.FCI_PROPRIETARY, proprietary)))
    )


def directory_records(contents: CardContents) -> dict[tuple[int, int], bytes]:
    """By (file, record): what a PSE's directory file holds."""
    return {
        (1, number): build((Tag.RECORD, build((Tag.DIRECTORY_ENTRY, _entry(one)))))
        for number, one in enumerate(contents.applications, 1)
    }


def application_fci(application: CardApplication) -> bytes:
    """The answer to a SELECT of the application."""
    proprietary = [
        (Tag.LABEL, application.label.encode("ascii")),
        (Tag.PRIORITY, bytes([application.priority])),
    ]
    if application.pdol:
        proprietary.append((Tag.PDOL, application.pdol))
    inner = build((Tag.DF_NAME, application.aid), (Tag.FCI_PROPRIETARY, build(*proprietary)))
    return build((Tag.FCI, inner))


def application_records(contents: CardContents) -> dict[tuple[int, int], bytes]:
    """By (file, record): whose card it is, and what it wants to be told."""
    track2 = _digits(f"{contents.pan}D{contents.expiry_yymm}2010000000000")
    whose = build((Tag.TRACK2, track2), (Tag.NAME, contents.name.encode("ascii")))
    rules = build(
        (Tag.PAN, _digits(contents.pan)),
        (Tag.EXPIRY, bytes.fromhex(contents.expiry_yymm + "28")),
        (Tag.PAN_SEQUENCE, bytes.fromhex(contents.pan_sequence)),
        (Tag.COUNTRY_OF_ISSUER, bytes.fromhex("0398")),
        (Tag.CVM_LIST, CVM_LIST),
        (Tag.CDOL1, CDOL1),
        (Tag.CDOL2, CDOL2),
    )
    return {(1, 1): build((Tag.RECORD, whose)), (2, 1): build((Tag.RECORD, rules))}


def file_locator(contents: CardContents) -> bytes:
    """One entry for each record, none of them signed."""
    return b"".join(bytes([sfi << 3, number, number, 0]) for sfi, number in application_records(contents))


def _entry(application: CardApplication) -> bytes:
    return build(
        (Tag.AID, application.aid),
        (Tag.LABEL, application.label.encode("ascii")),
        (Tag.PRIORITY, bytes([application.priority])),
    )


def _digits(text: str) -> bytes:
    return bytes.fromhex(text + "F" * (len(text) % 2))
