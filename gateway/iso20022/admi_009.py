"""admi.009.001.02, StaticDataRequest: whom does this link pay, and how much? (PROTOCOLS §3, steps 2 and 3)"""

from dataclasses import dataclass
from typing import Final

from gateway.iso20022 import components, formats
from gateway.iso20022 import datatypes as dt
from gateway.iso20022.definition import Definition
from gateway.iso20022.fields import Field, Table
from gateway.iso20022.rows import MarkedEnvelope
from gateway.iso20022.structure import Sequence, many, maybe, one


@dataclass(frozen=True, kw_only=True)
class StaticDataRequest:
    """`data_type` is the platform's word for such a request: ours from settings, another's not checked."""

    msg_id: str
    data_type: str
    link_id: str
    end_to_end_id: str


DEFINITION: Final = Definition(
    kind="admi.009.001.02",
    row=one(
        "StatcDataReq",
        Sequence(
            one("MsgId", dt.MAX_35_TEXT),
            maybe("SttlmSsnIdr", dt.EXACT_4_ALPHANUMERIC),
            one("DataReqDtls", Sequence(one("Tp", dt.MAX_35_TEXT), maybe("Key", dt.MAX_35_TEXT))),
            many("SplmtryData", components.SUPPLEMENTARY_DATA),
        ),
    ),
    table=Table.of(
        Field("MsgId", "msg_id", formats.IDENTIFIER, step="2, 3: new on each hop"),
        Field("DataReqDtls/Tp", "data_type", formats.MAX_35_TEXT, step="2, 3"),
        Field("DataReqDtls/Key", "link_id", formats.LINK_ID, step="2, 3"),
        MarkedEnvelope(
            "SplmtryData",
            mark="END_TO_END_ID",
            name="end_to_end_id",
            step="2: for the whole chain",
            element="EndToEndId",
            format=formats.IDENTIFIER,
        ),
    ),
    model=StaticDataRequest,
)
