"""One application of the card: SELECT, GET PROCESSING OPTIONS, READ RECORD (EMV 4.3 Book 3, 10.1 and 10.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from devices.emv.apdu import Response, get_processing_options, read_record, select
from devices.emv.cardholder import Cardholder, gather, read_cardholder
from devices.emv.dol import fill_dol
from devices.emv.exchange import Exchange
from devices.emv.faults import CardFaultError, Fault
from devices.emv.status_words import (
    CONDITIONS_NOT_SATISFIED,
    FILE_NOT_FOUND,
    FUNCTION_NOT_SUPPORTED,
    OK,
    SELECTION_INVALIDATED,
)
from devices.emv.tags import Tag
from devices.emv.terminal import Terminal
from devices.emv.tlv import Tlv, build, first, parse, walk
from devices.interfaces import Application

MOST_RECORDS: Final = 64

_AFL_ENTRY: Final = 4  # bytes: file, first record, last record, how many of them are signed
_EMV_FILES: Final = range(1, 11)  # those above are the scheme's and the issuer's own

_SELECT_FAULTS: Final[Mapping[int, Fault]] = {
    SELECTION_INVALIDATED: Fault.CARD_BLOCKED,
    FUNCTION_NOT_SUPPORTED: Fault.CARD_BLOCKED,
    FILE_NOT_FOUND: Fault.NO_APPLICATION,
}


@dataclass(frozen=True, repr=False)
class OpenApplication:
    """What the card said up to its cryptogram. Lives in memory only; `repr` shows none of it."""

    aid: bytes
    elements: Mapping[int, bytes]
    cardholder: Cardholder

    def __repr__(self) -> str:
        return f"OpenApplication({self.aid.hex().upper()})"


async def open_application(
    exchange: Exchange, application: Application, terminal: Terminal
) -> OpenApplication:
    """Raises what `faults` lists."""
    fci = await _select(exchange, application.aid)
    aid = first(fci, Tag.DF_NAME) or application.aid
    options = await _options(exchange, first(fci, Tag.PDOL) or b"", terminal.elements(aid))
    elements = gather([*options, *await _records(exchange, first(options, Tag.AFL) or b"")])
    for tag in (Tag.AIP, Tag.CDOL1, Tag.CDOL2):
        if tag not in elements:
            raise CardFaultError(Fault.PROTOCOL_ERROR, f"no tag {tag:X}")
    return OpenApplication(aid, elements, read_cardholder(elements))


def record_numbers(afl: bytes) -> list[tuple[int, int]]:
    """(file, record) in the order of the application file locator. Raises CardFaultError."""
    wanted = []
    for at in range(0, len(afl), _AFL_ENTRY):
        entry = afl[at : at + _AFL_ENTRY]
        if len(entry) < _AFL_ENTRY or not 0 < entry[1] <= entry[2]:
            raise CardFaultError(Fault.PROTOCOL_ERROR, "AFL")
        wanted += [(entry[0] >> 3, record) for record in range(entry[1], entry[2] + 1)]
    if len(wanted) > MOST_RECORDS:
        raise CardFaultError(Fault.PROTOCOL_ERROR, "AFL of too many records")
    return [(sfi, record) for sfi, record in wanted if sfi in _EMV_FILES]


def template(response: Response, what: str, *tags: Tag) -> Tlv:
    """The one template that the answer to `what` must be. Raises CardFaultError, MalformedTlvError."""
    if response.status != OK:
        raise CardFaultError(Fault.PROTOCOL_ERROR, f"{what}: {response.status:04X}")
    nodes = parse(response.data)
    if len(nodes) != 1 or nodes[0].tag not in tags:
        raise CardFaultError(Fault.PROTOCOL_ERROR, f"{what}: another template")
    return nodes[0]


async def _select(exchange: Exchange, aid: bytes) -> list[Tlv]:
    response = await exchange.send(select(aid))
    if response.status != OK:
        fault = _SELECT_FAULTS.get(response.status, Fault.PROTOCOL_ERROR)
        raise CardFaultError(fault, f"SELECT: {response.status:04X}")
    return parse(response.data)


async def _options(exchange: Exchange, pdol: bytes, elements: Mapping[int, bytes]) -> list[Tlv]:
    """AIP and AFL, from either format of the answer."""
    asked = build((Tag.COMMAND, fill_dol(pdol, elements)))
    response = await exchange.send(get_processing_options(asked))
    if response.status == CONDITIONS_NOT_SATISFIED:
        raise CardFaultError(Fault.NO_APPLICATION, "it does not serve this terminal")
    answer = template(response, "GET PROCESSING OPTIONS", Tag.FORMAT_1, Tag.FORMAT_2)
    if answer.tag == Tag.FORMAT_1:
        return [Tlv(Tag.AIP, answer.value[:2]), Tlv(Tag.AFL, answer.value[2:])]
    return parse(answer.value)


async def _records(exchange: Exchange, afl: bytes) -> list[Tlv]:
    nodes: list[Tlv] = []
    for sfi, record in record_numbers(afl):
        response = await exchange.send(read_record(sfi, record))
        nodes += walk(parse(template(response, "READ RECORD", Tag.RECORD).value))
    return nodes
