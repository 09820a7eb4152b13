"""One attempt over real TLS against a peer that is scripted per test: one outcome, whatever happens."""

import asyncio
import contextlib
import json
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web

from certs.identity import Identity
from certs.throwaway import ThrowawayCa
from certs.tls import client_context, server_context
from gateway.eport.client import EportClient, EportTimers
from gateway.eport.codec import HttpCall
from gateway.eport.messages import Answer, StatusRequest, build
from gateway.eport.operations import Operation
from gateway.outcomes import Verdict

TXN_ID = "26112200000001234567"
MESSAGE = build(StatusRequest(point="10001", terminal="ATM00017", txn_id=TXN_ID))
ACCEPTED = (
    f"<response><bank_payment><txn_id>{TXN_ID}</txn_id><result>0</result><final>true</final>"
    "</bank_payment></response>"
).encode()
QUICK = EportTimers(connect_seconds=5, check_seconds=5, payment_seconds=5)


@dataclass
class HttpEport:
    """An HTTP peer that keeps what it got and answers what the test put in."""

    status: int = 200
    body: bytes = ACCEPTED
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    got: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    peers: list[tuple[str, int]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append((request.method, request.path, dict(request.headers), await request.read()))
        self.peers.append(request.transport.get_extra_info("peername"))
        if self.silent:
            await asyncio.Event().wait()
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest.fixture(scope="module")
def contexts(throwaway_ca: ThrowawayCa, system_time):
    """(server, client): both sides present a certificate of the same CA."""
    server = Identity.load(*throwaway_ca.issue("e-port"), now=system_time)
    bank = Identity.load(*throwaway_ca.issue("10001", server_names=()), now=system_time)
    return server_context(server, throwaway_ca.ca_path), client_context(throwaway_ca.ca_path, bank)


@contextlib.asynccontextmanager
async def http_peer(eport: HttpEport, context: ssl.SSLContext) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", eport.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield f"https://localhost:{runner.addresses[0][1]}/api"
    finally:
        await runner.cleanup()


def says(answer: bytes, *, reset: bool = False):
    """What a peer does that reads a request's head, writes these bytes and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if reset:
            writer.transport.abort()

    return serve


async def attempt(url: str, context: ssl.SSLContext, *, timers: EportTimers = QUICK, **of):
    client = EportClient(url, context, timers)
    try:
        return await client.send(of.pop("operation", Operation.PAYMENT), MESSAGE, txn_id=TXN_ID, **of)
    finally:
        await client.close()


async def outcome_of(eport: HttpEport, contexts, **of):
    server, client = contexts
    async with http_peer(eport, server) as url:
        return await attempt(url, client, **of)


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


async def test_silence_is_unanswered_when_the_time_is_over(contexts):
    outcome = await outcome_of(HttpEport(silent=True), contexts, timers=EportTimers(5, 0.05, 0.05))
    assert (outcome.verdict, outcome.detail) == (Verdict.UNANSWERED, "no answer in time")


async def test_a_check_and_a_payment_have_deadlines_of_their_own(contexts):
    timers = EportTimers(connect_seconds=5, check_seconds=0.05, payment_seconds=30)
    outcome = await outcome_of(HttpEport(silent=True), contexts, timers=timers, operation=Operation.ACCOUNT)
    assert outcome.detail == "no answer in time"


async def test_a_peer_that_accepts_and_never_shakes_hands_costs_the_connect_time_only(contexts):
    _, client = contexts
    timers = EportTimers(connect_seconds=0.05, check_seconds=30, payment_seconds=30)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        outcome = await attempt(f"https://localhost:{mute.getsockname()[1]}", client, timers=timers)
    assert (outcome.verdict, outcome.detail) == (Verdict.UNANSWERED, "no connection in time")


async def test_nobody_listening_is_unanswered(contexts):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    outcome = await attempt(f"https://localhost:{port}", contexts[1])
    assert (outcome.verdict, outcome.detail) == (Verdict.UNANSWERED, "connection refused")


@pytest.mark.parametrize(
    ("answer", "reset", "details"),
    [
        (b"", False, {"connection closed without an answer"}),
        (b"", True, {"connection reset", "connection closed without an answer"}),
        (b"HTTP/1.1 200 OK\r\nContent-", False, {"connection closed without an answer"}),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<resp",
            False,
            {"connection closed in the middle of an answer"},
        ),
        (b"\x16\x03garbage\r\n\r\n", False, {"answer is not HTTP"}),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", False, {"answer is not HTTP"}),
        (b"HTTP/1.1 999999 ?\r\n\r\n", False, {"answer is not HTTP"}),
    ],
)
async def test_a_broken_answer_is_unanswered_and_its_cause_is_named(
    contexts, tcp_peer, answer, reset, details
):
    server, client = contexts
    async with tcp_peer(says(answer, reset=reset), server) as port:
        outcome = await attempt(f"https://localhost:{port}", client)
    assert outcome.verdict is Verdict.UNANSWERED
    assert outcome.detail in details


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


async def test_a_server_of_a_foreign_ca_is_refused(contexts, foreign_ca, system_time):
    foreign = server_context(Identity.load(*foreign_ca.issue("e-port"), now=system_time))
    eport = HttpEport()
    async with http_peer(eport, foreign) as url:
        outcome = await attempt(url, contexts[1])
    assert outcome.verdict is Verdict.UNANSWERED
    assert "issuer is not trusted" in outcome.detail
    assert eport.got == []


async def test_a_server_with_another_name_is_refused(contexts, throwaway_ca, system_time):
    other = Identity.load(*throwaway_ca.issue("e-port", server_names=("other.example",)), now=system_time)
    async with http_peer(HttpEport(), server_context(other)) as url:
        outcome = await attempt(url, contexts[1])
    assert "not for this host name" in outcome.detail


async def test_an_expired_server_names_the_certificate_or_the_clock(contexts, throwaway_ca):
    old = throwaway_ca.issue("e-port", lasts=timedelta(minutes=-1))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(old.certificate, old.key)
    async with http_peer(HttpEport(), server) as url:
        outcome = await attempt(url, contexts[1])
    assert "clock" in outcome.detail
    assert "expired" in outcome.detail


async def test_a_server_that_wants_a_certificate_we_did_not_show_says_so(contexts, throwaway_ca):
    """A blocking peer: asyncio's server hangs up without its alert. In TLS 1.3 the alert may lose to a reset."""
    server, _ = contexts
    without_certificate = client_context(throwaway_ca.ca_path)
    without_certificate.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(ssl.SSLError):
                server.wrap_socket(connection, server_side=True)

        refused = asyncio.create_task(asyncio.to_thread(refuse))
        outcome = await attempt(f"https://localhost:{listener.getsockname()[1]}", without_certificate)
        await refused
    assert outcome.verdict is Verdict.UNANSWERED
    assert "wants a certificate" in outcome.detail


async def test_a_plain_server_behind_an_https_address_is_unanswered(contexts, tcp_peer):
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with tcp_peer(refuse) as port:
        outcome = await attempt(f"https://localhost:{port}", contexts[1])
    assert outcome.verdict is Verdict.UNANSWERED
    assert outcome.detail.startswith("TLS: ")


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
