"""Finding the applications on a card: PPSE, then PSE, then one name after the other (EMV 4.3 Book 1, 12.3)."""

from collections.abc import Sequence

from devices.emv.apdu import read_record, select
from devices.emv.exchange import Exchange
from devices.emv.faults import CardFaultError, Fault
from devices.emv.schemes import SCHEMES
from devices.emv.selection import (
    MOST_APPLICATIONS,
    MOST_RECORDS,
    PPSE,
    PSE,
    candidates,
    directory_entries,
    directory_file,
    selected,
)
from devices.emv.status_words import FUNCTION_NOT_SUPPORTED, OK, SELECTION_INVALIDATED
from devices.interfaces import Application


async def find_applications(exchange: Exchange) -> Sequence[Application]:
    """Best priority first, never empty. Raises CardFaultError and what else `faults` lists."""
    found = candidates(await _by_ppse(exchange)) or candidates(await _by_pse(exchange))
    return found or await _by_name(exchange)


async def _by_ppse(exchange: Exchange) -> list[Application]:
    response = await exchange.send(select(PPSE))
    return directory_entries(response.data) if response.status == OK else []


async def _by_pse(exchange: Exchange) -> list[Application]:
    response = await exchange.send(select(PSE))
    sfi = directory_file(response.data) if response.status == OK else None
    found: list[Application] = []
    for record in range(1, MOST_RECORDS + 1) if sfi else ():
        entry = await exchange.send(read_record(sfi or 0, record))
        if entry.status != OK:
            break
        found += directory_entries(entry.data)
    return found


async def _by_name(exchange: Exchange) -> list[Application]:
    found: list[Application] = []
    blocked = False
    for scheme in SCHEMES:
        for turn in range(MOST_APPLICATIONS):
            response = await exchange.send(select(scheme.aid, following=turn > 0))
            blocked |= response.status in {SELECTION_INVALIDATED, FUNCTION_NOT_SUPPORTED}
            if response.status not in {OK, SELECTION_INVALIDATED}:
                break
            found += [selected(response.data)] if response.status == OK else []
    if not found:
        raise CardFaultError(Fault.CARD_BLOCKED if blocked else Fault.NO_APPLICATION)
    return candidates(found)
