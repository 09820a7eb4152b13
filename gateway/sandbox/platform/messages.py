"""What a message says, read out of a tree whose signature and structure hold (PROTOCOLS §3.2). Pure.

`identify` reads what every check needs; `read` applies the field rules (422) and gives the rest.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken
from gateway.sandbox.platform.structure import SCHEMAS

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
STATUSES: Final = frozenset({"PDNG", "ACSC", "RJCT"})

_IDENTIFIER: Final = re.compile(r"[0-9A-Za-z_-]{1,35}")
_AMOUNT: Final = re.compile(r"(?P<tenge>\d{1,13})(\.(?P<tiyn>\d{2}))?", re.ASCII)
_IBAN: Final = re.compile(r"KZ\d{2}\d{3}[0-9A-Z]{13}", re.ASCII)
_REASON: Final = re.compile(r"[A-Z]{2}\d{2}|NARR", re.ASCII)


@dataclass(frozen=True)
class Identified:
    """Who and which: before anything else is known to be right."""

    kind: str
    msg_id: str
    end_to_end_id: str
    instructing: str | None  # BIC of InstgAgt; None: the message has no agents
    instructed: str | None
    root: etree._Element


@dataclass(frozen=True)
class Message:
    """A message with every field that its kind has; amounts in tiyn."""

    kind: str
    msg_id: str
    end_to_end_id: str
    root: etree._Element
    link_id: str = ""
    report_key: str = ""  # PAYMENT or ERROR
    report: tuple[tuple[str, str], ...] = ()
    tx_id: str = ""
    amount: int = 0
    accepted_at: datetime | None = None
    created_at: datetime | None = None
    debtor_agent: str = ""
    creditor_agent: str = ""
    debtor_iban: str = ""
    creditor_iban: str = ""
    status: str = ""
    reason: str | None = None
    query_msg_id: str | None = None  # OrgnlBizQry: this status answers a pacs.028


def identify(root: etree._Element, kind: str) -> Identified:
    """`root` fits the kind's structure."""
    at = _Reader(root, kind)
    paths = _PATHS[kind]
    path = paths.get("end_to_end_id")
    end_to_end_id = _supplementary(at) if path is None else at.text(path) or ""
    return Identified(
        kind,
        at.text(paths["msg_id"]) or "",
        end_to_end_id,
        at.text(paths["instructing"]) if "instructing" in paths else None,
        at.text(paths["instructed"]) if "instructed" in paths else None,
        root,
    )


def read(seen: Identified) -> Message:
    """Every field rule of the kind; `wrong` is 422 and names a path."""
    at = _Reader(seen.root, seen.kind)
    _hold(_IDENTIFIER.fullmatch(seen.msg_id), "MsgId")
    _hold(_IDENTIFIER.fullmatch(seen.end_to_end_id), "EndToEndId")
    return _READERS[seen.kind](seen, at)


def check_clock(message: Message, now: datetime) -> None:
    """pacs.008 and pacs.028 only, and after the replay look-up."""
    assert message.created_at is not None
    if abs(message.created_at - now) > CLOCK_TOLERANCE:
        raise TransferRuleBroken(TransferRule.CLOCK, "GrpHdr/CreDtTm")


def _enquiry(seen: Identified, at: "_Reader") -> Message:
    link_id = at.text("StatcDataReq/DataReqDtls/Key") or ""
    _hold(_IDENTIFIER.fullmatch(link_id), "DataReqDtls/Key")
    return Message(seen.kind, seen.msg_id, seen.end_to_end_id, seen.root, link_id=link_id)


