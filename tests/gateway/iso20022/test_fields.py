"""What ISO allows and PROTOCOLS §3.2 does not is 422, and says where; what a foreign bank adds is passed over."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest
from lxml import etree

from gateway.iso20022.errors import LONGEST_TEXT, FieldError
from gateway.iso20022.messages import DEFINITIONS, Message, build, kind_of
from gateway.money import Amount
from tests.gateway.iso20022.samples import (
    BIN,
    FULL_ORDER,
    FULL_STATUS,
    IIN,
    ORDER,
    QUESTION,
    REPORT,
    REQUEST,
    STATUS,
)

Change = Callable[[etree._Element], object]
TX = "CdtTrfTxInf"


def text(path: str, value: str) -> Change:
    def change(message: etree._Element) -> None:
        _at(message, path).text = value

    return change


def drop(path: str) -> Change:
    def change(message: etree._Element) -> None:
        element = _at(message, path)
        element.getparent().remove(element)

    return change


def twice(path: str) -> Change:
    return lambda message: _at(message, path).addnext(deepcopy(_at(message, path)))


def before(path: str, xml: str) -> Change:
    """Put `xml`, of the message's namespace, before what is at `path`."""

    def change(message: etree._Element) -> None:
        namespace = etree.QName(message).namespace
        added = etree.fromstring(f"<x xmlns='{namespace}'>{xml}</x>")
        for child in added:
            _at(message, path).addprevious(child)

    return change


def _at(message: etree._Element, path: str) -> etree._Element:
    element = message.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    assert element is not None, path
    return element


def datum(nm: str) -> str:
    """The path of the `Val` of a named value in REPORT, which has them in the table's order."""
    order = ["AMOUNT", "CURRENCY", "CDTR_NAME", "CDTR_BIN", "CDTR_IBAN", "CDTR_BIC", "KNP", "EXPIRES_AT"]
    return f"RptDtls/RptKey/RptData[{order.index(nm) + 1}]/Val"


OTHER = "<Othr><Id>{}</Id><SchmeNm><Prtry>IIN</Prtry></SchmeNm></Othr>"

