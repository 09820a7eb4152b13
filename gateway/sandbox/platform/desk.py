"""The door of one party: everything that is checked of a message before it means anything (PROTOCOLS §3.4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import hdrs, web
from cryptography import x509
from lxml import etree

from gateway.sandbox.platform import documents, messages, signatures, structure, templates
from gateway.sandbox.platform.messages import Identified
from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken
from gateway.sandbox.platform.signatures import Signer
from gateway.sandbox.platform.structure import SCHEMAS

HEADER = "end-to-end-id"
XML = "application/xml"
PATH = "/v1/transfers/iso20022"


@dataclass(frozen=True)
class Party:
    """Whose certificate it is."""

    bank_id: str
    bic: str


@dataclass(frozen=True)
class Opened:
    """A message whose signature, structure, party and header hold."""

    seen: Identified
    sender: Party
    content: bytes


class Desk:
    """`owner_of` says whom a certificate's SHA-256 is bound to; `trusted` is the CA of all of them."""

    def __init__(
        self,
        own_bic: str,
        signer: Signer,
        trusted: x509.Certificate,
        owner_of: Callable[[str], Party | None],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._own_bic = own_bic
        self._signer = signer
        self._trusted = trusted
        self._owner_of = owner_of
        self._now = now

    async def open(self, http: web.Request, kind: str) -> Opened:
        """TransferRuleBroken at the first breach."""
        body = await _body(http)
        return self.check(
            body,
            kind,
            content_type=http.headers.get(hdrs.CONTENT_TYPE, ""),
            told=http.headers.getall(HEADER, []),
        )

    def check(self, body: bytes, kind: str, *, content_type: str, told: list[str]) -> Opened:
        """`told`: every header end-to-end-id of the request."""
        documents.check_media_type(content_type)
        root = documents.read(body)
        verified = signatures.verify(body, root, self._trusted, now=self._now)
        sender = self._owner_of(verified.fingerprint)
        try:
            seen = self._read(verified.root, kind, sender, told)
        except TransferRuleBroken as broken:
            if sender is None or len(told) != 1:
                raise
            raise TransferRuleBroken(
                broken.rule, broken.where, sender=sender.bank_id, end_to_end_id=told[0]
            ) from None
        assert sender is not None  # `_read` lets nobody else in
        return Opened(seen, sender, documents.content_of(verified.root))

    def _read(self, root: etree._Element, kind: str, sender: Party | None, told: list[str]) -> Identified:
        structure.check(root, SCHEMAS[kind])
        seen = messages.identify(root, kind)
        if sender is None:
            raise TransferRuleBroken(TransferRule.PARTY, "Document/Signature/KeyInfo")
        if kind.startswith("pacs") and (seen.instructing, seen.instructed) != (sender.bic, self._own_bic):
            raise TransferRuleBroken(TransferRule.PARTY, "GrpHdr/InstgAgt and InstdAgt")
        if len(told) != 1:
            raise TransferRuleBroken(TransferRule.HEADER_MISSING, HEADER)
        if told[0] != seen.end_to_end_id:
            raise TransferRuleBroken(TransferRule.HEADER, HEADER)
        return seen

    def refusal(self, broken: TransferRuleBroken, reference: str | None = None) -> web.Response:
        """The HTTP answer of a breach, with a signed admi.002."""
        document = templates.refusal(
            reference=reference, code=broken.rule.name, says=str(broken)[:350], at=self._now()
        )
        return web.Response(
            status=broken.rule.status, body=self._signer.sign(document), content_type=XML, charset="utf-8"
        )


async def _body(http: web.Request) -> bytes:
    body = bytearray()
    async for chunk in http.content.iter_any():
        body += chunk
        documents.check_size(len(body))
    return bytes(body)
