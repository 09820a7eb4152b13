"""`POST /registry` as e-port and the bank's central system take it (PROTOCOLS §2.5).

A file is imported whole, or refused whole with the rule, the line and the field. Its acknowledgement has
the sha256 of every byte of it, and is the same for the same file.
"""

import asyncio
import logging
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Final

from aiohttp import hdrs, web
from lxml import etree

from certs.tls import peer_common_name
from gateway.sandbox.eport_answers import money
from gateway.sandbox.eport_faults import XML, Exchange, spoil
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Occasion, Position
from gateway.sandbox.ledger import Seen
from gateway.sandbox.registry_book import RegistryBook
from gateway.sandbox.registry_layout import Registry, read
from gateway.sandbox.registry_rules import RegistryRefused, RegistryRule

_log = logging.getLogger(__name__)

OPERATION: Final = "registry"
BODY_LARGEST: Final = 64 * 1024 * 1024
_MEDIA_TYPE: Final = re.compile(r'text/csv\s*;\s*charset="?utf-8"?\s*', re.IGNORECASE)
_FILE_NAME: Final = re.compile(r'attachment\s*;\s*filename="?(?P<name>[0-9A-Za-z_.-]+)"?\s*', re.IGNORECASE)
_DIGEST: Final = re.compile(r"(?:^|,)\s*sha-256=(:[0-9A-Za-z+/=]*:)\s*(?=,|$)")
_GOES_ON: Final = frozenset(
    {FaultName.DELAY, FaultName.DUPLICATE}
)  # before: the request is taken all the same
_ANOTHERS: Final = (
    b"<response><registry><registry_id>10001-TECH-999999</registry_id><count>0</count><sum>0.00</sum>"
    b"<fee>0.00</fee><total>0.00</total><sha256>" + b"0" * 64 + b"</sha256></registry></response>"
)


@dataclass(frozen=True)
class RegistryDesk:
    """`wire` and `kind`: whose desk this is. `points`: which common names speak for a point."""

    wire: str
    kind: str
    book: RegistryBook
    plan: FaultPlan
    points: Mapping[str, frozenset[str]]
    stopping: asyncio.Event

    async def post(self, http: web.Request) -> web.StreamResponse:
        try:
            body = await _read(http)
            registry = read(body, kind=self.kind)
            self._check_party(http, registry)
            _check_headers(http, registry, body)
            return await self._answer(http, registry)
        except RegistryRefused as refused:
            self._record(_refused(refused))
            return web.Response(status=refused.rule.status, body=_refusal(refused), content_type=XML)

    async def _answer(self, http: web.Request, registry: Registry) -> web.StreamResponse:
        fault = self.plan.choose(self._occasion(registry))
        if fault is None:
            return _xml(self._take(registry))
        exchange = Exchange(http, b"", self.plan, self.stopping, anothers=_ANOTHERS)
        if fault.position is Position.AFTER:
            return await spoil(fault, replace(exchange, answer=self._take(registry, fault)))
        if fault.name not in _GOES_ON:
            self._record(_seen(registry, "no effect", fault))
            return await spoil(fault, exchange)
        if fault.name is FaultName.DELAY:
            await asyncio.sleep(self.plan.delay_seconds)
        else:
            self._take(registry, fault)
        return _xml(self._take(registry, fault))

    def _take(self, registry: Registry, fault: Fault | None = None) -> bytes:
        """The acknowledgement, once the import is committed."""
        with self.book.ledger.transaction():
            self.book.take(registry)
            self._record(_seen(registry, f"imported {registry.sums.count}", fault))
        return _acknowledgement(registry)

    def _check_party(self, http: web.Request, registry: Registry) -> None:
        if peer_common_name(http.transport) not in self.points.get(registry.head.point, frozenset()):
            raise RegistryRefused(RegistryRule.POINT, "line 1, point")

    def _occasion(self, registry: Registry) -> Occasion:
        identifier = registry.head.registry_id
        attempt = self.book.ledger.seen_before(OPERATION, identifier) + 1
        return Occasion(wire=self.wire, operation=OPERATION, identifier=identifier, attempt=attempt)

    def _record(self, seen: Seen) -> None:
        self.book.ledger.record(seen)
        level = logging.WARNING if seen.place else logging.INFO
        _log.log(level, "sandbox.registry.request", extra={"wire": self.wire, **asdict(seen)})


async def _read(http: web.Request) -> bytes:
    body = bytearray()
    async for chunk in http.content.iter_any():
        body += chunk
        if len(body) > BODY_LARGEST:
            raise RegistryRefused(RegistryRule.TOO_LARGE, "the body")
    if not _MEDIA_TYPE.fullmatch(http.headers.get(hdrs.CONTENT_TYPE, "")):
        raise RegistryRefused(RegistryRule.MEDIA_TYPE, hdrs.CONTENT_TYPE)
    return bytes(body)


def _check_headers(http: web.Request, registry: Registry, body: bytes) -> None:
    digest = _DIGEST.search(http.headers.get("Repr-Digest", ""))
    named = _FILE_NAME.fullmatch(http.headers.get(hdrs.CONTENT_DISPOSITION, ""))
    for rule, name, right in (
        (RegistryRule.DIGEST, "Repr-Digest", digest is not None and digest[1] == repr_digest(body)),
        (RegistryRule.ID, "Registry-Id", http.headers.get("Registry-Id") == registry.head.registry_id),
        (
            RegistryRule.FILE_NAME,
            hdrs.CONTENT_DISPOSITION,
            named is not None and named["name"] == registry.head.file_name,
        ),
    ):
        if not right:
            raise RegistryRefused(rule, name)


def repr_digest(body: bytes) -> str:
    """`:…:`, a byte sequence of RFC 8941 as RFC 9530 has it."""
    return f":{b64encode(sha256(body).digest()).decode()}:"


def _acknowledgement(registry: Registry) -> bytes:
    response = etree.Element("response")
    parent = etree.SubElement(response, "registry")
    sums = registry.sums
    for tag, text in (
        ("registry_id", registry.head.registry_id),
        ("count", str(sums.count)),
        ("sum", money(sums.sum)),
        ("fee", money(sums.fee)),
        ("total", money(sums.total)),
        ("sha256", registry.sha256),
    ):
        etree.SubElement(parent, tag).text = text
    return etree.tostring(response, encoding="utf-8")


def _refusal(refused: RegistryRefused) -> bytes:
    refusal = etree.Element("refusal", rule=refused.rule.name.lower(), where=refused.where)
    refusal.text = refused.rule.says
    return etree.tostring(refusal, encoding="utf-8")


def _refused(refused: RegistryRefused) -> Seen:
    rule = refused.rule
    verdict = f"http {rule.status}"
    return Seen(OPERATION, verdict, rule=rule.name.lower(), place=refused.where, says=rule.says)


def _seen(registry: Registry, verdict: str, fault: Fault | None) -> Seen:
    identifier = registry.head.registry_id
    return Seen(OPERATION, verdict, identifier=identifier, fault=None if fault is None else str(fault))


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=XML, charset="utf-8")
