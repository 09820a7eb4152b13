"""GENERATE AC and what of it goes to the issuer in field 55 (EMV 4.3 Book 3, 6.5.5; PROTOCOLS §5).

As in Quick Chip the card is closed at once: after its ARQC it is told "unable to go online", so that the
issuer alone decides and the card can leave.
"""

import logging
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final

from devices.emv.apdu import generate_ac
from devices.emv.application import OpenApplication, template
from devices.emv.cardholder import gather
from devices.emv.dol import fill_dol
from devices.emv.exchange import Exchange
from devices.emv.faults import FAULTS, CardFaultError, Fault
from devices.emv.tags import Tag
from devices.emv.tlv import Tlv, build, parse

log = logging.getLogger(__name__)

UNABLE_TO_GO_ONLINE: Final = b"Z3"  # declined, as far as the card is concerned

# What the issuer gets, in this order. Never 57, 5A or 5F20.
FIELD_55: Final = (
    Tag.CRYPTOGRAM,
    Tag.CRYPTOGRAM_INFORMATION,
    Tag.ISSUER_DATA,
    Tag.UNPREDICTABLE,
    Tag.ATC,
    Tag.TVR,
    Tag.DATE,
    Tag.TYPE,
    Tag.AMOUNT,
    Tag.CURRENCY,
    Tag.AIP,
    Tag.COUNTRY,
    Tag.AMOUNT_OTHER,
    Tag.CAPABILITIES,
    Tag.CVM_RESULTS,
    Tag.TERMINAL_TYPE,
    Tag.DEVICE_SERIAL,
    Tag.DF_NAME,
    Tag.VERSION,
    Tag.PAN_SEQUENCE,
)


class Kind(IntEnum):
    """Of a cryptogram: the two high bits, both in what we ask and in what the card gives."""

    AAC = 0x00  # declined
    TC = 0x40  # approved offline
    ARQC = 0x80  # ask the issuer


_KIND_BITS: Final = 0xC0


async def generate(
    exchange: Exchange, application: OpenApplication, transaction: Mapping[int, bytes]
) -> bytes:
    """Field 55 with the card's ARQC. `transaction`: all that the terminal can say of itself and of it.

    Raises CardFaultError for an AAC, and what else `faults` lists.
    """
    elements = application.elements
    asked = fill_dol(elements[Tag.CDOL1], {**elements, **transaction})
    response = await exchange.send(generate_ac(Kind.ARQC, asked))
    answer = _read(template(response, "GENERATE AC", Tag.FORMAT_1, Tag.FORMAT_2))
    kind = answer[Tag.CRYPTOGRAM_INFORMATION][0] & _KIND_BITS
    if kind == Kind.AAC:
        raise CardFaultError(Fault.DECLINED_BY_CARD)
    if kind != Kind.ARQC:
        raise CardFaultError(Fault.PROTOCOL_ERROR, "GENERATE AC: neither ARQC nor AAC")
    await _close(exchange, elements, {**transaction, **answer})
    return field_55({**elements, **transaction, **answer, Tag.DF_NAME: application.aid})


def field_55(elements: Mapping[int, bytes]) -> bytes:
    """TLV by the table; what is not there is left out."""
    return build(*((tag, elements[tag]) for tag in FIELD_55 if elements.get(tag)))


async def _close(exchange: Exchange, elements: Mapping[int, bytes], transaction: Mapping[int, bytes]) -> None:
    """The second GENERATE AC. We have the ARQC, so nothing that goes wrong here is a fault."""
    told = {**elements, **transaction, Tag.RESPONSE_CODE: UNABLE_TO_GO_ONLINE}
    try:
        await exchange.send(generate_ac(Kind.AAC, fill_dol(elements[Tag.CDOL2], told)))
    except FAULTS as error:
        log.info("card.not_closed", extra={"error": type(error).__name__})


def _format_1(value: bytes) -> list[Tlv]:
    return [
        Tlv(Tag.CRYPTOGRAM_INFORMATION, value[:1]),
        Tlv(Tag.ATC, value[1:3]),
        Tlv(Tag.CRYPTOGRAM, value[3:11]),
        Tlv(Tag.ISSUER_DATA, value[11:]),
    ]


_FORMATS: Final[Mapping[int, Callable[[bytes], list[Tlv]]]] = {Tag.FORMAT_1: _format_1, Tag.FORMAT_2: parse}


def _read(answer: Tlv) -> Mapping[int, bytes]:
    """CID, ATC, cryptogram and issuer's data by tag, from either format. Raises CardFaultError."""
    found = gather(_FORMATS[answer.tag](answer.value))
    sizes = {Tag.CRYPTOGRAM_INFORMATION: 1, Tag.ATC: 2, Tag.CRYPTOGRAM: 8}
    if any(len(found.get(tag, b"")) != size for tag, size in sizes.items()):
        raise CardFaultError(Fault.PROTOCOL_ERROR, "GENERATE AC: an element is missing")
    return found
