"""The platform's door: each breach has its status, and the first one in the order of PROTOCOLS §3.4 counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from lxml import etree

from certs.tls import client_context
from gateway.sandbox.platform import templates
from gateway.sandbox.platform.rules import TransferRule
from gateway.sandbox.platform.settings import Participant
from gateway.sandbox.platform.signatures import Signer
from gateway.sandbox.platform.templates import Agents

CHAIN = "AAA20261122abcdefghijklm"
HEADER = "end-to-end-id"
HEAD = {HEADER: CHAIN, "Content-Type": "application/xml"}
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture
def signer(town: Any) -> Signer:
    """A second key of the payer's bank, pinned beside the first."""
    signer = Signer(town.platform.issuer.issue("AAAAKZKA", server_names=()))
    book = town.platform._book.participants
    known = book.get("AAA")
    town.platform.join(
        Participant("AAA", known.bic, known.url, known.pins | {signer.fingerprint}, known.position)
    )
    return signer


@pytest.fixture
async def post(town: Any) -> Any:
    context = client_context(town.platform.ca)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:

        async def post(body: bytes, kind: str = "admi.009.001.02", **head: str | None) -> tuple[int, str]:
            headers = {name: value for name, value in {**HEAD, **head}.items() if value is not None}
            url = f"{town.platform.url}/v1/transfers/iso20022/{kind}"
            async with session.post(url, data=body, headers=headers) as answer:
                content = await answer.read()
                code = etree.fromstring(content).findtext(".//{*}RjctgPtyRsn") if content else None
                return answer.status, (code or "").lower()

        yield post


@pytest.fixture
def document(town: Any) -> etree._Element:
    return templates.enquiry(msg_id="AAA-1", end_to_end_id=CHAIN, link_id="BBB000000000000000000001")


def question(created_at: datetime) -> etree._Element:
    return templates.investigation(
        end_to_end_id=CHAIN, tx_id="T-1", msg_id="Q-1", at=created_at, agents=Agents("AAAAKZKA", "NPCKKZKA")
    )


async def test_a_good_message_is_answered_with_nothing(post: Any, signer: Signer, document: Any) -> None:
    assert await post(signer.sign(document)) == (200, "")


async def test_a_repeat_is_answered_again_and_other_content_is_not(
    post: Any, signer: Signer, document: Any
) -> None:
    await post(signer.sign(document))
    assert await post(signer.sign(document)) == (200, "")  # an ECDSA signature is never the same twice
    other = templates.enquiry(msg_id="AAA-1", end_to_end_id=CHAIN, link_id="BBB000000000000000000002")
    assert await post(signer.sign(other)) == (409, "replay")


async def test_a_known_chain_under_a_new_msg_id_is_refused(post: Any, signer: Signer, document: Any) -> None:
    await post(signer.sign(document))
    again = templates.enquiry(msg_id="AAA-2", end_to_end_id=CHAIN, link_id="BBB000000000000000000001")
    assert await post(signer.sign(again)) == (409, "known")


