"""e-port on its wire: every rule of PROTOCOLS §2.1 has a request that breaks it."""

import asyncio
import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.sandbox.eport_rules import EportRule


async def test_the_example_of_the_text_is_accepted(eport_client: Any, bodies: Any) -> None:
    checked = await eport_client.post("bank_account", bodies.check())
    paid = await eport_client.post("bank_payment", bodies.payment())
    assert (checked.status, checked.verdict) == (200, ("0", "true"))
    assert (paid.status, paid.verdict) == (200, ("0", "true"))
    assert paid.text("txn_id") == "26112200000001234567"
    assert paid.text("eport_id") == "900000001"
    assert paid.text("finished_at") == "2026-11-22T14:05:09+05:00"


async def test_a_check_tells_whose_account_it_is(eport_client: Any, bodies: Any) -> None:
    first = await eport_client.post("bank_account", bodies.check())
    order = re.findall(rb"<(\w+)", first.body)
    assert order == (
        b"response bank_account txn_id result final comment debt min_sum max_sum fields field field".split()
    )
    other = await eport_client.post("bank_account", bodies.check("26112200000001234599"))
    assert other.body.replace(b"1234599", b"1234566") == first.body  # the same subscriber in every answer


def _without(body: str, element: str) -> str:
    return re.sub(f"<{element}>.*?</{element}>", "", body)


def _swapped(body: str, one: str, other: str) -> str:
    first, second = (re.search(f"<{name}>.*?</{name}>", body)[0] for name in (one, other))
    return body.replace(first, "\0").replace(second, first).replace("\0", second)


