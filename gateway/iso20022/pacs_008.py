"""pacs.008.001.11, FIToFICustomerCreditTransfer: the order that moves the money (PROTOCOLS §3, steps 9 and 11)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.iso20022 import components as part
from gateway.iso20022 import datatypes as dt
from gateway.iso20022 import formats
from gateway.iso20022.definition import Definition
from gateway.iso20022.fields import Field, Fixed, Once, Table
from gateway.iso20022.rows import InstructionCode, Lines, PartyNumber
from gateway.iso20022.structure import SKIPPED, Sequence, many, maybe, one
from gateway.money import Amount


@dataclass(frozen=True, kw_only=True)
class CreditTransfer:
    """One order. The agents that instruct are this hop's; instants are aware.

    The platform passes on everything but `msg_id`, `created_at` and the two instructing parties unchanged.
    """

    msg_id: str
    created_at: datetime
    instructing_bic: str
    instructed_bic: str
    end_to_end_id: str
    tx_id: str
    amount: Amount
    accepted_at: datetime  # when its life begins
    debtor_iban: str
    debtor_bic: str
    creditor_bic: str
    creditor_iban: str
    knp: str
    debtor_iin_bin: str | None = None
    creditor_iin_bin: str | None = None
    uetr: str | None = None
    debtor_name: str | None = None
    creditor_name: str | None = None
    kod: str | None = None
    kbe: str | None = None
    purpose: str | None = None


_GROUP_HEADER = Sequence(
    one("MsgId", dt.MAX_35_TEXT),
    one("CreDtTm", dt.DATE_TIME),
    maybe("BtchBookg", dt.BOOLEAN),
    one("NbOfTxs", dt.MAX_15_NUMERIC),
    maybe("CtrlSum", dt.DECIMAL_NUMBER),
    maybe("TtlIntrBkSttlmAmt", part.AMOUNT),
    maybe("IntrBkSttlmDt", dt.DATE),
    one(
        "SttlmInf",
        Sequence(
            one("SttlmMtd", dt.SETTLEMENT_METHOD),
            maybe("SttlmAcct", part.ACCOUNT),
            maybe("ClrSys", part.CODE_3),
            maybe("InstgRmbrsmntAgt", part.AGENT),
            maybe("InstgRmbrsmntAgtAcct", part.ACCOUNT),
            maybe("InstdRmbrsmntAgt", part.AGENT),
            maybe("InstdRmbrsmntAgtAcct", part.ACCOUNT),
            maybe("ThrdRmbrsmntAgt", part.AGENT),
            maybe("ThrdRmbrsmntAgtAcct", part.ACCOUNT),
        ),
    ),
    maybe("PmtTpInf", part.PAYMENT_TYPE),
    maybe("InstgAgt", part.AGENT),
    maybe("InstdAgt", part.AGENT),
)

_TRANSACTION = Sequence(
    one(
        "PmtId",
        Sequence(
            maybe("InstrId", dt.MAX_35_TEXT),
            one("EndToEndId", dt.MAX_35_TEXT),
            maybe("TxId", dt.MAX_35_TEXT),
            maybe("UETR", dt.UUID_V4),
            maybe("ClrSysRef", dt.MAX_35_TEXT),
        ),
    ),
    maybe("PmtTpInf", part.PAYMENT_TYPE),
    one("IntrBkSttlmAmt", part.AMOUNT),
    maybe("IntrBkSttlmDt", dt.DATE),
    maybe("SttlmPrty", dt.PRIORITY_3),
    maybe("SttlmTmIndctn", Sequence(maybe("DbtDtTm", dt.DATE_TIME), maybe("CdtDtTm", dt.DATE_TIME))),
    maybe(
        "SttlmTmReq",
        Sequence(
            maybe("CLSTm", dt.TIME),
            maybe("TillTm", dt.TIME),
            maybe("FrTm", dt.TIME),
            maybe("RjctTm", dt.TIME),
        ),
    ),
    maybe("AccptncDtTm", dt.DATE_TIME),
    maybe("PoolgAdjstmntDt", dt.DATE),
    maybe("InstdAmt", part.AMOUNT),
    maybe("XchgRate", dt.BASE_ONE_RATE),
    one("ChrgBr", dt.CHARGE_BEARER),
    many("ChrgsInf", part.CHARGES),
    maybe("MndtRltdInf", SKIPPED),
    maybe("PrvsInstgAgt1", part.AGENT),
    maybe("PrvsInstgAgt1Acct", part.ACCOUNT),
    maybe("PrvsInstgAgt2", part.AGENT),
    maybe("PrvsInstgAgt2Acct", part.ACCOUNT),
    maybe("PrvsInstgAgt3", part.AGENT),
    maybe("PrvsInstgAgt3Acct", part.ACCOUNT),
    maybe("InstgAgt", part.AGENT),
    maybe("InstdAgt", part.AGENT),
    maybe("IntrmyAgt1", part.AGENT),
    maybe("IntrmyAgt1Acct", part.ACCOUNT),
    maybe("IntrmyAgt2", part.AGENT),
    maybe("IntrmyAgt2Acct", part.ACCOUNT),
    maybe("IntrmyAgt3", part.AGENT),
    maybe("IntrmyAgt3Acct", part.ACCOUNT),
    maybe("UltmtDbtr", part.PARTY),
    maybe("InitgPty", part.PARTY),
    one("Dbtr", part.PARTY),
    maybe("DbtrAcct", part.ACCOUNT),
    one("DbtrAgt", part.AGENT),
    maybe("DbtrAgtAcct", part.ACCOUNT),
    one("CdtrAgt", part.AGENT),
    maybe("CdtrAgtAcct", part.ACCOUNT),
    one("Cdtr", part.PARTY),
    maybe("CdtrAcct", part.ACCOUNT),
    maybe("UltmtCdtr", part.PARTY),
    many("InstrForCdtrAgt", Sequence(maybe("Cd", dt.MAX_4_TEXT), maybe("InstrInf", dt.MAX_140_TEXT))),
    many("InstrForNxtAgt", Sequence(maybe("Cd", dt.INSTRUCTION), maybe("InstrInf", dt.MAX_140_TEXT))),
    maybe("Purp", part.CODE_4),
    many("RgltryRptg", SKIPPED, most=10),
    maybe("Tax", SKIPPED),
    many("RltdRmtInf", SKIPPED, most=10),
    maybe("RmtInf", Sequence(many("Ustrd", dt.MAX_140_TEXT), many("Strd", SKIPPED))),
    many("SplmtryData", part.SUPPLEMENTARY_DATA),
)

_TX = "CdtTrfTxInf"
_INSTRUCTION = f"{_TX}/InstrForNxtAgt/InstrInf"
_TO_ACCOUNT = "7: the payer's account"
_FROM_DETAILS = "5: the details"

DEFINITION: Final = Definition(
    kind="pacs.008.001.11",
    row=one(
        "FIToFICstmrCdtTrf",
        Sequence(
            one("GrpHdr", _GROUP_HEADER),
            many(_TX, _TRANSACTION, least=1),
            many("SplmtryData", part.SUPPLEMENTARY_DATA),
        ),
    ),
    table=Table.of(
        Field("GrpHdr/MsgId", "msg_id", formats.IDENTIFIER, step="9, 11: new on each hop"),
        Field("GrpHdr/CreDtTm", "created_at", formats.INSTANT, step="9, 11: new on each hop"),
        Fixed("GrpHdr/NbOfTxs", "1", step="9"),
        Fixed("GrpHdr/SttlmInf/SttlmMtd", "CLRG", step="9"),
        Field(
            "GrpHdr/InstgAgt/FinInstnId/BICFI",
            "instructing_bic",
            formats.BIC,
            step="9, 11: this hop's",
            also=f"{_TX}/InstgAgt/FinInstnId/BICFI",
        ),
        Field(
            "GrpHdr/InstdAgt/FinInstnId/BICFI",
            "instructed_bic",
            formats.BIC,
            step="9, 11: this hop's",
            also=f"{_TX}/InstdAgt/FinInstnId/BICFI",
        ),
        Once(_TX, step="9"),
        Field(f"{_TX}/PmtId/EndToEndId", "end_to_end_id", formats.IDENTIFIER, step="2: for the whole chain"),
        Field(f"{_TX}/PmtId/TxId", "tx_id", formats.IDENTIFIER, step="8"),
        Field(f"{_TX}/PmtId/UETR", "uetr", formats.UETR, step="8", required=False),
        Field(f"{_TX}/IntrBkSttlmAmt", "amount", formats.MONEY, step=_FROM_DETAILS),
        Fixed(f"{_TX}/IntrBkSttlmAmt@Ccy", formats.KZT.name, step=_FROM_DETAILS),
        Field(f"{_TX}/AccptncDtTm", "accepted_at", formats.INSTANT, step="8: the life begins"),
        Fixed(f"{_TX}/ChrgBr", "SLEV", step="9"),
        Once(f"{_TX}/Dbtr", step=_TO_ACCOUNT),
        Field(f"{_TX}/Dbtr/Nm", "debtor_name", formats.NAME, step=_TO_ACCOUNT, required=False),
        PartyNumber(f"{_TX}/Dbtr/Id", "debtor_iin_bin", step=_TO_ACCOUNT),
        Field(f"{_TX}/DbtrAcct/Id/IBAN", "debtor_iban", formats.IBAN, step=_TO_ACCOUNT),
        Field(f"{_TX}/DbtrAgt/FinInstnId/BICFI", "debtor_bic", formats.BIC, step="9"),
        Field(f"{_TX}/CdtrAgt/FinInstnId/BICFI", "creditor_bic", formats.BIC, step=_FROM_DETAILS),
        Once(f"{_TX}/Cdtr", step=_FROM_DETAILS),
        Field(f"{_TX}/Cdtr/Nm", "creditor_name", formats.NAME, step=_FROM_DETAILS, required=False),
        PartyNumber(f"{_TX}/Cdtr/Id", "creditor_iin_bin", step=_FROM_DETAILS),
        Field(f"{_TX}/CdtrAcct/Id/IBAN", "creditor_iban", formats.IBAN, step=_FROM_DETAILS),
        InstructionCode(_INSTRUCTION, "KOD", "kod", step=_TO_ACCOUNT),
        InstructionCode(_INSTRUCTION, "KBE", "kbe", step=_FROM_DETAILS),
        Field(f"{_TX}/Purp/Prtry", "knp", formats.KNP, step=_FROM_DETAILS),
        Lines(f"{_TX}/RmtInf/Ustrd", "purpose", step=_FROM_DETAILS),
    ),
    model=CreditTransfer,
)
