"""Registries that are fetched: over real TLS, by whom the settings name."""

import asyncio
import base64
import hashlib
import json
import re
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

import aiohttp
import pytest

from certs.identity import Identity
from certs.throwaway import ThrowawayCa
from certs.tls import client_context
from gateway.migrations import ROOMS
from gateway.registry.changes import record
from gateway.registry.layout import Kind
from gateway.registry.parts import alarm
from gateway.registry.rounds import Rounds
from gateway.registry.serving import PAGE
from gateway.settings import CentralSection, GatewaySection, SettingsError, TimersSection
from spool import ControlError, Spool, control_call
from tests.gateway.registry.conftest import SERIES

LARGE = 8_000  # lines of 600 bytes: more than a connection holds whose reader has a small buffer


@pytest.fixture
def served(open_gateway, sections, throwaway_ca):
    """`async with served() as gateway`: e-port fetches, as the name `reader.eport.kz`."""
    gateway = throwaway_ca.issue("tolem-gateway")
    fetches = {
        "registry_direction": "serve",
        "registry_listen": "127.0.0.1:0",
        "registry_reader": "reader.eport.kz",
    }

    def open_one(**changes):
        return open_gateway(
            gateway=GatewaySection(cert=gateway.certificate, key=gateway.key),
            eport=sections.eport.model_copy(update=fetches),
            **changes,
        )

    return open_one


@pytest.fixture
def caller(throwaway_ca, system_time):
    """`async with caller("CN", kind) as get`: `await get(gateway, path)` is (status, headers, body)."""

    @asynccontextmanager
    async def call_as(name: str, ca: ThrowawayCa = throwaway_ca, kind: Kind = Kind.TECH):
        identity = Identity.load(*ca.issue(name, server_names=()), now=system_time)
        context = client_context(throwaway_ca.ca_path, identity)

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:

            async def get(gateway, path: str):
                port = gateway.places.registries[kind][1]
                async with session.get(f"https://localhost:{port}{path}") as response:
                    return response.status, response.headers, await response.read()

            yield get

    return call_as


@pytest.fixture
def earlier(tmp_path, system_time):
    """`async with earlier(hours=2) as spool`: the gateway's store, as long ago."""

    @asynccontextmanager
    async def open_one(**ago):
        data = tmp_path / "data"
        data.mkdir(mode=0o700)
        opened = await Spool.open(
            data / "gateway.db",
            rooms=ROOMS,
            now=lambda: system_time() - timedelta(**ago),
            random=Random(1),
        )
        async with opened as spool:
            yield spool

    return open_one


async def asked(gateway, command: str, **arguments) -> list[dict]:
    return [item async for item in control_call(gateway.places.control, command, arguments)]


async def built(gateway, customer_of, terminal_of) -> list[dict]:
    """One payment, in registries that are closed."""
    await customer_of(terminal_of(gateway)).pay()
    await asked(gateway, "registry.build", ahead=True)
    return await asked(gateway, "registry.list", kind="TECH")


async def state_of(gateway, registry_id: str) -> str:
    fact, *_ = await asked(gateway, "registry.show", id=registry_id)
    return fact["state"]


async def until_acknowledged(gateway, registry_id: str) -> None:
    """It is written down after the last byte has left."""
    async with asyncio.timeout(20):
        while await state_of(gateway, registry_id) != "acknowledged":  # noqa: ASYNC110 - asked over its socket
            await asyncio.sleep(0.01)


async def test_the_bytes_are_those_that_an_upload_would_have(
    served, caller, customer_of, terminal_of
) -> None:
    async with served() as gateway, caller("reader.eport.kz") as get:
        (registry, *_) = await built(gateway, customer_of, terminal_of)
        assert registry["state"] == "waiting"
        status, headers, body = await get(gateway, f"/registry/{registry['registry_id']}")
        assert status == 200
        assert hashlib.sha256(body).hexdigest() == registry["sha256"]
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        assert headers["Repr-Digest"] == f"sha-256=:{digest}:"
        assert headers["Registry-Id"] == registry["registry_id"]
        assert headers["Content-Type"] == "text/csv; charset=utf-8"
        assert headers["Content-Disposition"].startswith('attachment; filename="EP_10001_TECH_')
        assert body.startswith(b"H;1;TECH;10001;")
        await until_acknowledged(gateway, registry["registry_id"])
        assert await get(gateway, f"/registry/{registry['registry_id']}") == (200, headers, body)


async def test_nothing_is_sent_to_who_fetches(served, customer_of, terminal_of) -> None:
    async with served() as gateway:
        (registry, *_) = await built(gateway, customer_of, terminal_of)
        (health,) = await asked(gateway, "health")
        assert "eport_registry" not in {one["destination"] for one in health["destinations"]}
        with pytest.raises(ControlError, match="not sent from here"):
            await asked(gateway, "registry.send", id=registry["registry_id"])


async def test_what_was_fetched_stays_so_after_a_restart(served, caller, customer_of, terminal_of) -> None:
    async with caller("reader.eport.kz") as get:
        async with served() as gateway:
            (registry, *_) = await built(gateway, customer_of, terminal_of)
            await get(gateway, f"/registry/{registry['registry_id']}")
            await until_acknowledged(gateway, registry["registry_id"])
        async with served() as gateway:
            assert await state_of(gateway, registry["registry_id"]) == "acknowledged"