Change = Callable[[str], str | bytes]
BROKEN: list[tuple[str, EportRule, Change]] = [
    ("request/bank_payment/sum", EportRule.MISSING, lambda body: _without(body, "sum")),
    ("request/bank_payment/rrn", EportRule.MISSING, lambda body: _without(body, "rrn")),
    ("request/bank_payment/requisites/requisite", EportRule.MISSING, lambda body: re.sub("<requisite code.*?</requisite>", "", body)),
    ("request/@point", EportRule.MISSING, lambda body: body.replace('point="10001"', "")),
    ("request/bank_payment/requisites/requisite[1]/@code", EportRule.MISSING, lambda body: body.replace(' code="account"', "")),
    ("request/bank_payment", EportRule.MISSING, lambda _: '<request point="10001" terminal="ATM00017"/>'),
    ("request/bank_payment/*[4]", EportRule.UNKNOWN, lambda body: body.replace("<product>", "<phone/><product>")),
    ("request/@*", EportRule.UNKNOWN, lambda body: body.replace("<request ", '<request branch="1" ')),
    ("request/bank_payment/sum/@*", EportRule.UNKNOWN, lambda body: body.replace("<sum>", '<sum currency="KZT">')),
    ("request/bank_payment/sum/*[1]", EportRule.UNKNOWN, lambda body: body.replace("<sum>", "<sum><b/>")),
    ("the root", EportRule.UNKNOWN, lambda body: body.replace("request ", "demand ").replace("</request>", "</demand>")),
    ("request/*[1]", EportRule.UNKNOWN, lambda body: body.replace("bank_payment", "bank_transfer")),
    ("request/bank_payment/*[1]", EportRule.UNKNOWN, lambda body: body.replace("<txn_id>", '<txn_id xmlns="urn:x">')),
    ("request/bank_payment/sum", EportRule.REPEATED, lambda body: body.replace("<fee>", "<sum>1500.00</sum><fee>")),
    ("request/bank_payment/requisites/requisite[2]/@code", EportRule.REPEATED, lambda body: body.replace("</requisites>", '<requisite code="account">1</requisite></requisites>')),
    ("request/*[2]", EportRule.REPEATED, lambda body: body.replace("</request>", "<bank_payment/></request>")),
    ("request/bank_payment/sum", EportRule.MISPLACED, lambda body: _swapped(body, "sum", "fee")),
    ("request/bank_payment/txn_date", EportRule.MISPLACED, lambda body: _swapped(body, "txn_id", "rrn")),
    ("request/*[1] at the address of bank_payment", EportRule.MISPLACED, lambda body: body.replace("bank_payment", "bank_status")),
    ("request/bank_payment/sum", EportRule.VALUE, lambda body: body.replace("<sum>1500.00", "<sum>1500")),
    ("request/bank_payment/sum", EportRule.VALUE, lambda body: body.replace("<sum>1500.00", "<sum>01500.00")),
    ("request/bank_payment/sum", EportRule.VALUE, lambda body: body.replace("<sum>1500.00", "<sum> 1500.00")),
    ("request/bank_payment/sum", EportRule.VALUE, lambda body: body.replace("<sum>1500.00", "<sum>１500.00")),
    ("request/bank_payment/fee", EportRule.VALUE, lambda body: body.replace("<fee>45.00", "<fee>-45.00")),
    ("request/bank_payment/txn_id", EportRule.VALUE, lambda body: body.replace("26112200000001234567", "2611220000000123456")),
    ("request/bank_payment/txn_date", EportRule.VALUE, lambda body: body.replace("14:05:09+05:00", "14:05:09")),
    ("request/bank_payment/txn_date", EportRule.VALUE, lambda body: body.replace("14:05:09+", "14:05:09.5+")),
    ("request/bank_payment/product", EportRule.VALUE, lambda body: body.replace("beeline-kz", "Beeline")),
    ("request/bank_payment/currency", EportRule.VALUE, lambda body: body.replace("KZT", "USD")),
    ("request/bank_payment/tool", EportRule.VALUE, lambda body: body.replace("CARD", "CASH")),
    ("request/bank_payment/rrn", EportRule.VALUE, lambda body: body.replace("632600001234", "63260000123")),
    ("request/@terminal", EportRule.VALUE, lambda body: body.replace("ATM00017", "ATM000017")),
    ("request/@point", EportRule.VALUE, lambda body: body.replace("10001", "12345678901")),
    ("request/bank_payment/requisites/requisite[1]/@code", EportRule.VALUE, lambda body: body.replace('"account"', '"Account"')),
    ("request/bank_payment/requisites/requisite[1]", EportRule.VALUE, lambda body: body.replace("7011234567", "701;123")),
    ("request/bank_payment/requisites/requisite[1]", EportRule.VALUE, lambda body: body.replace("7011234567", "701&#13;123")),
    ("request/bank_payment/requisites/requisite[1]", EportRule.VALUE, lambda body: body.replace("7011234567", "7" * 256)),
    ("request/bank_payment/requisites/requisite[1]", EportRule.VALUE, lambda body: body.replace("7011234567", "")),
    ("request/bank_payment/requisites: more than 8", EportRule.VALUE, lambda body: body.replace("</requisites>", "".join(f'<requisite code="c{n}">1</requisite>' for n in range(8)) + "</requisites>")),
    ("request/bank_payment/txn_id", EportRule.DATE, lambda body: body.replace("<txn_id>261122", "<txn_id>261132")),
    ("request/bank_payment/check_id", EportRule.DATE, lambda body: body.replace("<check_id>261122", "<check_id>260230")),
    ("request/bank_payment/txn_date", EportRule.DATE, lambda body: body.replace("2026-11-22", "2026-02-30")),
    ("request/bank_payment/rrn", EportRule.DATE, lambda body: body.replace("632600001234", "636700001234")),
    ("request/bank_payment/sum", EportRule.SUM_POSITIVE, lambda body: body.replace("1500.00", "0.00").replace("1545.00", "45.00")),
    ("request/bank_payment/total", EportRule.TOTAL, lambda body: body.replace("1545.00", "1545.01")),
    ("request/bank_payment", EportRule.STRAY_TEXT, lambda body: body.replace("<fee>", "and<fee>")),
    ("request", EportRule.STRAY_TEXT, lambda body: body.replace("</request>", "!</request>")),
    ("the document", EportRule.COMMENT, lambda body: body.replace("1500.00", "15<!-- -->00.00")),
    ("the document", EportRule.COMMENT, lambda body: body + "<?pay twice?>"),
    ("byte 0", EportRule.DTD, lambda body: '<!DOCTYPE request [<!ENTITY s "1500.00">]>' + body),
    ("the XML declaration", EportRule.ENCODING, lambda body: '<?xml version="1.0" encoding="ISO-8859-1"?>' + body),
    ("byte 0", EportRule.ENCODING, lambda body: b"\xff" + body.encode()),
    ("line 1, column", EportRule.XML, lambda body: body.removesuffix("</request>")),
    ("line 1, column", EportRule.XML, lambda body: body.replace("7011234567", "&other;")),
    ("line", EportRule.XML, lambda _: b""),
]  # fmt: skip


