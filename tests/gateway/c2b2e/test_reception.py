"""What comes to our address and is refused: its HTTP status, a signed admi.002, a line that names the check, no change."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from secrets import token_bytes
from typing import Any

import aiohttp
import pytest
from lxml import etree

from certs.signer import Signer
from certs.tls import client_context
from certs.xmldsig import sign
from gateway.c2b2e.platform import PATH
from gateway.iso20022 import messages
from gateway.iso20022.admi_009 import StaticDataRequest
from gateway.iso20022.identifiers import new_identifier
from gateway.iso20022.messages import DEFINITIONS
from gateway.iso20022.pacs_002 import PaymentStatusReport, TransactionStatus
from gateway.iso20022.pacs_008 import CreditTransfer
from gateway.money import Amount
from tests.gateway.c2b2e.our_bank import SHOP

ADMI_009, PACS_008, PACS_002 = "admi.009.001.02", "pacs.008.001.11", "pacs.002.001.13"
XML = {"Content-Type": "application/xml"}


@dataclass
class Impostor:
    """Whoever has the platform's key, or another one of the same CA, and writes to our payee's bank."""

    town: Any
    signer: Signer
    tls: ssl.SSLContext
    session: aiohttp.ClientSession

    def new_id(self) -> str:
        return new_identifier("NPK", self.town.ours.now().date(), token_bytes)

    def request(self, link_id: str) -> StaticDataRequest:
        return StaticDataRequest(
            msg_id=self.new_id(), data_type="C2B2E", link_id=link_id, end_to_end_id=self.new_id()
        )

    def order(self, end_to_end_id: str) -> CreditTransfer:
        now = self.town.ours.now()
        return CreditTransfer(
            msg_id=self.new_id(),
            created_at=now,
            instructing_bic="NPCKKZKA",
            instructed_bic="BBBAKZKA",
            end_to_end_id=end_to_end_id,
            tx_id=self.new_id(),
            amount=Amount(150_000),
            accepted_at=now,
            debtor_iban="KZ86125KZT5004100100",
            debtor_bic="AAAAKZKA",
            creditor_bic="BBBAKZKA",
            creditor_iban=SHOP.iban,
            knp="851",
        )

    def status(self, order: CreditTransfer, status: TransactionStatus) -> PaymentStatusReport:
        return PaymentStatusReport(
            msg_id=self.new_id(),
            created_at=self.town.ours.now(),
            end_to_end_id=order.end_to_end_id,
            tx_id=order.tx_id,
            status=status,
        )

    def signed(self, message: Any) -> bytes:
        return sign(messages.build(message), self.signer)

    async def tell(self, message: Any, **headers: str) -> tuple[int, bytes]:
        return await self.post(
            messages.kind_of(message),
            self.signed(message),
            {**XML, "end-to-end-id": message.end_to_end_id, **headers},
        )

    async def post(self, kind: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        url = f"{self.town.ours.url}{PATH}/{kind}"
        async with self.session.post(url, data=body, headers=headers, ssl=self.tls) as answer:
            return answer.status, await answer.read()

    async def tells(self, message: Any) -> int:
        return (await self.tell(message))[0]


@pytest.fixture
async def impostor(payee: Any, platform_signing: Any, system_time: Any) -> AsyncIterator[Impostor]:
    signer = Signer.load(platform_signing.certificate, platform_signing.key, now=system_time)
    async with aiohttp.ClientSession() as session:
        yield Impostor(payee, signer, client_context(payee.platform.ca), session)


def _without(message: Any, tag: str) -> etree._Element:
    document = messages.build(message)
    for element in list(document.iter(f"{{*}}{tag}")):
        element.getparent().remove(element)
    return document


async def test_what_is_refused_has_its_status_and_changes_nothing(impostor: Impostor, caplog: Any) -> None:
    town, sale = impostor.town, await impostor.town.ours.sell()
    asked = impostor.request(sale.link_id)
    assert await impostor.tells(asked) == 200
    request, order = impostor.request(sale.link_id), impostor.order(asked.end_to_end_id)
    body = impostor.signed(request)
    told = {**XML, "end-to-end-id": request.end_to_end_id}
    bare = messages.build(request)
    other_bank = replace(order, instructed_bic="AAAAKZKA")
    late = replace(order, created_at=order.created_at - timedelta(minutes=6))
    rows: list[tuple[int, str, str, bytes, dict[str, str]]] = [
        (415, "media_type", ADMI_009, body, {**told, "Content-Type": "application/json"}),
        (413, "too_large", ADMI_009, b" " * 70_000, told),
        (400, "not_xml", ADMI_009, body[:-4], told),
        (400, "dtd", ADMI_009, b"<!DOCTYPE a><a/>", told),
        (401, "signature_missing", ADMI_009, etree.tostring(bare), told),
        (401, "digest_mismatch", ADMI_009, body.replace(b"C2B2E", b"C2B2F"), told),
        (400, "structure", ADMI_009, sign(_without(request, "MsgId"), impostor.signer), told),
        (400, "structure", PACS_008, body, told),
        (403, "agents", PACS_008, impostor.signed(other_bank), {**XML, "end-to-end-id": order.end_to_end_id}),
        (400, "header_missing", ADMI_009, body, XML),
        (422, "header_differs", ADMI_009, body, {**XML, "end-to-end-id": "another"}),
        (422, "field", PACS_008, sign(_without(order, "Purp"), impostor.signer), {**XML, "end-to-end-id": order.end_to_end_id}),
        (422, "clock", PACS_008, impostor.signed(late), {**XML, "end-to-end-id": order.end_to_end_id}),
    ]  # fmt: skip
    await _answered(town)
    before = await _store(town)
    for status, check, kind, content, headers in rows:
        caplog.clear()
        answered, refusal = await impostor.post(kind, content, headers)
        assert (answered, _reason(town, refusal)) == (status, check)
        (line,) = [one for one in caplog.records if one.message == "transfer.message_refused"]
        assert (line.check, line.kind) == (check, kind)
        assert request.end_to_end_id not in str(line.__dict__)
    assert await _store(town) == before


async def test_another_participants_signature_is_403_and_an_unknown_address_404(
    impostor: Impostor, platform_ca: Any, system_time: Any
) -> None:
    sale = await impostor.town.ours.sell()
    stranger = platform_ca.issue("CCCCKZKA", server_names=())
    foreign = replace(impostor, signer=Signer.load(stranger.certificate, stranger.key, now=system_time))
    status, refusal = await foreign.tell(foreign.request(sale.link_id))
    assert (status, _reason(impostor.town, refusal)) == (403, "unbound")
    assert (await impostor.post("pacs.028.001.05", b"", XML))[0] == 404
    async with impostor.session.get(f"{impostor.town.ours.url}{PATH}/{ADMI_009}", ssl=impostor.tls) as answer:
        assert answer.status == 405


async def test_the_same_message_again_is_200_without_a_second_effect_and_another_content_409(
    impostor: Impostor,
) -> None:
    town, sale = impostor.town, await impostor.town.ours.sell()
    request = impostor.request(sale.link_id)
    copies = await asyncio.gather(*(impostor.tell(request) for _ in range(3)))
    assert [status for status, _ in copies] == [200, 200, 200]
    assert len(await town.ours.every()) == 1
    assert await impostor.tells(replace(request, data_type="OTHER")) == 409
    assert await impostor.tells(replace(request, msg_id=impostor.new_id())) == 409
    assert {"message_conflict", "payee_conflict"} <= await town.ours.alarms()


async def test_an_order_that_ties_to_nothing_is_404_and_one_under_a_new_msg_id_409(
    impostor: Impostor,
) -> None:
    town, sale = impostor.town, await impostor.town.ours.sell()
    assert await impostor.tells(impostor.order(impostor.new_id())) == 404
    request = impostor.request(sale.link_id)
    await impostor.tells(request)
    order = impostor.order(request.end_to_end_id)
    assert await impostor.tells(order) == 200
    assert await impostor.tells(replace(order, msg_id=impostor.new_id())) == 409
    assert (
        await impostor.tells(impostor.status(replace(order, tx_id="other"), TransactionStatus.SETTLED)) == 404
    )
    assert "payee_order_taken" in await town.ours.alarms()


async def test_a_link_is_reserved_by_one_order_and_open_again_behind_its_rejection(
    impostor: Impostor,
) -> None:
    sale = await impostor.town.ours.sell()
    requests = [impostor.request(sale.link_id) for _ in range(2)]
    for request in requests:
        assert await impostor.tells(request) == 200
    first, second = [impostor.order(request.end_to_end_id) for request in requests]
    assert await impostor.tells(first) == 200
    assert await impostor.tells(second) == 410
    assert await impostor.tells(impostor.request(sale.link_id)) == 200  # who only asks is told all the same
    rejected = impostor.status(first, TransactionStatus.REJECTED)
    assert await impostor.tells(replace(rejected, reason="AM02")) == 200
    assert await impostor.tells(second) == 200


async def test_what_nobody_agreed_to_is_answered_200_and_credits_nobody(impostor: Impostor) -> None:
    """README D51: the platform has committed on its own; a person decides, and no repeat is asked for."""
    town, sale = impostor.town, await impostor.town.ours.sell(amount_minor=7)
    request = impostor.request(sale.link_id)
    await impostor.tells(request)
    order = impostor.order(request.end_to_end_id)  # for another sum: REJECTED at once
    await impostor.tells(order)
    assert await impostor.tells(impostor.status(order, TransactionStatus.SETTLED)) == 200
    assert (await town.ours.only()).state == "REJECTED"
    assert town.ours.funds.credit_rows() == []
    assert "payee_settled_told" in await town.ours.alarms()


async def test_an_ending_is_told_again_and_contradicted_without_effect(impostor: Impostor) -> None:
    town, sale = impostor.town, await impostor.town.ours.sell()
    request = impostor.request(sale.link_id)
    await impostor.tells(request)
    order = impostor.order(request.end_to_end_id)
    await impostor.tells(order)
    await town.until_state("PENDING", "ABANDONED")  # the platform knows no such order, and may have said so
    settled, rejected = (
        impostor.status(order, TransactionStatus.SETTLED),
        replace(impostor.status(order, TransactionStatus.REJECTED), reason="AM02"),
    )
    for message in (settled, replace(settled, msg_id=impostor.new_id()), settled, rejected):
        assert await impostor.tells(message) == 200
    assert (await town.ours.only()).state == "SETTLED"
    assert "payee_rejected_told" in await town.ours.alarms()

    async def credited() -> bool:
        return (await town.ours.only()).hold_closed is not None

    await town.until(credited)
    assert len(town.ours.funds.credit_rows()) == 1


async def _answered(town: Any) -> None:
    """The admi.010 has left for the platform, which knows of no such question, and nothing moves any more."""

    async def known() -> bool:
        return await town.ours.spool.read(
            lambda tx: tx.one("SELECT 1 FROM transfer_message WHERE direction = 'out' AND http IS NOT NULL")
        )

    await town.until(known)


async def _store(town: Any) -> list[Any]:
    """Everything that a message could have changed."""
    tables = ("transfer", "transfer_move", "transfer_message", "sale", "sale_move", "alarm")

    def read(tx: Any) -> Any:
        return [list(tx.execute(f"SELECT * FROM {name} ORDER BY 1, 2")) for name in tables]

    return await town.ours.spool.read(read)


def _reason(town: Any, refusal: bytes) -> str:
    """Of the admi.002 that our bank has signed."""
    document = etree.fromstring(refusal)
    signatures = document.findall("{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert len(signatures) == 1
    document.remove(signatures[0])
    return DEFINITIONS["admi.002.001.01"].parse(document).reason