def _report(seen: Identified, at: "_Reader") -> Message:
    keys = at.all("StatcDataRpt/RptDtls/RptKey")
    _hold(len(keys) == 1, "RptDtls/RptKey")
    key = at.text("StatcDataRpt/RptDtls/RptKey/Key") or ""
    said = [(_text(one[0]), _text(one[1])) for one in at.all("StatcDataRpt/RptDtls/RptKey/RptData")]
    names = [name for name, _ in said]
    wanted = _REPORTED.get(key)
    _hold(wanted is not None and wanted <= set(names) and len(set(names)) == len(names), "RptKey")
    if key == "PAYMENT":
        told = dict(said)
        _hold(re.fullmatch(r"\d{1,13}\.\d{2}", told["AMOUNT"], re.ASCII), "RptData AMOUNT")
        _hold(told["CURRENCY"] == "KZT", "RptData CURRENCY")
        _hold(_iban_holds(told["CDTR_IBAN"]), "RptData CDTR_IBAN")
        _instant(told["EXPIRES_AT"], "RptData EXPIRES_AT")
    return Message(seen.kind, seen.msg_id, seen.end_to_end_id, seen.root, report_key=key, report=tuple(said))


def _order(seen: Identified, at: "_Reader") -> Message:
    head, body = "FIToFICstmrCdtTrf/GrpHdr", "FIToFICstmrCdtTrf/CdtTrfTxInf"
    _one_transaction(at, body, f"{head}/NbOfTxs")
    _hold(at.text(f"{head}/SttlmInf/SttlmMtd") == "CLRG", "SttlmMtd")
    _hold(at.text(f"{body}/ChrgBr") == "SLEV", "ChrgBr")
    tx_id = at.text(f"{body}/PmtId/TxId") or ""
    _hold(_IDENTIFIER.fullmatch(tx_id), "PmtId/TxId")
    amount = at.all(f"{body}/IntrBkSttlmAmt")[0]
    sum_ = _AMOUNT.fullmatch((amount.text or "").strip())
    _hold(sum_ and amount.get("Ccy") == "KZT", "IntrBkSttlmAmt")
    assert sum_ is not None
    tiyn = int(sum_["tenge"]) * 100 + int(sum_["tiyn"] or 0)
    _hold(tiyn > 0, "IntrBkSttlmAmt")
    ibans = [at.text(f"{body}/{side}Acct/Id/IBAN") or "" for side in ("Dbtr", "Cdtr")]
    for iban, side in zip(ibans, ("Dbtr", "Cdtr"), strict=True):
        _hold(_iban_holds(iban), f"{side}Acct/Id/IBAN")
    return Message(
        seen.kind,
        seen.msg_id,
        seen.end_to_end_id,
        seen.root,
        tx_id=tx_id,
        amount=tiyn,
        created_at=_instant(at.text(f"{head}/CreDtTm"), "GrpHdr/CreDtTm"),
        accepted_at=_instant(at.text(f"{body}/AccptncDtTm"), "AccptncDtTm"),
        debtor_agent=at.text(f"{body}/DbtrAgt/FinInstnId/BICFI") or "",
        creditor_agent=at.text(f"{body}/CdtrAgt/FinInstnId/BICFI") or "",
        debtor_iban=ibans[0],
        creditor_iban=ibans[1],
    )


def _status(seen: Identified, at: "_Reader") -> Message:
    body = "FIToFIPmtStsRpt/TxInfAndSts"
    _one_transaction(at, body)
    tx_id, status = at.text(f"{body}/OrgnlTxId") or "", at.text(f"{body}/TxSts") or ""
    _hold(_IDENTIFIER.fullmatch(tx_id), "OrgnlTxId")
    _hold(status in STATUSES, "TxSts")
    reason = at.text(f"{body}/StsRsnInf/Rsn/Cd")
    if status == "RJCT":
        _hold(reason and _REASON.fullmatch(reason), "StsRsnInf/Rsn/Cd")
    query = at.text("FIToFIPmtStsRpt/GrpHdr/OrgnlBizQry/MsgId")
    return Message(
        seen.kind,
        seen.msg_id,
        seen.end_to_end_id,
        seen.root,
        tx_id=tx_id,
        status=status,
        reason=reason if status == "RJCT" else None,
        created_at=_instant(at.text("FIToFIPmtStsRpt/GrpHdr/CreDtTm"), "GrpHdr/CreDtTm"),
        query_msg_id=query,
    )