@pytest.mark.parametrize(("where", "rule", "change"), BROKEN, ids=lambda it: getattr(it, "name", None))
async def test_a_broken_request_is_refused_with_its_rule_and_place(
    *,
    where: str,
    rule: EportRule,
    change: Change,
    eport_client: Any,
    bodies: Any,
    log_line: Any,
    sandbox: Any,
) -> None:
    refusal = await eport_client.post("bank_payment", change(bodies.payment()))
    assert (refusal.status, refusal.rule) == (400, rule.name.lower())
    line = log_line("eport")
    assert (line["verdict"], line["rule"], line["says"]) == ("http 400", rule.name.lower(), rule.says)
    assert line["place"].startswith(where)
    assert sandbox.eport_rows() == []


async def test_a_check_with_half_a_sum_is_refused(eport_client: Any, bodies: Any) -> None:
    refusal = await eport_client.post("bank_account", _without(bodies.check(), "currency"))
    assert (refusal.status, refusal.rule) == (400, "sum_and_currency")


async def test_every_rule_has_a_test_that_breaks_it() -> None:
    elsewhere = {EportRule.TOO_LARGE, EportRule.MEDIA_TYPE, EportRule.POINT, EportRule.SUM_AND_CURRENCY}
    assert {rule for _, rule, _ in BROKEN} | elsewhere == set(EportRule)


async def test_64_kib_are_taken_and_one_byte_more_is_413(eport_client: Any, bodies: Any) -> None:
    body = bodies.check()
    full = await eport_client.post("bank_account", body + " " * (65536 - len(body)))
    more = await eport_client.post("bank_account", body + " " * (65537 - len(body)))
    assert (full.status, more.status, more.rule) == (200, 413, "too_large")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/xml; charset=utf-8",
        "application/xml",
        "application/xml; charset=windows-1251",
        "application/json",
    ],
)
async def test_another_content_type_is_415(content_type: str, eport_client: Any, bodies: Any) -> None:
    refusal = await eport_client.post("bank_account", bodies.check(), content_type=content_type)
    assert (refusal.status, refusal.rule) == (415, "media_type")


@pytest.mark.parametrize("point", ["10002", "77777"])
async def test_a_certificate_speaks_for_its_own_point_only(
    point: str, eport_client: Any, bodies: Any, sandbox: Any
) -> None:
    refusal = await eport_client.post("bank_account", bodies.check(point=point))
    assert (refusal.status, refusal.rule) == (403, "point")


async def test_a_certificate_of_no_point_is_403(impostor: Any, bodies: Any, sandbox: Any) -> None:
    assert (await impostor.post("bank_account", bodies.check())).status == 403


async def test_nobody_enters_without_a_certificate(eport_client: Any, bodies: Any) -> None:
    with pytest.raises(OSError):
        await replace(eport_client, identity=None).post("bank_account", bodies.check())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "bank_status", 405), ("POST", "transfer", 404), ("POST", "daily/2026-11-22", 405)],
)
async def test_other_addresses_are_refused(
    method: str, path: str, status: int, eport_client: Any, log_line: Any
) -> None:
    assert (await eport_client.post(path, b"", method=method)).status == status
    assert log_line("eport")["rule"] == "address"


async def test_a_body_in_chunks_is_the_same_body(eport_client: Any, bodies: Any) -> None:
    body = bodies.check().encode()
    head = "POST /bank_account HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    head += "Content-Type: application/xml; charset=utf-8\r\n\r\n"
    pieces = [body[:7], body[7:100], body[100:]]
    async with eport_client.line() as (reader, writer):
        writer.write(head.encode())
        for piece in pieces:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")
        chunked = await eport_client.answer(reader)
    assert chunked == await eport_client.post("bank_account", body)


async def test_a_packed_body_is_not_unpacked(eport_client: Any, bodies: Any) -> None:
    packed = gzip.compress(bodies.check().encode())
    request = eport_client.request("bank_account", packed)
    async with eport_client.line() as (reader, writer):
        writer.write(request.replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1))
        refusal = await eport_client.answer(reader)
    assert (refusal.status, refusal.rule) == (400, "encoding")
