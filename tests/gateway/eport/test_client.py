"""One attempt over real TLS against a peer that is scripted per test: one outcome, whatever happens."""

import asyncio
import contextlib
import json
import logging

import pytest

from gateway.eport.client import EportClient
from gateway.eport.codec import HttpCall
from gateway.eport.messages import Answer
from gateway.eport.operations import Operation
from gateway.outcomes import Verdict
from tests.gateway.eport_peer import (
    ACCEPTED,
    MESSAGE,
    QUICK,
    TXN_ID,
    HttpEport,
    attempt,
    http_peer,
    outcome_of,
)


@pytest.mark.parametrize("operation", list(Operation))
async def test_the_stored_bytes_go_to_the_operations_own_address(contexts, operation):
    eport = HttpEport()
    await outcome_of(eport, contexts, operation=operation)
    [(method, path, headers, body)] = eport.got
    assert (method, path, body) == ("POST", f"/api/{operation}", MESSAGE)
    assert headers["Content-Type"] == "application/xml; charset=utf-8"


async def test_an_accepted_payment_is_accepted(contexts):
    outcome = await outcome_of(HttpEport(), contexts)
    assert (outcome.verdict, outcome.result, outcome.alarm) == (Verdict.ACCEPTED, 0, None)


async def test_what_we_know_of_earlier_attempts_reaches_the_table(contexts):
    eport = HttpEport(body=ACCEPTED.replace(b">0<", b">17<"))
    first = await outcome_of(eport, contexts, first_attempt=True)
    later = await outcome_of(eport, contexts, first_attempt=False)
    assert (first.verdict, later.verdict) == (Verdict.REFUSED, Verdict.PENDING)
    forbidden = HttpEport(body=ACCEPTED.replace(b">0<", b">7<").replace(b"payment", b"status"))
    cancelled = await outcome_of(forbidden, contexts, operation=Operation.STATUS, cancel_ordered=True)
    assert cancelled.verdict is Verdict.CANCELLED


@pytest.mark.parametrize("status", [400, 403, 413, 415, 422])
async def test_a_status_that_no_repeat_can_help_is_unanswered_and_alarms_at_once(contexts, status):
    outcome = await outcome_of(HttpEport(status=status), contexts)
    assert (outcome.verdict, outcome.alarm) == (Verdict.UNANSWERED, f"eport_http_{status}")


@pytest.mark.parametrize("status", [201, 204, 404, 409, 429, 500, 502, 503])
async def test_any_other_status_is_unanswered_even_with_a_good_body(contexts, status):
    outcome = await outcome_of(HttpEport(status=status), contexts)
    assert (outcome.verdict, outcome.alarm, outcome.detail) == (Verdict.UNANSWERED, None, f"HTTP {status}")


async def test_a_redirect_is_not_followed(contexts):
    eport = HttpEport(status=307, headers={"Location": "/elsewhere"})
    assert (await outcome_of(eport, contexts)).detail == "HTTP 307"
    assert len(eport.got) == 1


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "malformed"),
        (b"<html>", "malformed"),
        (ACCEPTED.replace(b"67<", b"68<"), "another txn_id"),
        (b"<!DOCTYPE x>" + ACCEPTED, "DTD"),
        (ACCEPTED + b" " * 65536, "too large"),
        (b"\x1f\x8b\x08", "malformed"),
    ],
)
async def test_a_body_that_is_no_answer_is_unanswered(contexts, body, detail):
    outcome = await outcome_of(HttpEport(body=body), contexts)
    assert (outcome.verdict, outcome.result) == (Verdict.UNANSWERED, None)
    assert detail in outcome.detail


async def test_a_compressed_answer_is_never_unpacked(contexts):
    bomb = HttpEport(headers={"Content-Encoding": "gzip"})
    outcome = await outcome_of(bomb, contexts)
    assert outcome.verdict is Verdict.ACCEPTED  # the header is ignored, the bytes are read as they are
    assert bomb.got[0][2]["Accept-Encoding"] == "identity"


async def test_an_endless_answer_is_cut_at_the_cap(contexts, tcp_peer):
    server, client = contexts
    stopped = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"1000\r\n" + b" " * 4096 + b"\r\n")
                await writer.drain()
        stopped.set()

    async with tcp_peer(pour, server) as port:
        outcome = await attempt(f"https://localhost:{port}", client)
        await stopped.wait()
    assert outcome.detail == "answer too large"


async def test_a_dropped_connection_is_never_repeated_by_the_library(contexts, tcp_peer):
    """aiohttp repeats idempotent methods on a kept-alive connection that drops; a POST must not."""
    server, client = contexts
    requests = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            requests += 1
            if requests > 1:
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(ACCEPTED), ACCEPTED))

    async with tcp_peer(once, server) as port:
        eport = EportClient(f"https://localhost:{port}", client, QUICK)
        kept = await eport.send(Operation.PAYMENT, MESSAGE, txn_id=TXN_ID)
        dropped = await eport.send(Operation.PAYMENT, MESSAGE, txn_id=TXN_ID)
        await eport.close()
    assert (kept.verdict, dropped.verdict) == (Verdict.ACCEPTED, Verdict.UNANSWERED)
    assert requests == 2


async def test_one_connection_serves_payment_after_payment(contexts):
    server, client = contexts
    eport = HttpEport()
    async with http_peer(eport, server) as url:
        bank = EportClient(url, client, QUICK)
        for _ in range(3):
            assert (await bank.send(Operation.PAYMENT, MESSAGE, txn_id=TXN_ID)).verdict is Verdict.ACCEPTED
        await bank.close()
    assert len(set(eport.peers)) == 1


async def test_the_log_names_the_cause_and_holds_no_body(contexts, caplog):
    body = b"<response>911101300126</response>"
    with caplog.at_level(logging.DEBUG):
        await outcome_of(HttpEport(body=body), contexts)
    [record] = [one for one in caplog.records if one.name == "gateway.eport.client"]
    assert (record.message, record.txn_id) == ("eport.unanswered", TXN_ID)
    assert "911101300126" not in str(record.__dict__)


class JsonCodec:
    """A second codec, to show that the client knows nothing of XML."""

    def build(self, request) -> bytes:
        return request.txn_id.encode()

    def http_call(self, operation: Operation, message: bytes) -> HttpCall:
        return HttpCall("GET", f"?command={operation}&txn_id={message.decode()}", "text/plain", b"")

    def parse_answer(self, body: bytes, *, operation: Operation, txn_id: str) -> Answer:
        return Answer(txn_id=txn_id, result=json.loads(body)["result"], final=True)


async def test_another_codec_changes_nothing_but_the_wire(contexts):
    server, client = contexts
    eport = HttpEport(body=b'{"result": 0}')
    async with http_peer(eport, server) as url:
        bank = EportClient(url, client, QUICK, codec=JsonCodec())
        outcome = await bank.send(Operation.PAYMENT, TXN_ID.encode(), txn_id=TXN_ID)
        await bank.close()
    assert outcome.verdict is Verdict.ACCEPTED
    assert eport.got[0][:2] == ("GET", "/api")
