"""The spool's entries of transfers: what leaves for the platform and the card host, and what our own clock brings.

A key names the kind, whose it is, and which of several it is, so that each happens once:
`transfer.question/payer/<EndToEndId>/<MsgId>`, `sale.closing/<sale_id>/time`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.bills.steps import CARD_HOST, OWN_CLOCK
from gateway.c2b2e.message_book import names_of
from gateway.c2b2e.transfer import Key, Role, Transfer
from gateway.iso20022 import admi_009, admi_010, pacs_002, pacs_008, pacs_028
from spool import Entry, NewEntry, Transaction, close_entry, enqueue

PLATFORM: Final = "platform"

REQUEST: Final = "transfer.request"
REPORT: Final = "transfer.report"
ORDER: Final = "transfer.order"
PENDING: Final = "transfer.pending"
REJECTION: Final = "transfer.rejection"
QUESTION: Final = "transfer.question"
BENEFICIARY: Final = "transfer.beneficiary"
CAPTURE: Final = "transfer.capture"
REVERSAL: Final = "transfer.reversal"
CREDIT: Final = "transfer.credit"
OVERDUE: Final = "transfer.overdue"  # the details
EXPIRY: Final = "transfer.expiry"  # of the details
ASKING: Final = "transfer.asking"  # the instant of the next pacs.028, or of giving up
CLOSING: Final = "sale.closing"

MESSAGES: Final[Mapping[str, str]] = {
    REQUEST: admi_009.DEFINITION.kind,
    REPORT: admi_010.DEFINITION.kind,
    ORDER: pacs_008.DEFINITION.kind,
    PENDING: pacs_002.DEFINITION.kind,
    REJECTION: pacs_002.DEFINITION.kind,
    QUESTION: pacs_028.DEFINITION.kind,
}
DESTINATIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(MESSAGES, PLATFORM),
    **dict.fromkeys((BENEFICIARY, CAPTURE, REVERSAL, CREDIT), CARD_HOST),
    **dict.fromkeys((OVERDUE, EXPIRY, ASKING, CLOSING), OWN_CLOCK),
}
ONLY: Final = "1"  # the name of what a transfer has one of


def spool_for(  # noqa: PLR0913 - what makes an entry
    tx: Transaction,
    kind: str,
    transfer: Transfer,
    *,
    name: str = ONLY,
    payload: bytes = b"",
    due_at: datetime | None = None,
) -> None:
    """Lanes are terminals: one that waits holds up nobody else."""
    key = key_of(kind, transfer.key, name)
    enqueue(tx, _entry(kind, key, lane=transfer.terminal, payload=payload, due_at=due_at))


def close_for(tx: Transaction, kind: str, transfer: Transfer, *, name: str = ONLY) -> None:
    """Nothing of it is left to do."""
    close_entry(tx, key_of(kind, transfer.key, name), f"the transfer is {transfer.state}")


def close_messages(tx: Transaction, kind: str, transfer: Transfer) -> None:
    """Nothing of this kind is left to tell the platform; their names are MsgIds."""
    for msg_id in names_of(tx, transfer.key, MESSAGES[kind]):
        close_for(tx, kind, transfer, name=msg_id)


def closing_entry(sale_id: str, name: str, *, lane: str, due_at: datetime | None = None) -> NewEntry:
    """`name`: "time" for the end of the link's time, "end" for its end before that."""
    return _entry(CLOSING, f"{CLOSING}/{sale_id}/{name}", lane=lane, payload=b"", due_at=due_at)


def key_of(kind: str, key: Key, name: str) -> str:
    return f"{kind}/{key.role}/{key.end_to_end_id}/{name}"


def whose(entry: Entry) -> tuple[Key, str]:
    """The transfer that an entry belongs to, and the entry's own name."""
    _, role, end_to_end_id, name = entry.key.split("/")
    return Key(Role(role), end_to_end_id), name


def sale_of(entry: Entry) -> str:
    """The sale_id that a CLOSING belongs to."""
    return entry.key.split("/")[1]


def _entry(kind: str, key: str, *, lane: str, payload: bytes, due_at: datetime | None) -> NewEntry:
    return NewEntry(
        kind=kind, destination=DESTINATIONS[kind], lane=lane, key=key, payload=payload, due_at=due_at
    )
