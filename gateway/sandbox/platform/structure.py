"""What the schemas let a message look like, in the words of this table (PROTOCOLS §3.2). Pure.

A line is an element and its children in their order: `name` once, `name?` at most once, `name*` any
number, `name+` at least once, `a|b` one of the two. What a line does not describe is text, of the format
behind it in FORMATS (Max35Text if nothing is said). `~name` is taken as it comes: the message may carry
it and nobody here reads it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken


@dataclass(frozen=True)
class Schema:
    """One kind of message: its namespace, its element below Document, its lines."""

    kind: str
    element: str
    lines: Mapping[str, tuple["Particle", ...]]

    @property
    def namespace(self) -> str:
        return f"urn:iso:std:iso:20022:tech:xsd:{self.kind}"


@dataclass(frozen=True)
class Particle:
    """A place among an element's children. `least` and `most`: how often; None is any number."""

    names: tuple[str, ...]
    least: int
    most: int | None
    opaque: bool


def _schema(kind: str, element: str, text: str) -> Schema:
    lines = (line.split(":") for line in text.strip().splitlines())
    return Schema(
        kind,
        element,
        {name.strip(): tuple(_particle(word) for word in children.split()) for name, children in lines},
    )


_OCCURS: Final[Mapping[str, tuple[int, int | None]]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}


def _particle(word: str) -> Particle:
    least, most = _OCCURS.get(word[-1], (1, 1))
    names = word.lstrip("~").rstrip("?*+").split("|")
    return Particle(tuple(names), least, most, opaque=word.startswith("~"))


_AGENT: Final = """
InstgAgt: FinInstnId ~BrnchId?
InstdAgt: FinInstnId ~BrnchId?
DbtrAgt: FinInstnId ~BrnchId?
CdtrAgt: FinInstnId ~BrnchId?
FinInstnId: BICFI? ~ClrSysMmbId? ~LEI? ~Nm? ~PstlAdr? ~Othr?
"""

SCHEMAS: Final[Mapping[str, Schema]] = {
    schema.kind: schema
    for schema in (
        _schema(
            "admi.009.001.02",
            "StatcDataReq",
            """
StatcDataReq: MsgId SttlmSsnIdr? DataReqDtls SplmtryData*
DataReqDtls: Tp Key?
SplmtryData: PlcAndNm? ~Envlp
""",
        ),
        _schema(
            "admi.010.001.02",
            "StatcDataRpt",
            """
StatcDataRpt: MsgId SttlmSsnIdr? RptDtls ~SplmtryData*
RptDtls: Tp ReqRef RptKey+
RptKey: Key RptData*
RptData: Nm Val
""",
        ),
        _schema(
            "pacs.008.001.11",
            "FIToFICstmrCdtTrf",
            """
FIToFICstmrCdtTrf: GrpHdr CdtTrfTxInf+ ~SplmtryData*
GrpHdr: MsgId CreDtTm ~BtchBookg? NbOfTxs ~CtrlSum? ~TtlIntrBkSttlmAmt? ~IntrBkSttlmDt? SttlmInf ~PmtTpInf? InstgAgt? InstdAgt?
SttlmInf: SttlmMtd ~SttlmAcct? ~ClrSys? ~InstgRmbrsmntAgt? ~InstgRmbrsmntAgtAcct? ~InstdRmbrsmntAgt? ~InstdRmbrsmntAgtAcct? ~ThrdRmbrsmntAgt? ~ThrdRmbrsmntAgtAcct?
CdtTrfTxInf: PmtId ~PmtTpInf? IntrBkSttlmAmt ~IntrBkSttlmDt? ~SttlmPrty? ~SttlmTmIndctn? ~SttlmTmReq? AccptncDtTm? ~PoolgAdjstmntDt? ~InstdAmt? ~XchgRate? ChrgBr ~ChrgsInf* ~MndtRltdInf? ~PrvsInstgAgt1? ~PrvsInstgAgt1Acct? ~PrvsInstgAgt2? ~PrvsInstgAgt2Acct? ~PrvsInstgAgt3? ~PrvsInstgAgt3Acct? InstgAgt? InstdAgt? ~IntrmyAgt1? ~IntrmyAgt1Acct? ~IntrmyAgt2? ~IntrmyAgt2Acct? ~IntrmyAgt3? ~IntrmyAgt3Acct? ~UltmtDbtr? ~InitgPty? ~Dbtr DbtrAcct? DbtrAgt ~DbtrAgtAcct? CdtrAgt ~CdtrAgtAcct? ~Cdtr CdtrAcct? ~UltmtCdtr? ~InstrForCdtrAgt* ~InstrForNxtAgt* ~Purp? ~RgltryRptg* ~Tax? ~RltdRmtInf* ~RmtInf? ~SplmtryData*
PmtId: InstrId? EndToEndId TxId? ~UETR? ClrSysRef?
DbtrAcct: Id? ~Tp? ~Ccy? ~Nm? ~Prxy?
CdtrAcct: Id? ~Tp? ~Ccy? ~Nm? ~Prxy?
Id: IBAN|Othr
"""
            + _AGENT.lstrip(),
        ),
        _schema(
            "pacs.002.001.13",
            "FIToFIPmtStsRpt",
            """
FIToFIPmtStsRpt: GrpHdr ~OrgnlGrpInfAndSts* TxInfAndSts* ~SplmtryData*
GrpHdr: MsgId CreDtTm InstgAgt? InstdAgt? OrgnlBizQry?
OrgnlBizQry: MsgId MsgNmId? CreDtTm?
TxInfAndSts: StsId? OrgnlGrpInf? OrgnlInstrId? OrgnlEndToEndId? OrgnlTxId? ~OrgnlUETR? TxSts? StsRsnInf* ~ChrgsInf* ~AccptncDtTm? ~PrcgDt? ~FctvIntrBkSttlmDt? ~AcctSvcrRef? ~ClrSysRef? InstgAgt? InstdAgt? ~OrgnlTxRef? ~SplmtryData*
OrgnlGrpInf: OrgnlMsgId OrgnlMsgNmId OrgnlCreDtTm?
StsRsnInf: ~Orgtr? Rsn? ~AddtlInf*
Rsn: Cd|Prtry
"""
            + _AGENT.lstrip(),
        ),
        _schema(
            "pacs.028.001.05",
            "FIToFIPmtStsReq",
            """
FIToFIPmtStsReq: GrpHdr ~OrgnlGrpInf* TxInf* ~SplmtryData*
GrpHdr: MsgId CreDtTm InstgAgt? InstdAgt?
TxInf: StsReqId? OrgnlGrpInf? OrgnlInstrId? OrgnlEndToEndId? OrgnlTxId? ~OrgnlUETR? AccptncDtTm? ~ClrSysRef? InstgAgt? InstdAgt? ~OrgnlTxRef? ~SplmtryData*
OrgnlGrpInf: OrgnlMsgId OrgnlMsgNmId OrgnlCreDtTm?
"""
            + _AGENT.lstrip(),
        ),
    )
}


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.DOTALL)


