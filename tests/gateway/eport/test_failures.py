"""What keeps an attempt from being answered is named, and never taken for a refusal."""

import asyncio
import contextlib
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from certs.identity import Identity
from certs.tls import client_context, server_context
from gateway.eport.client import EportTimers
from gateway.eport.operations import Operation
from gateway.outcomes import Verdict
from tests.gateway.eport_peer import (
    HttpEport,
    attempt,
    http_peer,
    outcome_of,
    says,
)


async def test_silence_is_unanswered_when_the_time_is_over(contexts):
    outcome = await outcome_of(HttpEport(silent=True), contexts, timers=EportTimers(5, 0.05, 0.05))
    assert (outcome.verdict, outcome.detail) == (Verdict.UNANSWERED, "no answer in time")


async def test_a_check_and_a_payment_have_deadlines_of_their_own(contexts):
    timers = EportTimers(connect_seconds=5, check_seconds=0.05, payment_seconds=3600)
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
    over = throwaway_ca.issue("e-port", lasts=timedelta(minutes=-1))
    while_it_lasted = Identity.load(*over, now=lambda: datetime.now(UTC) - timedelta(minutes=3))
    async with http_peer(HttpEport(), server_context(while_it_lasted)) as url:
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
