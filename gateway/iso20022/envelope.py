"""Whose message it is and what it is about: what is needed before its fields are judged (PROTOCOLS §3.4).

The header `end-to-end-id` accompanies every request and equals the body's (PROTOCOLS §3.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.iso20022.errors import HeaderError

HEADER: Final = "end-to-end-id"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Texts as they stand in the message, of the datatype ISO gives them and not judged beyond it.

    None: absent, or the message has no such field (admi.* has no agents, admi.009 and admi.010 no TxId).
    """

    kind: str
    msg_id: str
    end_to_end_id: str | None = None
    tx_id: str | None = None
    instructing_bic: str | None = None
    instructed_bic: str | None = None


def check_header(values: Sequence[str], envelope: Envelope) -> None:
    """Raise HeaderError: 400 without the header, 422 if any of its `values` is not the body's."""
    if not any(values):
        raise HeaderError("header_missing", f"has no header {HEADER}", http_status=400)
    if any(value != envelope.end_to_end_id for value in values):
        raise HeaderError("header_differs", f"contradicts its header {HEADER}", http_status=422)