BROKEN: list[tuple[Message, Change, str]] = [
    (REQUEST, text("MsgId", "not ours!"), "MsgId"),
    (REQUEST, drop("DataReqDtls/Key"), "DataReqDtls/Key"),
    (REQUEST, text("DataReqDtls/Key", "short"), "DataReqDtls/Key"),
    (REQUEST, drop("SplmtryData"), "SplmtryData"),
    (REQUEST, twice("SplmtryData"), "SplmtryData"),
    (REQUEST, text("SplmtryData/PlcAndNm", "ELSEWHERE"), "SplmtryData"),
    (REQUEST, drop("SplmtryData/PlcAndNm"), "SplmtryData"),
    (REQUEST, text("SplmtryData/Envlp/EndToEndId", ""), "SplmtryData"),
    (REQUEST, lambda m: etree.SubElement(_at(m, "SplmtryData/Envlp/EndToEndId"), "x"), "SplmtryData"),
    (REPORT, text("RptDtls/ReqRef", "a b"), "RptDtls/ReqRef"),
    (REPORT, text("RptDtls/RptKey/Key", "RECEIPT"), "RptDtls/RptKey"),
    (REPORT, twice("RptDtls/RptKey"), "RptDtls/RptKey"),
    (REPORT, text("RptDtls/RptKey/RptData/Nm", "SUM"), "RptDtls/RptKey/RptData[AMOUNT]"),
    (REPORT, twice("RptDtls/RptKey/RptData"), "RptDtls/RptKey/RptData[AMOUNT]"),
    (REPORT, text(datum("AMOUNT"), "1500"), "RptDtls/RptKey/RptData[AMOUNT]"),
    (REPORT, text(datum("AMOUNT"), "0.00"), "RptDtls/RptKey/RptData[AMOUNT]"),
    (REPORT, text(datum("CURRENCY"), "USD"), "RptDtls/RptKey/RptData[CURRENCY]"),
    (REPORT, text(datum("CDTR_BIN"), "150640000012"), "RptDtls/RptKey/RptData[CDTR_BIN]"),
    (REPORT, text(datum("CDTR_IBAN"), "KZ86125KZT5004100101"), "RptDtls/RptKey/RptData[CDTR_IBAN]"),
    (REPORT, text(datum("CDTR_BIC"), "DALA"), "RptDtls/RptKey/RptData[CDTR_BIC]"),
    (REPORT, text(datum("KNP"), "85"), "RptDtls/RptKey/RptData[KNP]"),
    (REPORT, text(datum("EXPIRES_AT"), "2026-11-22T14:05:09"), "RptDtls/RptKey/RptData[EXPIRES_AT]"),
    (ORDER, twice(TX), TX),
    (ORDER, text("GrpHdr/MsgId", "м"), "GrpHdr/MsgId"),
    (ORDER, text("GrpHdr/CreDtTm", "2026-11-22T14:05:09"), "GrpHdr/CreDtTm"),
    (ORDER, text("GrpHdr/NbOfTxs", "2"), "GrpHdr/NbOfTxs"),
    (ORDER, text("GrpHdr/SttlmInf/SttlmMtd", "INDA"), "GrpHdr/SttlmInf/SttlmMtd"),
    (ORDER, drop("GrpHdr/InstgAgt"), "GrpHdr/InstgAgt/FinInstnId/BICFI"),
    (ORDER, drop("GrpHdr/InstdAgt"), "GrpHdr/InstdAgt/FinInstnId/BICFI"),
    (
        ORDER,
        before(f"{TX}/Dbtr", "<InstgAgt><FinInstnId><BICFI>DALAKZKA</BICFI></FinInstnId></InstgAgt>"),
        "GrpHdr/InstgAgt/FinInstnId/BICFI",
    ),
    (ORDER, drop(f"{TX}/PmtId/TxId"), f"{TX}/PmtId/TxId"),
    (ORDER, text(f"{TX}/PmtId/EndToEndId", "a b"), f"{TX}/PmtId/EndToEndId"),
    (ORDER, text(f"{TX}/IntrBkSttlmAmt", "1500.5"), f"{TX}/IntrBkSttlmAmt"),
    (ORDER, lambda m: _at(m, f"{TX}/IntrBkSttlmAmt").set("Ccy", "USD"), f"{TX}/IntrBkSttlmAmt@Ccy"),
    (ORDER, drop(f"{TX}/AccptncDtTm"), f"{TX}/AccptncDtTm"),
    (ORDER, text(f"{TX}/ChrgBr", "SHAR"), f"{TX}/ChrgBr"),
    (FULL_ORDER, text(f"{TX}/Dbtr/Id/PrvtId/Othr/Id", "900101300107"), f"{TX}/Dbtr/Id"),
    (FULL_ORDER, before(f"{TX}/Dbtr/Id/PrvtId/Othr", OTHER.format(BIN)), f"{TX}/Dbtr/Id"),
    (ORDER, drop(f"{TX}/DbtrAcct"), f"{TX}/DbtrAcct/Id/IBAN"),
    (ORDER, text(f"{TX}/DbtrAcct/Id/IBAN", "DE89370400440532013000"), f"{TX}/DbtrAcct/Id/IBAN"),
    (ORDER, drop(f"{TX}/CdtrAgt/FinInstnId/BICFI"), f"{TX}/CdtrAgt/FinInstnId/BICFI"),
    (ORDER, drop(f"{TX}/CdtrAcct"), f"{TX}/CdtrAcct/Id/IBAN"),
    (ORDER, drop(f"{TX}/Purp"), f"{TX}/Purp/Prtry"),
    (ORDER, text(f"{TX}/Purp/Prtry", "food"), f"{TX}/Purp/Prtry"),
    (FULL_ORDER, text(f"{TX}/InstrForNxtAgt/InstrInf", "/KOD/1"), f"{TX}/InstrForNxtAgt/InstrInf"),
    (FULL_ORDER, text(f"{TX}/InstrForNxtAgt/InstrInf", "/KBE/18"), f"{TX}/InstrForNxtAgt/InstrInf"),
    (FULL_ORDER, text(f"{TX}/Dbtr/Nm", "two\nlines"), f"{TX}/Dbtr/Nm"),
    (STATUS, twice("TxInfAndSts"), "TxInfAndSts"),
    (STATUS, drop("TxInfAndSts"), "TxInfAndSts"),
    (STATUS, drop("TxInfAndSts/OrgnlEndToEndId"), "TxInfAndSts/OrgnlEndToEndId"),
    (STATUS, drop("TxInfAndSts/OrgnlTxId"), "TxInfAndSts/OrgnlTxId"),
    (STATUS, drop("TxInfAndSts/TxSts"), "TxInfAndSts/TxSts"),
    (STATUS, text("TxInfAndSts/TxSts", "ACCC"), "TxInfAndSts/TxSts"),
    (STATUS, text("TxInfAndSts/TxSts", "RJCT"), "TxInfAndSts/StsRsnInf/Rsn/Cd"),
    (FULL_STATUS, drop("TxInfAndSts/StsRsnInf/Rsn"), "TxInfAndSts/StsRsnInf/Rsn/Cd"),
    (FULL_STATUS, text("TxInfAndSts/StsRsnInf/Rsn/Cd", "a"), "TxInfAndSts/StsRsnInf/Rsn/Cd"),
    (QUESTION, twice("TxInf"), "TxInf"),
    (QUESTION, drop("TxInf/OrgnlTxId"), "TxInf/OrgnlTxId"),
    (QUESTION, text("GrpHdr/CreDtTm", "2026-11-22T14:05:09"), "GrpHdr/CreDtTm"),
]


