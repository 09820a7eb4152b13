"""pacs.028.001.05, FIToFIPaymentStatusRequest: what became of this order? Asked of the platform only.

HTTP 200 says that the question arrived; the answer is a pacs.002 (PROTOCOLS §3, failures).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.iso20022 import components as part
from gateway.iso20022 import datatypes as dt
from gateway.iso20022 import formats
from gateway.iso20022.definition import Definition
from gateway.iso20022.fields import Field, Once, Table
from gateway.iso20022.rows import OriginalMessage
from gateway.iso20022.structure import SKIPPED, Sequence, many, maybe, one


@dataclass(frozen=True, kw_only=True)
class PaymentStatusRequest:
    """`original_msg_id` is that of the asker's own hop of the pacs.008."""

    msg_id: str
    created_at: datetime  # aware
    end_to_end_id: str
    tx_id: str
    instructing_bic: str | None = None
    instructed_bic: str | None = None
    original_msg_id: str | None = None


_TX = "TxInf"

_GROUP_HEADER = Sequence(
    one("MsgId", dt.MAX_35_TEXT),
    one("CreDtTm", dt.DATE_TIME),
    maybe("InstgAgt", part.AGENT),
    maybe("InstdAgt", part.AGENT),
)

_ORIGINAL_GROUP = Sequence(
    one("OrgnlMsgId", dt.MAX_35_TEXT),
    one("OrgnlMsgNmId", dt.MAX_35_TEXT),
    maybe("OrgnlCreDtTm", dt.DATE_TIME),
    maybe("OrgnlNbOfTxs", dt.MAX_15_NUMERIC),
    maybe("OrgnlCtrlSum", dt.DECIMAL_NUMBER),
)

_TRANSACTION = Sequence(
    maybe("StsReqId", dt.MAX_35_TEXT),
    maybe("OrgnlGrpInf", part.ORIGINAL_GROUP),
    maybe("OrgnlInstrId", dt.MAX_35_TEXT),
    maybe("OrgnlEndToEndId", dt.MAX_35_TEXT),
    maybe("OrgnlTxId", dt.MAX_35_TEXT),
    maybe("OrgnlUETR", dt.UUID_V4),
    maybe("AccptncDtTm", dt.DATE_TIME),
    maybe("ClrSysRef", dt.MAX_35_TEXT),
    maybe("InstgAgt", part.AGENT),
    maybe("InstdAgt", part.AGENT),
    maybe("OrgnlTxRef", SKIPPED),
    many("SplmtryData", part.SUPPLEMENTARY_DATA),
)

DEFINITION: Final = Definition(
    kind="pacs.028.001.05",
    row=one(
        "FIToFIPmtStsReq",
        Sequence(
            one("GrpHdr", _GROUP_HEADER),
            many("OrgnlGrpInf", _ORIGINAL_GROUP),
            many(_TX, _TRANSACTION),
            many("SplmtryData", part.SUPPLEMENTARY_DATA),
        ),
    ),
    table=Table.of(
        Field("GrpHdr/MsgId", "msg_id", formats.IDENTIFIER, step="pacs.028: new each time"),
        Field("GrpHdr/CreDtTm", "created_at", formats.INSTANT, step="pacs.028"),
        Field(
            "GrpHdr/InstgAgt/FinInstnId/BICFI",
            "instructing_bic",
            formats.BIC,
            step="pacs.028",
            required=False,
            also=f"{_TX}/InstgAgt/FinInstnId/BICFI",
        ),
        Field(
            "GrpHdr/InstdAgt/FinInstnId/BICFI",
            "instructed_bic",
            formats.BIC,
            step="pacs.028",
            required=False,
            also=f"{_TX}/InstdAgt/FinInstnId/BICFI",
        ),
        Once(_TX, step="pacs.028"),
        OriginalMessage(f"{_TX}/OrgnlGrpInf", "original_msg_id", step="9, 11"),
        Field(f"{_TX}/OrgnlEndToEndId", "end_to_end_id", formats.IDENTIFIER, step="9"),
        Field(f"{_TX}/OrgnlTxId", "tx_id", formats.IDENTIFIER, step="9"),
    ),
    model=PaymentStatusRequest,
)
