import asyncio

import pytest
from aiohttp import web

from certs.identity import Identity
from certs.tls import client_context, server_context
from gateway.client import ClientTimers, GatewayClient, Refusal, Unreachable
from gateway.contract import Told
from gateway.settings import GatewaySection

PAYMENT_ID = "01935b2e-0000-7000-8000-000000000001"


@pytest.fixture
def over_socket(tmp_path):
    def client(name="api.sock", **timers) -> GatewayClient:
        return GatewayClient.over_socket(
            tmp_path / name,
            terminal="ATM00017",
            random_bytes=lambda n: b"\1" * n,
            timers=ClientTimers(**timers),
        )

    return client


@pytest.fixture
def peer(tmp_path):
    """A peer of another make: `async with peer(serve)` for raw streams at api.sock."""

    async def start(serve):
        return await asyncio.start_unix_server(serve, tmp_path / "api.sock")

    return start


def answering(*responses: bytes, keep_alive: bool = False):
    """Raw HTTP: one response for each request, then the connection drops, with `keep_alive` at the request after.

    Remembers the requests of each connection.
    """
    connections: list[list[str]] = []
    left = list(responses)

    async def serve(reader, writer) -> None:
        requests: list[str] = []
        connections.append(requests)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                requests.append(head.split("\r\n", 1)[0])
                length = next(
                    (int(line.split(":")[1]) for line in head.split("\r\n") if "ontent-Length" in line), 0
                )
                await reader.readexactly(length)
                if not left:
                    return
                writer.write(left.pop(0))
                await writer.drain()
                if not left and not keep_alive:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    return serve, connections


READY = b'{"ready": true, "reasons": [], "time": "2026-11-22T09:05:09Z"}'
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(READY) + READY


async def test_nobody_there_is_unreachable(over_socket) -> None:
    client = over_socket()
    with pytest.raises(Unreachable):
        await client.readiness()
    await client.close()


async def test_a_put_is_sent_once_on_a_connection_of_its_own(over_socket, peer, customer) -> None:
    """aiohttp repeats an idempotent request when a kept-alive connection drops: a PUT must not."""
    serve, connections = answering(OK, keep_alive=True)
    request = customer.request(await customer.offer())
    async with await peer(serve):
        client = over_socket()
        await client.readiness()
        with pytest.raises(Unreachable):
            await client.put(PAYMENT_ID, request)
        await client.close()
    assert connections == [["GET /v1/readiness HTTP/1.1"], [f"PUT /v1/payments/{PAYMENT_ID} HTTP/1.1"]]


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{",
        b"garbage\r\n\r\n",
    ],
    ids=["not the contract", "a proxy's page", "no problem document", "cut", "not HTTP"],
)
async def test_what_is_no_answer_of_the_gateway_says_nothing_of_the_payment(
    over_socket, peer, response
) -> None:
    serve, _ = answering(response)
    async with await peer(serve):
        client = over_socket()
        with pytest.raises(Unreachable):
            await client.get(PAYMENT_ID)
        await client.close()


async def test_silence_ends_by_the_deadline(over_socket, peer) -> None:
    async def say_nothing(reader, writer) -> None:
        await reader.read()
        writer.close()

    async with await peer(say_nothing):
        client = over_socket(answer_seconds=0.05)
        with pytest.raises(Unreachable, match="no answer in time"):
            await client.readiness()
        await client.close()


async def test_a_refusal_carries_the_problem(terminal) -> None:
    with pytest.raises(Refusal) as caught:
        await terminal.get(PAYMENT_ID)
    problem = caught.value.problem
    assert (problem.code, problem.status, problem.retryable) == ("payment_not_found", 404, False)


async def test_the_catalogue_is_fetched_once_for_each_version(terminal) -> None:
    copy = await terminal.catalogue()
    assert copy.tag
    assert await terminal.catalogue(copy.tag) is None


async def test_a_terminal_elsewhere_is_named_by_its_certificate(
    open_gateway, sections, throwaway_ca, customer_of, system_time
) -> None:
    own = throwaway_ca.issue("gateway-1")
    section = GatewaySection(
        listen="127.0.0.1:0", cert=own.certificate, key=own.key, terminal_ca=throwaway_ca.ca_path
    )
    mine = throwaway_ca.issue("POS00002", server_names=())
    context = client_context(throwaway_ca.ca_path, Identity.load(*mine, now=system_time))
    async with open_gateway(gateway=section) as gateway:
        _, port = gateway.places.address
        client = GatewayClient.over_tls(
            f"https://localhost:{port}", context, random_bytes=lambda n: b"\1" * n
        )
        view = await customer_of(client).pay()
        await client.close()
    assert (view.terminal, view.told) == ("POS00002", Told.PAID)


async def test_nobody_gets_in_without_a_certificate_of_the_terminals_ca(
    open_gateway, throwaway_ca, foreign_ca, system_time
) -> None:
    own = throwaway_ca.issue("gateway-1")
    section = GatewaySection(
        listen="127.0.0.1:0", cert=own.certificate, key=own.key, terminal_ca=throwaway_ca.ca_path
    )
    stranger = Identity.load(*foreign_ca.issue("POS00002", server_names=()), now=system_time)
    async with open_gateway(gateway=section) as gateway:
        for identity in (None, stranger):
            client = GatewayClient.over_tls(
                f"https://localhost:{gateway.places.address[1]}",
                client_context(throwaway_ca.ca_path, identity),
                random_bytes=lambda n: b"\1" * n,
            )
            with pytest.raises(Unreachable):
                await client.readiness()
            await client.close()


async def test_a_server_that_is_not_the_gateway_is_not_spoken_to(
    foreign_ca, throwaway_ca, system_time
) -> None:
    impostor = server_context(Identity.load(*foreign_ca.issue("localhost"), now=system_time))
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=impostor).start()
    client = GatewayClient.over_tls(
        f"https://localhost:{runner.addresses[0][1]}",
        client_context(throwaway_ca.ca_path),
        random_bytes=lambda n: b"\1" * n,
    )
    with pytest.raises(Unreachable):
        await client.readiness()
    await client.close()
    await runner.cleanup()
