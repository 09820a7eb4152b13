"""A running sandbox, and clients that know nothing but the texts: bytes go out, bytes come back."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import iso8583
import pytest
from iso8583.specs import default_ascii
from lxml import etree

from certs.identity import Identity
from certs.tls import client_context
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Position, Rule
from gateway.sandbox.server import Sandbox
from gateway.sandbox.settings import CardHostSettings, SandboxSettings
from tests.gateway.sandbox.examples import (
    PAN,
    Bodies,
    capture_message,
    check_body,
    hold_message,
    payment_body,
    reversal_message,
    txn_body,
)
from tests.gateway.sandbox.registry_peer import Registries, RegistryClient, registry_file, registry_line

PATIENCE_SECONDS = 10
XML = "application/xml; charset=utf-8"


class HttpAnswer(NamedTuple):
    status: int
    body: bytes

    def text(self, name: str) -> str | None:
        return etree.fromstring(self.body).findtext(f"*/{name}")

    @property
    def verdict(self) -> tuple[str | None, str | None]:
        return self.text("result"), self.text("final")

    @property
    def rule(self) -> str | None:
        return etree.fromstring(self.body).get("rule")


@dataclass(frozen=True)
class EportClient:
    """HTTP/1.1 by hand over TLS; a connection for each request."""

    port: int
    ca: Path
    identity: Identity

    async def post(self, operation: str, body: bytes | str, **head: str) -> HttpAnswer:
        """One answer; ConnectionError if the line breaks before it is whole."""
        async with self.line() as (reader, writer):
            writer.write(self.request(operation, body, **head))
            return await self.answer(reader)

    @asynccontextmanager
    async def line(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        context = client_context(self.ca, self.identity)
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection("localhost", self.port, ssl=context)
            try:
                yield reader, writer
            finally:
                writer.transport.abort()

    def request(
        self, operation: str, body: bytes | str, *, content_type: str = XML, method: str = "POST"
    ) -> bytes:
        content = body.encode() if isinstance(body, str) else body
        head = f"{method} /{operation} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n"
        return head.encode() + f"Content-Length: {len(content)}\r\n\r\n".encode() + content

    async def answer(self, reader: asyncio.StreamReader) -> HttpAnswer:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line.split(":")[1])
                for line in head.splitlines()
                if line.lower().startswith("content-length")
            )
            return HttpAnswer(int(head.split()[1]), await reader.readexactly(length))
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError from error


@dataclass(frozen=True)
class CardLine:
    """One TCP connection to the card host."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, message: Mapping[str, str]) -> None:
        encoded, _ = iso8583.encode(dict(message), default_ascii)
        self.send_frame(bytes(encoded))

    def send_frame(self, frame: bytes) -> None:
        self.writer.write(struct.pack(">H", len(frame)) + frame)

    async def receive_frame(self) -> bytes:
        async with asyncio.timeout(PATIENCE_SECONDS):
            (length,) = struct.unpack(">H", await self.reader.readexactly(2))
            return await self.reader.readexactly(length)

    async def receive(self) -> dict[str, str]:
        decoded, _ = iso8583.decode(await self.receive_frame(), default_ascii)
        return decoded

    async def ask(self, message: Mapping[str, str]) -> dict[str, str]:
        self.send(message)
        return await self.receive()

    async def code(self, message: Mapping[str, str]) -> str:
        return (await self.ask(message))["39"]


@pytest.fixture
def pan() -> str:
    return PAN


@pytest.fixture
def settings() -> SandboxSettings:
    """What a test module may override."""
    return SandboxSettings(
        points={"10001": frozenset({"tolem-gateway"}), "10002": frozenset({"another-gateway"})},
        card_host=CardHostSettings(acquirer="400001", merchant="TOLEM0000000001"),
        faults=FaultPlan(delay_seconds=0.05, silence_seconds=0.05),
    )


@pytest.fixture
async def sandbox(tmp_path: Path, clock: Any, settings: SandboxSettings) -> AsyncIterator[Sandbox]:
    async with Sandbox.open(tmp_path / "sandbox", settings, now=clock) as running:
        yield running


@pytest.fixture
def eport_client(sandbox: Sandbox, system_time: Any) -> EportClient:
    identity = Identity.load(*sandbox.bank, now=system_time)
    return EportClient(int(sandbox.eport_url.rsplit(":", 1)[1]), sandbox.ca, identity)


@pytest.fixture
def impostor(sandbox: Sandbox, eport_client: EportClient, system_time: Any) -> EportClient:
    """The right CA, a name that speaks for no point."""
    issued = sandbox.issuer.issue("somebody-else", server_names=())
    return replace(eport_client, identity=Identity.load(*issued, now=system_time))


@pytest.fixture
def new_card_line(sandbox: Sandbox) -> Callable[[], Any]:
    @asynccontextmanager
    async def line() -> AsyncIterator[CardLine]:
        reader, writer = await asyncio.open_connection(*sandbox.card_host)
        yield CardLine(reader, writer)
        writer.transport.abort()

    return line


@pytest.fixture
async def card_line(new_card_line: Callable[[], Any]) -> AsyncIterator[CardLine]:
    async with new_card_line() as line:
        yield line


@pytest.fixture
def fault_next(sandbox: Sandbox) -> Callable[..., None]:
    """`fault_next("cut", "after", operation="hold")`: the next request that fits meets it."""

    def fault_next(name: str, position: str, *, count: int = 1, dice: int = 0, **fits: str) -> None:
        fault = Fault(FaultName(name), Position(position), dice)
        sandbox.faults.rules.append(Rule(fault, count, **fits))

    return fault_next


@pytest.fixture(scope="session")
def bodies() -> Bodies:
    """The example of PROTOCOLS §2.1, with its parts to be changed."""
    return Bodies(check_body, payment_body, txn_body)


class Messages(NamedTuple):
    hold: Callable[..., dict[str, str]]
    capture: Callable[..., dict[str, str]]
    reversal: Callable[..., dict[str, str]]
    line: type[CardLine]


@pytest.fixture(scope="session")
def messages() -> Messages:
    """The messages of one payment, with their fields to be changed."""
    return Messages(hold_message, capture_message, reversal_message, CardLine)


@pytest.fixture
def log_line(sandbox: Sandbox) -> Callable[[str], dict[str, Any]]:
    """The newest line of a server's log: `log_line("eport")`."""
    ledgers = {
        "eport": sandbox._eport_book.ledger,
        "card-host": sandbox._card_book.ledger,
        "central": sandbox._central_book.ledger,
    }
    return lambda wire: ledgers[wire].last_seen(1)[0]


@pytest.fixture(scope="session")
def registries() -> Registries:
    """The files of PROTOCOLS §2.5, with their parts to be changed."""
    return Registries(registry_file, registry_line)


@pytest.fixture
def registry_client(sandbox: Sandbox, eport_client: EportClient) -> RegistryClient:
    return RegistryClient(eport_client.port, sandbox.ca, eport_client.identity)


@pytest.fixture
def central_client(sandbox: Sandbox, eport_client: EportClient) -> RegistryClient:
    return RegistryClient(int(sandbox.central_url.rsplit(":", 1)[1]), sandbox.ca, eport_client.identity)