async def test_a_list_goes_on_after_a_number(served, caller, customer_of, terminal_of) -> None:
    async with served() as gateway, caller("reader.eport.kz") as get:
        (registry, *_) = await built(gateway, customer_of, terminal_of)
        _, headers, body = await get(gateway, "/registries")
        assert headers["Content-Type"].startswith("application/json")
        told = json.loads(body)
        last = told["registries"][-1]
        assert (told["more"], last["registry_id"]) == (False, registry["registry_id"])
        assert [last[name] for name in ("sha256", "count", "total", "acknowledged")] == [
            registry["sha256"],
            registry["count"],
            registry["total"],
            False,
        ]
        _, _, body = await get(gateway, f"/registries?after={last['number']}")
        assert json.loads(body) == {"registries": [], "more": False}


async def test_a_long_list_comes_in_pages(served, caller, earlier) -> None:
    async with earlier(days=3) as spool:
        await Rounds(spool, SERIES, now=spool.now, raise_alarm=alarm).build()
    async with served() as gateway, caller("reader.eport.kz") as get:
        await asked(gateway, "registry.build")
        pages, more = [], True
        while more:
            after = pages[-1][-1] if pages else 0
            told = json.loads((await get(gateway, f"/registries?after={after}"))[2])
            pages.append([one["number"] for one in told["registries"]])
            more = told["more"]
        assert [len(page) for page in pages][:-1] == [PAGE]
        numbers = [number for page in pages for number in page]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "٣", "9" * 16, ""])
async def test_a_number_that_is_none_is_refused(served, caller, after) -> None:
    async with served() as gateway, caller("reader.eport.kz") as get:
        assert (await get(gateway, f"/registries?after={after}"))[0] == 400


async def test_another_certificate_of_the_same_ca_gets_nothing(
    served, caller, customer_of, terminal_of
) -> None:
    async with served() as gateway, caller("somebody-else") as get:
        (registry, *_) = await built(gateway, customer_of, terminal_of)
        for path in ("/registries", f"/registry/{registry['registry_id']}", "/anything"):
            assert (await get(gateway, path))[0] == 403
        assert await state_of(gateway, registry["registry_id"]) == "waiting"


async def test_a_certificate_of_another_ca_or_none_is_not_heard(
    served, caller, foreign_ca, throwaway_ca
) -> None:
    async with served() as gateway, caller("reader.eport.kz", foreign_ca) as get:
        with pytest.raises(aiohttp.ClientError):
            await get(gateway, "/registries")
        nobody = client_context(throwaway_ca.ca_path)
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await _first_byte(gateway.places.registries[Kind.TECH][1], nobody)


async def _first_byte(port: int, context: ssl.SSLContext) -> None:
    reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
    try:
        writer.write(b"GET /registries HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readexactly(1)
    finally:
        writer.transport.abort()


async def test_what_is_not_there_or_another_receivers_is_not_found(
    served, caller, throwaway_ca, customer_of, terminal_of
) -> None:
    central = CentralSection(
        ca=throwaway_ca.ca_path,
        registry_direction="serve",
        registry_listen="127.0.0.1:0",
        registry_reader="core.bank.kz",
    )
    async with served(central=central) as gateway, caller("reader.eport.kz") as get:
        await built(gateway, customer_of, terminal_of)
        (bank, *_) = await asked(gateway, "registry.list", kind="BANK")
        for name in (bank["registry_id"], "10001-TECH-999", "..%2Fregistries"):
            assert (await get(gateway, f"/registry/{name}"))[0] == 404
        async with caller("core.bank.kz", kind=Kind.BANK) as core:
            status, headers, _ = await core(gateway, f"/registry/{bank['registry_id']}")
        assert (status, headers["Registry-Id"]) == (200, bank["registry_id"])


async def test_a_reader_that_stops_reading_is_cut_off_and_has_taken_nothing(
    served, earlier, new_operation, throwaway_ca, system_time, caplog
) -> None:
    def changes(tx) -> None:
        for n in range(LARGE):
            record(tx, f"payment-{n}", new_operation(n, account="Қ" * 255), Kind.TECH)

    async with earlier(hours=2) as spool:
        await spool.write(changes)
    identity = Identity.load(*throwaway_ca.issue("reader.eport.kz", server_names=()), now=system_time)
    context = client_context(throwaway_ca.ca_path, identity)
    async with served(timers=TimersSection(registry_seconds=0.5, shutdown_seconds=2.0)) as gateway:
        await asked(gateway, "registry.build")
        listed = await asked(gateway, "registry.list", kind="TECH")
        (large, *_) = [one for one in listed if one["count"] == LARGE]
        port = gateway.places.registries[Kind.TECH][1]
        reader, writer = await asyncio.open_connection(
            sock=_with_a_small_buffer(port), ssl=context, server_hostname="localhost", limit=1024
        )
        writer.write(f"GET /registry/{large['registry_id']} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert "200 OK" in head
        async with asyncio.timeout(20):
            while "registry.fetch_broken" not in caplog.messages:  # noqa: ASYNC110 - told by the log
                await asyncio.sleep(0.01)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(int(re.search(r"Content-Length: (\d+)", head)[1]))
        writer.transport.abort()
        assert await state_of(gateway, large["registry_id"]) == "waiting"


def _with_a_small_buffer(port: int) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    connection.setblocking(False)
    return connection


async def test_who_would_be_served_without_our_certificate_is_refused_at_the_start(
    open_gateway, sections
) -> None:
    fetches = {"registry_direction": "serve", "registry_listen": "127.0.0.1:0", "registry_reader": "x"}
    with pytest.raises(SettingsError, match="set cert and key"):
        async with open_gateway(eport=sections.eport.model_copy(update=fetches)):
            pass