_INSTANT: Final = _form(
    r"-?\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
    r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
)
_MAX_35: Final = _form(r".{1,35}")
FORMATS: Final[Mapping[str, re.Pattern[str]]] = {
    "CreDtTm": _INSTANT,
    "OrgnlCreDtTm": _INSTANT,
    "AccptncDtTm": _INSTANT,
    "NbOfTxs": _form(r"\d{1,15}"),
    "SttlmSsnIdr": _form(r"[a-zA-Z0-9]{4}"),
    "PlcAndNm": _form(r".{1,350}"),
    "Nm": _form(r".{1,70}"),
    "Val": _form(r".{1,350}"),
    "SttlmMtd": _form(r"INDA|INGA|COVE|CLRG"),
    "ChrgBr": _form(r"DEBT|CRED|SHAR|SLEV"),
    "IntrBkSttlmAmt": _form(r"\s*\+?(?=\d|\.\d)(?=(\D*\d){1,18}\D*$)\d*(\.\d{0,5})?\s*"),
    "BICFI": _form(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?"),
    "IBAN": _form(r"[A-Z]{2}\d{2}[a-zA-Z0-9]{1,30}"),
    "TxSts": _form(r".{1,4}"),
    "Cd": _form(r".{1,4}"),
}
_ATTRIBUTES: Final[Mapping[str, Mapping[str, re.Pattern[str]]]] = {
    "IntrBkSttlmAmt": {"Ccy": _form(r"[A-Z]{3}")}
}


def check(root: etree._Element, schema: Schema) -> None:
    """`root` is Document without its signature; the breach names a path."""
    if root.tag not in {f"{{{one.namespace}}}Document" for one in SCHEMAS.values()}:
        raise TransferRuleBroken(TransferRule.STRUCTURE, "Document")
    if root.tag != f"{{{schema.namespace}}}Document":
        raise TransferRuleBroken(TransferRule.ADDRESS, "Document")
    _check_children(root, (Particle((schema.element,), 1, 1, opaque=False),), schema, "Document")


def _check_children(
    parent: etree._Element, particles: tuple[Particle, ...], schema: Schema, path: str
) -> None:
    _check_white(parent, path)
    children = list(parent)
    for particle in particles:
        names = {f"{{{schema.namespace}}}{name}" for name in particle.names}
        taken = 0
        while children and children[0].tag in names and taken != particle.most:
            child = children.pop(0)
            taken += 1
            if not particle.opaque:
                _check_element(child, schema, f"{path}/{etree.QName(child).localname}")
        if taken < particle.least:
            raise TransferRuleBroken(TransferRule.STRUCTURE, f"{path}/{'|'.join(particle.names)}")
    if children:
        raise TransferRuleBroken(TransferRule.STRUCTURE, f"{path}, behind its known children")


def _check_element(element: etree._Element, schema: Schema, path: str) -> None:
    name = etree.QName(element).localname
    if name in schema.lines:
        _no_attributes(element, {}, path)
        _check_children(element, schema.lines[name], schema, path)
        return
    if name == "Othr":  # the other arm of an account's identification: nobody reads it
        return
    _no_attributes(element, _ATTRIBUTES.get(name, {}), path)
    if len(element) or not FORMATS.get(name, _MAX_35).fullmatch(element.text or ""):
        raise TransferRuleBroken(TransferRule.STRUCTURE, path)


def _no_attributes(element: etree._Element, allowed: Mapping[str, re.Pattern[str]], path: str) -> None:
    given = {str(name): str(value) for name, value in element.items()}
    fits = set(given) == set(allowed) and all(allowed[name].fullmatch(value) for name, value in given.items())
    if not fits:
        raise TransferRuleBroken(TransferRule.STRUCTURE, f"{path}, its attributes")


def _check_white(parent: etree._Element, path: str) -> None:
    around = [parent.text, *(child.tail for child in parent)]
    if any(text and text.strip(" \t\r\n") for text in around):
        raise TransferRuleBroken(TransferRule.STRUCTURE, f"{path}, text between elements")
