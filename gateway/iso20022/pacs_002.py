"""pacs.002.001.13, FIToFIPaymentStatusReport: what became of an order (PROTOCOLS §3, steps 12 to 17)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.iso20022 import components as part
from gateway.iso20022 import datatypes as dt
from gateway.iso20022 import formats
from gateway.iso20022.definition import Definition
from gateway.iso20022.fields import Field, Once, Table
from gateway.iso20022.rows import OriginalMessage, RequiredWith
from gateway.iso20022.structure import SKIPPED, Sequence, many, maybe, one


class TransactionStatus(StrEnum):
    PENDING = "PDNG"  # the payee can be credited
    SETTLED = "ACSC"  # the platform has committed
    REJECTED = "RJCT"


@dataclass(frozen=True, kw_only=True)
class PaymentStatusReport:
    """`query_msg_id` is the MsgId of the pacs.028 that this answers; such a PENDING permits no commit.

    `original_msg_id` is that of this hop's pacs.008. A rejection has a `reason` of `codes`.
    """

    msg_id: str
    created_at: datetime  # aware
    end_to_end_id: str
    tx_id: str
    status: TransactionStatus
    instructing_bic: str | None = None
    instructed_bic: str | None = None
    query_msg_id: str | None = None
    original_msg_id: str | None = None
    reason: str | None = None
    reason_text: str | None = None


_TX = "TxInfAndSts"
_REASON = f"{_TX}/StsRsnInf/Rsn/Cd"

_GROUP_HEADER = Sequence(
    one("MsgId", dt.MAX_35_TEXT),
    one("CreDtTm", dt.DATE_TIME),
    maybe("InstgAgt", part.AGENT),
    maybe("InstdAgt", part.AGENT),
    maybe(
        "OrgnlBizQry",
        Sequence(
            one("MsgId", dt.MAX_35_TEXT), maybe("MsgNmId", dt.MAX_35_TEXT), maybe("CreDtTm", dt.DATE_TIME)
        ),
    ),
)

_GROUP_STATUS = Sequence(
    one("OrgnlMsgId", dt.MAX_35_TEXT),
    one("OrgnlMsgNmId", dt.MAX_35_TEXT),
    maybe("OrgnlCreDtTm", dt.DATE_TIME),
    maybe("OrgnlNbOfTxs", dt.MAX_15_NUMERIC),
    maybe("OrgnlCtrlSum", dt.DECIMAL_NUMBER),
    maybe("GrpSts", dt.MAX_4_TEXT),
    many("StsRsnInf", part.STATUS_REASON),
    many(
        "NbOfTxsPerSts",
        Sequence(
            one("DtldNbOfTxs", dt.MAX_15_NUMERIC),
            one("DtldSts", dt.MAX_4_TEXT),
            maybe("DtldCtrlSum", dt.DECIMAL_NUMBER),
        ),
    ),
)

_TRANSACTION = Sequence(
    maybe("StsId", dt.MAX_35_TEXT),
    maybe("OrgnlGrpInf", part.ORIGINAL_GROUP),
    maybe("OrgnlInstrId", dt.MAX_35_TEXT),
    maybe("OrgnlEndToEndId", dt.MAX_35_TEXT),
    maybe("OrgnlTxId", dt.MAX_35_TEXT),
    maybe("OrgnlUETR", dt.UUID_V4),
    maybe("TxSts", dt.MAX_4_TEXT),
    many("StsRsnInf", part.STATUS_REASON),
    many("ChrgsInf", part.CHARGES),
    maybe("AccptncDtTm", dt.DATE_TIME),
    maybe("PrcgDt", part.DATE_OR_DATE_TIME),
    maybe("FctvIntrBkSttlmDt", part.DATE_OR_DATE_TIME),
    maybe("AcctSvcrRef", dt.MAX_35_TEXT),
    maybe("ClrSysRef", dt.MAX_35_TEXT),
    maybe("InstgAgt", part.AGENT),
    maybe("InstdAgt", part.AGENT),
    maybe("OrgnlTxRef", SKIPPED),
    many("SplmtryData", part.SUPPLEMENTARY_DATA),
)

DEFINITION: Final = Definition(
    kind="pacs.002.001.13",
    row=one(
        "FIToFIPmtStsRpt",
        Sequence(
            one("GrpHdr", _GROUP_HEADER),
            many("OrgnlGrpInfAndSts", _GROUP_STATUS),
            many(_TX, _TRANSACTION),
            many("SplmtryData", part.SUPPLEMENTARY_DATA),
        ),
    ),
    table=Table.of(
        Field("GrpHdr/MsgId", "msg_id", formats.IDENTIFIER, step="12 to 17: new on each hop"),
        Field("GrpHdr/CreDtTm", "created_at", formats.INSTANT, step="12 to 17: new on each hop"),
        Field(
            "GrpHdr/InstgAgt/FinInstnId/BICFI",
            "instructing_bic",
            formats.BIC,
            step="12 to 17: this hop's",
            required=False,
            also=f"{_TX}/InstgAgt/FinInstnId/BICFI",
        ),
        Field(
            "GrpHdr/InstdAgt/FinInstnId/BICFI",
            "instructed_bic",
            formats.BIC,
            step="12 to 17: this hop's",
            required=False,
            also=f"{_TX}/InstdAgt/FinInstnId/BICFI",
        ),
        Field(
            "GrpHdr/OrgnlBizQry/MsgId", "query_msg_id", formats.IDENTIFIER, step="pacs.028", required=False
        ),
        Once(_TX, step="12"),
        OriginalMessage(f"{_TX}/OrgnlGrpInf", "original_msg_id", step="12"),
        Field(f"{_TX}/OrgnlEndToEndId", "end_to_end_id", formats.IDENTIFIER, step="12"),
        Field(f"{_TX}/OrgnlTxId", "tx_id", formats.IDENTIFIER, step="12"),
        Field(f"{_TX}/TxSts", "status", formats.enumeration(TransactionStatus), step="12, 15, 17"),
        Field(_REASON, "reason", formats.REASON, step="12: RJCT", required=False, of_many=True),
        RequiredWith(_REASON, f"{_TX}/TxSts", TransactionStatus.REJECTED, step="12"),
        Field(
            f"{_TX}/StsRsnInf/AddtlInf",
            "reason_text",
            formats.REASON_TEXT,
            step="12: RJCT",
            required=False,
            of_many=True,
        ),
    ),
    model=PaymentStatusReport,
)
