"""The parts that the pacs messages share, with all that ISO allows in them, in its order.

Named as in the schemas. What is `SKIPPED` may be there in any form: Tolem has no use for it, and
refusing a message for it would help nobody.
"""

from typing import Final

from gateway.iso20022 import datatypes as dt
from gateway.iso20022.structure import ANYTHING, SKIPPED, Choice, Leaf, Sequence, many, maybe, one


def _code_or_proprietary(code: dt.Datatype) -> Choice:
    return Choice(one("Cd", code), one("Prtry", dt.MAX_35_TEXT))


def _generic_identification(identifier: dt.Datatype = dt.MAX_35_TEXT) -> Sequence:
    return Sequence(
        one("Id", identifier),
        maybe("SchmeNm", _code_or_proprietary(dt.MAX_4_TEXT)),
        maybe("Issr", dt.MAX_35_TEXT),
    )


AMOUNT: Final = Leaf(dt.AMOUNT, Ccy=dt.CURRENCY)
CODE_4: Final = _code_or_proprietary(dt.MAX_4_TEXT)
CODE_3: Final = _code_or_proprietary(dt.MAX_3_TEXT)
CODE_35: Final = _code_or_proprietary(dt.MAX_35_TEXT)

SUPPLEMENTARY_DATA: Final = Sequence(maybe("PlcAndNm", dt.MAX_350_TEXT), one("Envlp", ANYTHING))

POSTAL_ADDRESS: Final = Sequence(
    maybe(
        "AdrTp",
        Choice(
            one("Cd", dt.ADDRESS_TYPE),
            one(
                "Prtry",
                Sequence(
                    one("Id", dt.EXACT_4_ALPHANUMERIC),
                    one("Issr", dt.MAX_35_TEXT),
                    maybe("SchmeNm", dt.MAX_35_TEXT),
                ),
            ),
        ),
    ),
    maybe("Dept", dt.MAX_70_TEXT),
    maybe("SubDept", dt.MAX_70_TEXT),
    maybe("StrtNm", dt.MAX_70_TEXT),
    maybe("BldgNb", dt.MAX_16_TEXT),
    maybe("BldgNm", dt.MAX_35_TEXT),
    maybe("Flr", dt.MAX_70_TEXT),
    maybe("PstBx", dt.MAX_16_TEXT),
    maybe("Room", dt.MAX_70_TEXT),
    maybe("PstCd", dt.MAX_16_TEXT),
    maybe("TwnNm", dt.MAX_35_TEXT),
    maybe("TwnLctnNm", dt.MAX_35_TEXT),
    maybe("DstrctNm", dt.MAX_35_TEXT),
    maybe("CtrySubDvsn", dt.MAX_35_TEXT),
    maybe("Ctry", dt.COUNTRY),
    many("AdrLine", dt.MAX_70_TEXT, most=7),
)

AGENT: Final = Sequence(  # BranchAndFinancialInstitutionIdentification6
    one(
        "FinInstnId",
        Sequence(
            maybe("BICFI", dt.BIC_IDENTIFIER),
            maybe(
                "ClrSysMmbId",
                Sequence(
                    maybe("ClrSysId", _code_or_proprietary(dt.MAX_5_TEXT)),
                    one("MmbId", dt.MAX_35_TEXT),
                ),
            ),
            maybe("LEI", dt.LEI_IDENTIFIER),
            maybe("Nm", dt.MAX_140_TEXT),
            maybe("PstlAdr", POSTAL_ADDRESS),
            maybe("Othr", _generic_identification()),
        ),
    ),
    maybe(
        "BrnchId",
        Sequence(
            maybe("Id", dt.MAX_35_TEXT),
            maybe("LEI", dt.LEI_IDENTIFIER),
            maybe("Nm", dt.MAX_140_TEXT),
            maybe("PstlAdr", POSTAL_ADDRESS),
        ),
    ),
)

ACCOUNT: Final = Sequence(  # CashAccount40
    maybe(
        "Id", Choice(one("IBAN", dt.IBAN_IDENTIFIER), one("Othr", _generic_identification(dt.MAX_34_TEXT)))
    ),
    maybe("Tp", CODE_4),
    maybe("Ccy", dt.CURRENCY),
    maybe("Nm", dt.MAX_70_TEXT),
    maybe("Prxy", Sequence(maybe("Tp", CODE_4), one("Id", dt.MAX_2048_TEXT))),
)

PARTY: Final = Sequence(  # PartyIdentification135
    maybe("Nm", dt.MAX_140_TEXT),
    maybe("PstlAdr", POSTAL_ADDRESS),
    maybe(
        "Id",
        Choice(
            one(
                "OrgId",
                Sequence(
                    maybe("AnyBIC", dt.BIC_IDENTIFIER),
                    maybe("LEI", dt.LEI_IDENTIFIER),
                    many("Othr", _generic_identification()),
                ),
            ),
            one(
                "PrvtId",
                Sequence(
                    maybe(
                        "DtAndPlcOfBirth",
                        Sequence(
                            one("BirthDt", dt.DATE),
                            maybe("PrvcOfBirth", dt.MAX_35_TEXT),
                            one("CityOfBirth", dt.MAX_35_TEXT),
                            one("CtryOfBirth", dt.COUNTRY),
                        ),
                    ),
                    many("Othr", _generic_identification()),
                ),
            ),
        ),
    ),
    maybe("CtryOfRes", dt.COUNTRY),
    maybe("CtctDtls", SKIPPED),
)

PAYMENT_TYPE: Final = Sequence(  # PaymentTypeInformation28
    maybe("InstrPrty", dt.PRIORITY_2),
    maybe("ClrChanl", dt.CLEARING_CHANNEL),
    many("SvcLvl", CODE_4),
    maybe("LclInstrm", CODE_35),
    maybe("CtgyPurp", CODE_4),
)

CHARGES: Final = Sequence(  # Charges12
    one("Amt", AMOUNT),
    one("Agt", AGENT),
    maybe(
        "Tp",
        Choice(
            one("Cd", dt.MAX_4_TEXT),
            one("Prtry", Sequence(one("Id", dt.MAX_35_TEXT), maybe("Issr", dt.MAX_35_TEXT))),
        ),
    ),
)

STATUS_REASON: Final = Sequence(  # StatusReasonInformation12
    maybe("Orgtr", PARTY),
    maybe("Rsn", CODE_4),
    many("AddtlInf", dt.MAX_105_TEXT),
)

ORIGINAL_GROUP: Final = Sequence(  # OriginalGroupInformation29
    one("OrgnlMsgId", dt.MAX_35_TEXT),
    one("OrgnlMsgNmId", dt.MAX_35_TEXT),
    maybe("OrgnlCreDtTm", dt.DATE_TIME),
)

DATE_OR_DATE_TIME: Final = Choice(one("Dt", dt.DATE), one("DtTm", dt.DATE_TIME))