@pytest.mark.parametrize(
    ("message", "change", "path"),
    BROKEN,
    ids=[f"{kind_of(row[0])} {row[2]} {n}" for n, row in enumerate(BROKEN)],
)
def test_what_iso_allows_and_we_do_not_is_refused_with_its_place(message, change, path, assert_iso_allows):
    root = build(message)
    change(root[0])
    assert_iso_allows(kind_of(message), root)
    sound = DEFINITIONS[kind_of(message)].check(root)
    with pytest.raises(FieldError) as refused:
        sound.read()
    assert (refused.value.path, refused.value.http_status, refused.value.code) == (path, 422, "field")
    assert len(str(refused.value)) <= LONGEST_TEXT


ADDED: list[tuple[Message, Change, Message]] = [
    (REQUEST, text("DataReqDtls/Tp", "анything"), replace(REQUEST, data_type="анything")),
    (
        REQUEST,
        before("SplmtryData", "<SplmtryData><Envlp><z/></Envlp></SplmtryData>"),
        REQUEST,
    ),
    (REPORT, before("RptDtls/RptKey", "<RptKey><Key>RECEIPT</Key></RptKey>"), REPORT),
    (
        REPORT,
        before("RptDtls/RptKey/RptData", "<RptData><Nm>COLOUR</Nm><Val>kök</Val></RptData>"),
        REPORT,
    ),
    (ORDER, before(f"{TX}/PmtId/EndToEndId", "<InstrId>ours</InstrId>"), ORDER),
    (ORDER, text(f"{TX}/IntrBkSttlmAmt", "01500.00"), replace(ORDER, amount=Amount(150_000))),
    (FULL_ORDER, before(f"{TX}/Dbtr/Id/PrvtId/Othr", "<Othr><Id>passport</Id></Othr>"), FULL_ORDER),
    (FULL_ORDER, drop(f"{TX}/Dbtr/Id/PrvtId/Othr/SchmeNm"), replace(FULL_ORDER, debtor_iin_bin=None)),
    (
        ORDER,
        before(f"{TX}/Purp", "<InstrForNxtAgt><InstrInf>/KOD/19 /KBE/17</InstrInf></InstrForNxtAgt>"),
        replace(ORDER, kod="19", kbe="17"),
    ),
    (ORDER, before(f"{TX}/Purp", "<InstrForNxtAgt><InstrInf>hurry</InstrInf></InstrForNxtAgt>"), ORDER),
    (
        STATUS,
        before(
            "TxInfAndSts",
            "<OrgnlGrpInfAndSts><OrgnlMsgId>a</OrgnlMsgId><OrgnlMsgNmId>b</OrgnlMsgNmId></OrgnlGrpInfAndSts>",
        ),
        STATUS,
    ),
    (FULL_STATUS, twice("TxInfAndSts/StsRsnInf"), FULL_STATUS),
]


@pytest.mark.parametrize(("message", "change", "read"), ADDED, ids=[str(n) for n, _ in enumerate(ADDED)])
def test_what_a_foreign_bank_adds_or_writes_its_own_way_is_read_or_passed_over(
    message, change, read, assert_iso_allows
):
    root = build(message)
    change(root[0])
    assert_iso_allows(kind_of(message), root)
    assert DEFINITIONS[kind_of(message)].parse(root) == read


def test_agents_are_read_from_the_transaction_too(assert_iso_allows):
    root = build(ORDER)
    for name, bic in (("InstgAgt", ORDER.instructing_bic), ("InstdAgt", ORDER.instructed_bic)):
        drop(f"GrpHdr/{name}")(root[0])
        agent = f"<{name}><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></{name}>"
        before(f"{TX}/Dbtr", agent)(root[0])
    assert_iso_allows(kind_of(ORDER), root)
    assert DEFINITIONS[kind_of(ORDER)].parse(root) == ORDER


def test_a_number_says_itself_whose_it_is():
    for number, holder in ((IIN, "PrvtId"), (BIN, "OrgId")):
        root = build(replace(ORDER, debtor_iin_bin=number))
        assert root.find(f".//{{*}}Dbtr/{{*}}Id/{{*}}{holder}/{{*}}Othr/{{*}}Id").text == number


def test_every_row_of_every_table_tells_its_step_and_every_attribute_has_a_row():
    for definition in DEFINITIONS.values():
        assert all(row.step for row in definition.table.rows)
        named = {row.name for row in definition.table.rows} - {""}
        assert named == set(definition.model.__dataclass_fields__)
