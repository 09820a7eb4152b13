"""Messages that the platform and the scripted bank write themselves, and the next hop of those they pass on. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from gateway.sandbox.platform.documents import unsigned
from gateway.sandbox.platform.structure import SCHEMAS

ADMI_002: Final = "urn:iso:std:iso:20022:tech:xsd:admi.002.001.01"
_RANDOM_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"


@dataclass(frozen=True)
class Agents:
    """The parties of one hop, by BIC."""

    instructing: str
    instructed: str


@dataclass(frozen=True)
class Told:
    """What a pacs.002 says. `query` is the MsgId of the pacs.028 that it answers."""

    end_to_end_id: str
    tx_id: str
    status: str
    order_msg_id: str | None
    reason: str | None = None
    query: str | None = None


@dataclass(frozen=True, repr=False)
class Order:
    """What a pacs.008 of the scripted bank says; `amount` in tiyn."""

    end_to_end_id: str
    tx_id: str
    amount: int
    accepted_at: datetime
    debtor_bic: str
    debtor_iban: str
    creditor_bic: str
    creditor_iban: str
    creditor_name: str


def identifier(bank_id: str, day: datetime, random_bytes: Callable[[int], bytes]) -> str:
    """24 signs: bank, yyyymmdd, 13 random ones (PROTOCOLS §3.2)."""
    signs = "".join(_RANDOM_SIGNS[byte % len(_RANDOM_SIGNS)] for byte in random_bytes(13))
    return f"{bank_id}{day:%Y%m%d}{signs}"


def next_hop(
    root: etree._Element, kind: str, *, msg_id: str, at: datetime, agents: Agents | None
) -> etree._Element:
    """The same message from the platform: only MsgId, CreDtTm and the agents differ, and it is not signed yet."""
    hop = unsigned(root)
    prefix = f"{{{SCHEMAS[kind].namespace}}}"
    top = hop[0]
    head = top.find(f"{prefix}GrpHdr")
    parent = top if head is None else head
    _set(parent, f"{prefix}MsgId", msg_id)
    if head is not None and agents is not None:
        _set(head, f"{prefix}CreDtTm", instant(at))
        _set(head, f"{prefix}InstgAgt/{prefix}FinInstnId/{prefix}BICFI", agents.instructing)
        _set(head, f"{prefix}InstdAgt/{prefix}FinInstnId/{prefix}BICFI", agents.instructed)
    return hop


def status(told: Told, *, msg_id: str, at: datetime, agents: Agents) -> etree._Element:
    query = f"<OrgnlBizQry><MsgId>{told.query}</MsgId></OrgnlBizQry>" if told.query else ""
    group = (
        f"<OrgnlGrpInf><OrgnlMsgId>{told.order_msg_id}</OrgnlMsgId>"
        "<OrgnlMsgNmId>pacs.008.001.11</OrgnlMsgNmId></OrgnlGrpInf>"
        if told.order_msg_id
        else ""
    )
    reason = f"<StsRsnInf><Rsn><Cd>{told.reason}</Cd></Rsn></StsRsnInf>" if told.reason else ""
    return _document(
        "pacs.002.001.13",
        f"<GrpHdr>{_group_header(msg_id, at)}{_agents(agents)}{query}</GrpHdr>"
        f"<TxInfAndSts>{group}<OrgnlEndToEndId>{told.end_to_end_id}</OrgnlEndToEndId>"
        f"<OrgnlTxId>{told.tx_id}</OrgnlTxId><TxSts>{told.status}</TxSts>{reason}</TxInfAndSts>",
    )


def report(
    *, msg_id: str, end_to_end_id: str, tp: str, key: str, said: Iterable[tuple[str, str]]
) -> etree._Element:
    """admi.010: details of a link (PAYMENT), or why there are none (ERROR)."""
    data = "".join(f"<RptData><Nm>{nm}</Nm><Val>{escape(val)}</Val></RptData>" for nm, val in said)
    return _document(
        "admi.010.001.02",
        f"<MsgId>{msg_id}</MsgId><RptDtls><Tp>{escape(tp)}</Tp><ReqRef>{end_to_end_id}</ReqRef>"
        f"<RptKey><Key>{key}</Key>{data}</RptKey></RptDtls>",
    )


def enquiry(*, msg_id: str, end_to_end_id: str, link_id: str) -> etree._Element:
    """admi.009: who is to be paid under this link?"""
    return _document(
        "admi.009.001.02",
        f"<MsgId>{msg_id}</MsgId><DataReqDtls><Tp>C2B2E</Tp><Key>{link_id}</Key></DataReqDtls>"
        "<SplmtryData><PlcAndNm>END_TO_END_ID</PlcAndNm>"
        f"<Envlp><EndToEndId>{end_to_end_id}</EndToEndId></Envlp></SplmtryData>",
    )


def order(told: Order, *, msg_id: str, at: datetime, agents: Agents) -> etree._Element:
    """pacs.008 of a bank whose customer is always the same one."""
    return _document(
        "pacs.008.001.11",
        f"<GrpHdr>{_group_header(msg_id, at)}<NbOfTxs>1</NbOfTxs>"
        f"<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>{_agents(agents)}</GrpHdr><CdtTrfTxInf>"
        f"<PmtId><EndToEndId>{told.end_to_end_id}</EndToEndId><TxId>{told.tx_id}</TxId></PmtId>"
        f'<IntrBkSttlmAmt Ccy="KZT">{told.amount // 100}.{told.amount % 100:02d}</IntrBkSttlmAmt>'
        f"<AccptncDtTm>{instant(told.accepted_at)}</AccptncDtTm><ChrgBr>SLEV</ChrgBr>"
        f"<Dbtr><Nm>Песочный плательщик</Nm>{_person('900101300017')}</Dbtr>{_account('Dbtr', told.debtor_iban)}"
        f"<DbtrAgt>{_bic(told.debtor_bic)}</DbtrAgt><CdtrAgt>{_bic(told.creditor_bic)}</CdtrAgt>"
        f"<Cdtr><Nm>{escape(told.creditor_name)}</Nm></Cdtr>{_account('Cdtr', told.creditor_iban)}"
        "<InstrForNxtAgt><InstrInf>/KOD/19</InstrInf></InstrForNxtAgt>"
        "<InstrForNxtAgt><InstrInf>/KBE/17</InstrInf></InstrForNxtAgt>"
        "<Purp><Prtry>710</Prtry></Purp></CdtTrfTxInf>",
    )


def investigation(
    *, end_to_end_id: str, tx_id: str, msg_id: str, at: datetime, agents: Agents
) -> etree._Element:
    """pacs.028: what became of it?"""
    return _document(
        "pacs.028.001.05",
        f"<GrpHdr>{_group_header(msg_id, at)}{_agents(agents)}</GrpHdr>"
        f"<TxInf><OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId><OrgnlTxId>{tx_id}</OrgnlTxId></TxInf>",
    )


def refusal(*, reference: str | None, code: str, says: str, at: datetime) -> etree._Element:
    """admi.002, the body of every answer that is not 200; clients act on the HTTP status only."""
    return etree.fromstring(
        f'<Document xmlns="{ADMI_002}"><MsgRjct><RltdRef><Ref>{escape(reference or "NOTPROVIDED")}</Ref></RltdRef>'
        f"<Rsn><RjctgPtyRsn>{code}</RjctgPtyRsn><RjctnDtTm>{instant(at)}</RjctnDtTm>"
        f"<RsnDesc>{escape(says)}</RsnDesc></Rsn></MsgRjct></Document>"
    )


def instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _document(kind: str, inside: str) -> etree._Element:
    schema = SCHEMAS[kind]
    element = schema.element
    return etree.fromstring(
        f'<Document xmlns="{schema.namespace}"><{element}>{inside}</{element}></Document>'
    )


def _group_header(msg_id: str, at: datetime) -> str:
    return f"<MsgId>{msg_id}</MsgId><CreDtTm>{instant(at)}</CreDtTm>"


def _agents(agents: Agents) -> str:
    return f"<InstgAgt>{_bic(agents.instructing)}</InstgAgt><InstdAgt>{_bic(agents.instructed)}</InstdAgt>"


def _bic(bic: str) -> str:
    return f"<FinInstnId><BICFI>{bic}</BICFI></FinInstnId>"


def _account(side: str, iban: str) -> str:
    return f"<{side}Acct><Id><IBAN>{iban}</IBAN></Id></{side}Acct>"


def _person(iin: str) -> str:
    scheme = "<SchmeNm><Prtry>IIN</Prtry></SchmeNm>"
    return f"<Id><PrvtId><Othr><Id>{iin}</Id>{scheme}</Othr></PrvtId></Id>"


def _set(parent: etree._Element, path: str, text: str) -> None:
    found = parent.find(path)
    if found is not None:
        found.text = text