SPOILT = {
    "too_large": lambda body: body + b" " * 65_536,
    "xml": lambda body: body[: len(body) // 2],
    "dtd": lambda body: b"<!DOCTYPE Document [<!ENTITY e 'e'>]>" + body.partition(b"?>")[2],
    "encoding": lambda body: body.replace(b"UTF-8", b"UTF-16"),
    "comment": lambda body: body.replace(b"<MsgId>", b"<!-- --><MsgId>"),
    "depth": lambda body: body.replace(b"AAA-1", b"<a>" * 45 + b"</a>" * 45),
    "signature": lambda body: body.replace(b"AAA-1", b"AAA-2"),
    "algorithm": lambda body: body.replace(b"xmlenc#sha256", b"xmldsig-more#sha224"),
}


@pytest.mark.parametrize("rule", SPOILT)
async def test_spoilt_bytes_get_the_status_of_their_rule(
    post: Any, signer: Signer, document: Any, rule: str
) -> None:
    assert await post(SPOILT[rule](signer.sign(document))) == (TransferRule[rule.upper()].status, rule)


def _unsigned(signed: etree._Element) -> None:
    signed.remove(signed[-1])


def _twice(signed: etree._Element) -> None:
    signed.append(etree.fromstring(etree.tostring(signed[-1])))


def _first(signed: etree._Element) -> None:
    signed.insert(0, signed[-1])


def _wrapped(signed: etree._Element) -> None:
    """The signed message moves below, another stands in its place."""
    signature = signed[-1]
    signature.append(etree.fromstring(etree.tostring(signed[0])))
    signed[0].find("{*}MsgId").text = "AAA-9"


def _partial(signed: etree._Element) -> None:
    signed.find(f".//{DSIG}Reference").set("URI", "#part")


def _transformed(signed: etree._Element) -> None:
    transforms = signed.find(f".//{DSIG}Transforms")
    etree.SubElement(transforms, f"{DSIG}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116")


def _two_leaves(signed: etree._Element) -> None:
    data = signed.find(f".//{DSIG}X509Data")
    data.append(etree.fromstring(etree.tostring(data[0])))


@pytest.mark.parametrize("change", [_unsigned, _twice, _first, _wrapped, _partial, _transformed, _two_leaves])
async def test_a_signature_of_another_shape_is_refused(
    *, post: Any, signer: Signer, document: Any, change: Any
) -> None:
    signed = etree.fromstring(signer.sign(document))
    change(signed)
    assert (await post(etree.tostring(signed)))[0] == 401


async def test_a_certificate_that_is_pinned_by_nobody_is_refused(post: Any, town: Any, document: Any) -> None:
    stranger = Signer(town.platform.issuer.issue("AAAAKZKA", server_names=()))
    assert await post(stranger.sign(document)) == (403, "party")


async def test_a_certificate_of_another_ca_is_refused(post: Any, foreign_ca: Any, document: Any) -> None:
    foreign = Signer(foreign_ca.issue("AAAAKZKA", server_names=()))
    assert await post(foreign.sign(document)) == (401, "certificate")


async def test_a_certificate_that_is_over_is_refused(post: Any, town: Any, document: Any) -> None:
    over = town.platform.issuer.issue("AAAAKZKA", server_names=(), lasts=timedelta(seconds=-1))
    assert await post(Signer(over).sign(document)) == (401, "certificate")


async def test_a_bank_speaks_for_itself_only(post: Any, signer: Signer) -> None:
    asked = templates.investigation(
        end_to_end_id=CHAIN,
        tx_id="T-1",
        msg_id="Q-1",
        at=datetime.now(UTC),
        agents=Agents("BBBAKZKA", "NPCKKZKA"),
    )
    assert await post(signer.sign(asked), "pacs.028.001.05") == (403, "party")


async def test_the_header_names_the_chain_of_the_body(post: Any, signer: Signer, document: Any) -> None:
    body = signer.sign(document)
    assert await post(body, **{HEADER: None}) == (400, "header_missing")
    assert await post(body, **{HEADER: "another"}) == (422, "header")
    assert await post(body, **{"Content-Type": "text/plain"}) == (415, "media_type")


async def test_a_message_is_posted_to_its_own_address(post: Any, signer: Signer, document: Any) -> None:
    assert await post(signer.sign(document), "admi.010.001.02") == (400, "address")


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_question_is_of_now(post: Any, signer: Signer, minutes: int) -> None:
    asked = signer.sign(question(datetime.now(UTC) + timedelta(minutes=minutes)))
    assert await post(asked, "pacs.028.001.05") == (422, "clock")


async def test_an_unknown_transaction_is_404(post: Any, signer: Signer) -> None:
    assert await post(signer.sign(question(datetime.now(UTC))), "pacs.028.001.05") == (404, "unknown")