def _investigation(seen: Identified, at: "_Reader") -> Message:
    body = "FIToFIPmtStsReq/TxInf"
    _one_transaction(at, body)
    tx_id = at.text(f"{body}/OrgnlTxId") or ""
    _hold(_IDENTIFIER.fullmatch(tx_id), "OrgnlTxId")
    return Message(
        seen.kind,
        seen.msg_id,
        seen.end_to_end_id,
        seen.root,
        tx_id=tx_id,
        created_at=_instant(at.text("FIToFIPmtStsReq/GrpHdr/CreDtTm"), "GrpHdr/CreDtTm"),
    )


_READERS: Final = {
    "admi.009.001.02": _enquiry,
    "admi.010.001.02": _report,
    "pacs.008.001.11": _order,
    "pacs.002.001.13": _status,
    "pacs.028.001.05": _investigation,
}
_REPORTED: Final[Mapping[str, frozenset[str]]] = {
    "PAYMENT": frozenset(
        {"AMOUNT", "CURRENCY", "CDTR_NAME", "CDTR_BIN", "CDTR_IBAN", "CDTR_BIC", "KNP", "EXPIRES_AT"}
    ),
    "ERROR": frozenset({"CODE", "TEXT"}),
}


def _agents(element: str, end_to_end_id: str) -> dict[str, str]:
    return {
        "msg_id": f"{element}/GrpHdr/MsgId",
        "instructing": f"{element}/GrpHdr/InstgAgt/FinInstnId/BICFI",
        "instructed": f"{element}/GrpHdr/InstdAgt/FinInstnId/BICFI",
        "end_to_end_id": f"{element}/{end_to_end_id}",
    }


_PATHS: Final[Mapping[str, Mapping[str, str]]] = {
    "admi.009.001.02": {"msg_id": "StatcDataReq/MsgId"},
    "admi.010.001.02": {"msg_id": "StatcDataRpt/MsgId", "end_to_end_id": "StatcDataRpt/RptDtls/ReqRef"},
    "pacs.008.001.11": _agents("FIToFICstmrCdtTrf", "CdtTrfTxInf/PmtId/EndToEndId"),
    "pacs.002.001.13": _agents("FIToFIPmtStsRpt", "TxInfAndSts/OrgnlEndToEndId"),
    "pacs.028.001.05": _agents("FIToFIPmtStsReq", "TxInf/OrgnlEndToEndId"),
}


class _Reader:
    """A document by paths below its root, in the message's own namespace."""

    def __init__(self, root: etree._Element, kind: str) -> None:
        self._root = root
        self.namespace = SCHEMAS[kind].namespace

    def all(self, path: str) -> list[etree._Element]:
        steps = (f"{{{self.namespace}}}{step}" for step in path.split("/"))
        return self._root.findall("/".join(steps))

    def text(self, path: str) -> str | None:
        """Of the first one; None if it is not there."""
        found = self.all(path)
        return _text(found[0]) if found else None


def _text(element: etree._Element) -> str:
    return element.text or ""


def _supplementary(at: _Reader) -> str:
    blocks = at.all("StatcDataReq/SplmtryData")
    envelopes = at.all("StatcDataReq/SplmtryData/Envlp")
    for envelope in envelopes:
        if len(envelope) != 1:
            raise TransferRuleBroken(TransferRule.STRUCTURE, "SplmtryData/Envlp")
    _hold(len(blocks) == 1, "SplmtryData")
    _hold(at.text("StatcDataReq/SplmtryData/PlcAndNm") == "END_TO_END_ID", "SplmtryData/PlcAndNm")
    child = envelopes[0][0]
    _hold(etree.QName(child).namespace == at.namespace and not len(child), "SplmtryData/Envlp")
    return _text(child)


def _one_transaction(at: _Reader, path: str, counted: str | None = None) -> None:
    _hold(len(at.all(path)) == 1, path)
    _hold(counted is None or at.text(counted) == "1", "GrpHdr/NbOfTxs")


def _instant(text: str | None, path: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        raise TransferRuleBroken(TransferRule.FIELD, path) from None
    _hold(instant.tzinfo, path)
    return instant


def _iban_holds(iban: str) -> bool:
    """ISO 13616: digits for letters, the first four at the end, mod 97 is 1."""
    if not _IBAN.fullmatch(iban):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def _hold(holds: object, path: str) -> None:
    if not holds:
        raise TransferRuleBroken(TransferRule.FIELD, path)
