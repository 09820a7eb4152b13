"""A virtual chip card: APDUs in, APDUs out, as an EMV card with contacts answers them.

It knows no reader. `faults` makes it a bad card; `contents` says whose it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from devices.emulators.card_cryptogram import card_key, cryptogram, session_key
from devices.emulators.card_files import (
    AIP,
    CDOL1,
    CDOL2,
    ISSUER_DATA,
    CardApplication,
    CardContents,
    application_fci,
    application_records,
    directory_fci,
    directory_records,
    file_locator,
)
from devices.emv.dol import parse_dol
from devices.emv.tags import Tag
from devices.emv.tlv import MalformedTlvError, build, parse

ATR: Final = bytes.fromhex("3B6800000073C84013009000")  # T=0
ATR_T1: Final = bytes.fromhex("3B800181")

OK: Final = b"\x90\x00"
BLOCKED_APPLICATION: Final = b"\x62\x83"
WRONG_LENGTH: Final = b"\x67\x00"
WRONG_ORDER: Final = b"\x69\x85"
WRONG_DATA: Final = b"\x6a\x80"
BLOCKED: Final = b"\x6a\x81"
NO_FILE: Final = b"\x6a\x82"
NO_RECORD: Final = b"\x6a\x83"
UNKNOWN: Final = b"\x6d\x00"

AAC: Final = 0x00
GET_RESPONSE: Final = 0xC0
NEXT: Final = 0x02  # P2 of SELECT
LAST_ATC: Final = 0xFFFF


@dataclass
class CardFaults:
    mute: bool = False  # no answer to reset
    blocked: bool = False  # the whole card
    application_blocked: bool = False
    declines: bool = False  # an AAC at the first GENERATE AC
    in_parts: bool = False  # 61xx and 6Cxx, as cards with T=0 answer


class VirtualCard:
    """One card. Its transaction counter goes on over every insertion."""

    def __init__(
        self, contents: CardContents, *, faults: CardFaults | None = None, atc: int = 0, atr: bytes = ATR
    ) -> None:
        self.contents = contents
        self.atr = atr
        self.faults = faults or CardFaults()
        self.atc = atc
        self._turn = 0
        self._key = card_key(contents.issuer_key, contents.pan, contents.pan_sequence)
        self._instructions: Mapping[int, Callable[[bytes, bytes], bytes]] = {
            0xA4: self._select,
            0xB2: self._read_record,
            0xA8: self._get_processing_options,
            0xAE: self._generate_ac,
        }
        self.reset()

    def reset(self) -> bytes:
        """Power up. The value is the answer to reset, empty if the card is mute."""
        self._application: CardApplication | None = None
        self._records: Mapping[tuple[int, int], bytes] = {}
        self._still_to_give = 0  # cryptograms, of the two of one transaction
        self._waiting = b""
        return b"" if self.faults.mute else self.atr

    def respond(self, apdu: bytes) -> bytes:
        """One short command; the answer with its status bytes. Never raises."""
        head, body = apdu[:4], apdu[4:]
        if len(head) < 4 or (len(body) > 1 and len(body) - body[0] not in {1, 2}):
            return WRONG_LENGTH
        if head[1] == GET_RESPONSE:
            return self._get_response()
        instruction = self._instructions.get(head[1])
        if instruction is None:
            return UNKNOWN
        answer = instruction(head, body[1 : body[0] + 1] if len(body) > 1 else b"")
        return self._part(answer, body) if self.faults.in_parts and len(answer) > 2 else answer

    def _part(self, answer: bytes, body: bytes) -> bytes:
        data = answer[:-2]
        if len(body) > 1:
            self._waiting = answer
            return bytes([0x61, len(data) & 0xFF])
        return answer if body == bytes([len(data) & 0xFF]) else bytes([0x6C, len(data) & 0xFF])

    def _get_response(self) -> bytes:
        answer, self._waiting = self._waiting, b""
        return answer or WRONG_ORDER

    def _select(self, head: bytes, name: bytes) -> bytes:
        if self.faults.blocked:
            return BLOCKED
        self._application, self._still_to_give = None, 0
        if name and name == self.contents.directory.value:
            self._records = directory_records(self.contents)
            return directory_fci(self.contents) + OK
        named = [one for one in self.contents.applications if name and one.aid.startswith(name)]
        turn = self._turn = self._turn + 1 if head[3] == NEXT else 0
        if turn >= len(named):
            return NO_FILE
        self._application = named[turn]
        self._records = {}
        return application_fci(named[turn]) + (BLOCKED_APPLICATION if self.faults.application_blocked else OK)

    def _read_record(self, head: bytes, _: bytes) -> bytes:
        record = self._records.get((head[3] >> 3, head[2]))
        return NO_RECORD if record is None else record + OK

    def _get_processing_options(self, _: bytes, data: bytes) -> bytes:
        application = self._application
        if application is None or self._still_to_give or self.atc == LAST_ATC:
            return WRONG_ORDER
        try:
            [given] = parse(data)
            wanted = sum(length for _, length in parse_dol(application.pdol))
        except (MalformedTlvError, ValueError):
            return WRONG_DATA
        if given.tag != Tag.COMMAND or len(given.value) != wanted:
            return WRONG_DATA
        self.atc += 1
        self._still_to_give = 2
        self._records = application_records(self.contents)
        afl = file_locator(self.contents)
        return self._answer(application, (Tag.AIP, AIP), (Tag.AFL, afl)) + OK

    def _generate_ac(self, head: bytes, data: bytes) -> bytes:
        application = self._application
        if application is None or not self._still_to_give:
            return WRONG_ORDER
        dol = CDOL1 if self._still_to_give == 2 else CDOL2
        if len(data) != sum(length for _, length in parse_dol(dol)):
            return WRONG_LENGTH
        kind = AAC if self.faults.declines or self._still_to_give == 1 else head[2]
        self._still_to_give = 0 if kind == AAC else self._still_to_give - 1
        atc = self.atc.to_bytes(2, "big")
        made = cryptogram(session_key(self._key, atc), data + AIP + atc + ISSUER_DATA)
        return (
            self._answer(
                application,
                (Tag.CRYPTOGRAM_INFORMATION, bytes([kind])),
                (Tag.ATC, atc),
                (Tag.CRYPTOGRAM, made),
                (Tag.ISSUER_DATA, ISSUER_DATA),
            )
            + OK
        )

    @staticmethod
    def _answer(application: CardApplication, *elements: tuple[int, bytes]) -> bytes:
        """Format 1 is the values alone, in a fixed order; format 2 is TLV."""
        if application.answer is Tag.FORMAT_1:
            return build((Tag.FORMAT_1, b"".join(value for _, value in elements)))
        return build((Tag.FORMAT_2, build(*elements)))
