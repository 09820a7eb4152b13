"""admi.002.001.01, MessageReject: the body of an HTTP error. Clients act on the HTTP status only (PROTOCOLS §3.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.iso20022 import datatypes as dt
from gateway.iso20022 import formats
from gateway.iso20022.definition import Definition
from gateway.iso20022.fields import Field, Table
from gateway.iso20022.structure import Sequence, maybe, one

NOT_PROVIDED: Final = "NOTPROVIDED"


@dataclass(frozen=True, kw_only=True)
class MessageReject:
    """`reference` is the refused message's MsgId, or NOT_PROVIDED; `reason` the code of the check."""

    reference: str
    reason: str
    rejected_at: datetime  # aware
    description: str


DEFINITION: Final = Definition(
    kind="admi.002.001.01",
    row=one(
        "MsgRjct",
        Sequence(
            one("RltdRef", Sequence(one("Ref", dt.MAX_35_TEXT))),
            one(
                "Rsn",
                Sequence(
                    one("RjctgPtyRsn", dt.MAX_35_TEXT),
                    maybe("RjctnDtTm", dt.DATE_TIME),
                    maybe("ErrLctn", dt.MAX_350_TEXT),
                    maybe("RsnDesc", dt.MAX_350_TEXT),
                    maybe("AddtlData", dt.MAX_20000_TEXT),
                ),
            ),
        ),
    ),
    table=Table.of(
        Field("RltdRef/Ref", "reference", formats.MAX_35_TEXT, step="any"),
        Field("Rsn/RjctgPtyRsn", "reason", formats.MAX_35_TEXT, step="any"),
        Field("Rsn/RjctnDtTm", "rejected_at", formats.INSTANT, step="any"),
        Field("Rsn/RsnDesc", "description", formats.PARTICULARS, step="any"),
    ),
    model=MessageReject,
)
