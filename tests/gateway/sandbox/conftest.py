"""A running sandbox, and clients that know nothing but the texts: bytes go out, bytes come back."""

import asyncio
import struct
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
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

PATIENCE_SECONDS = 10
XML = "application/xml; charset=utf-8"
PAN = "4012345678909"  # of the ANSI X9.24-1 sample


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


def check_body(
    txn_id: str = "26112200000001234566",
    *,
    account: str = "7011234567",
    sum_: str | None = "1500.00",
    point: str = "10001",
) -> str:
    sums = "" if sum_ is None else f"<sum>{sum_}</sum><currency>KZT</currency>"
    return (
        f'<request point="{point}" terminal="ATM00017"><bank_account><txn_id>{txn_id}</txn_id>'
        "<txn_date>2026-11-22T14:05:01+05:00</txn_date><product>beeline-kz</product>"
        f'<requisites><requisite code="account">{account}</requisite></requisites>{sums}'
        "</bank_account></request>"
    )


def payment_body(
    txn_id: str = "26112200000001234567",
    *,
    check_id: str = "26112200000001234566",
    account: str = "7011234567",
    product: str = "beeline-kz",
    sum_: str = "1500.00",
    total: str = "1545.00",
    rrn: str = "632600001234",
    point: str = "10001",
) -> str:
    return (
        f'<request point="{point}" terminal="ATM00017"><bank_payment><txn_id>{txn_id}</txn_id>'
        f"<txn_date>2026-11-22T14:05:09+05:00</txn_date><check_id>{check_id}</check_id>"
        f"<product>{product}</product>"
        f'<requisites><requisite code="account">{account}</requisite></requisites>'
        f"<sum>{sum_}</sum><fee>45.00</fee><total>{total}</total><currency>KZT</currency>"
        f"<tool>CARD</tool><rrn>{rrn}</rrn></bank_payment></request>"
    )


def txn_body(operation: str, txn_id: str = "26112200000001234567", *, point: str = "10001") -> str:
    return (
        f'<request point="{point}" terminal="ATM00017"><{operation}><txn_id>{txn_id}</txn_id>'
        f"</{operation}></request>"
    )


class Bodies(NamedTuple):
    check: Callable[..., str]
    payment: Callable[..., str]
    txn: Callable[..., str]


@pytest.fixture(scope="session")
def bodies() -> Bodies:
    """The example of PROTOCOLS §2.1, with its parts to be changed."""
    return Bodies(check_body, payment_body, txn_body)


ADVICE_FIELDS = ("3", "4", "7", "11", "12", "13", "32", "37", "41", "42", "49")


def hold_message(**fields: str | None) -> dict[str, str]:
    """A 0100 of PROTOCOLS §5; `f4="…"` changes a field, `f52=None` leaves it out."""
    message = {
        "t": "0100",
        "3": "500000",
        "4": "000000154500",
        "7": "1122090509",
        "11": "000001",
        "12": "140509",
        "13": "1122",
        "22": "051",
        "25": "00",
        "32": "400001",
        "35": f"{PAN}D2812201000000000",
        "37": "632600001234",
        "41": "ATM00017",
        "42": "TOLEM0000000001",
        "49": "398",
        "52": "1B9C1845EB993A7A",
        "55": "9F2608A1B2C3D4E5F607189F360200019F02060000001545005F34010182023900",
        "62": "FFFF9876543210E00001",
    }
    return _changed(message, fields)


def capture_message(**fields: str | None) -> dict[str, str]:
    """The 0220 of the hold above; field 38 must be given."""
    message = {name: hold_message()[name] for name in ADVICE_FIELDS}
    return _changed(message | {"t": "0220", "11": "000002"}, fields)


def reversal_message(**fields: str | None) -> dict[str, str]:
    """The 0420 of the hold above."""
    message = {name: hold_message()[name] for name in ADVICE_FIELDS}
    original = "0100" + "000001" + "1122090509" + "00000400001" + "0" * 11
    return _changed(message | {"t": "0420", "11": "000003", "90": original}, fields)


def _changed(message: dict[str, str], fields: Mapping[str, str | None]) -> dict[str, str]:
    changes = {name.removeprefix("f"): value for name, value in fields.items()}
    return {name: value for name, value in (message | changes).items() if value is not None}


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


@dataclass(frozen=True)
class RegistryClient:
    """POST /registry and GET /daily by hand over TLS, with whatever headers a test wants."""

    port: int
    ca: Path
    identity: Identity

    async def send(self, body: bytes, *, method: str = "POST", path: str = "/registry", **change: Any) -> Any:
        headers = registry_headers(body) | {name.replace("_", "-"): value for name, value in change.items()}
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return await self.raw("\r\n".join([*lines, "", ""]).encode() + body)

    async def day(self, day: str) -> Any:
        return await self.raw(f"GET /daily/{day} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    async def raw(self, request: bytes) -> Any:
        context = client_context(self.ca, self.identity)
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection("localhost", self.port, ssl=context)
            try:
                writer.write(request)
                return await _http_answer(reader)
            finally:
                writer.transport.abort()


class FullAnswer(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def rule(self) -> tuple[str | None, str | None]:
        refusal = etree.fromstring(self.body)
        return refusal.get("rule"), refusal.get("where")

    @property
    def acknowledged(self) -> dict[str, str | None]:
        registry = etree.fromstring(self.body).find("registry")
        return {element.tag: element.text for element in registry}


async def _http_answer(reader: asyncio.StreamReader) -> FullAnswer:
    try:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError from error
    return FullAnswer(int(first.split()[1]), body, headers)


def registry_headers(body: bytes) -> dict[str, str]:
    """What PROTOCOLS §2.5 wants beside a file; of a broken file as far as it can be read."""
    first = (body.split(b"\r\n")[0].decode("utf-8", "replace").split(";") + [""] * 9)[:9]
    stamps = "_".join(moment[:16].replace("-", "").replace(":", "") for moment in first[5:7])
    name = f"EP_{first[3]}_{first[2]}_{stamps}_{first[4].rsplit('-')[-1]}.csv"
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Registry-Id": first[4],
        "Repr-Digest": f"sha-256=:{b64encode(sha256(body).digest()).decode()}:",
        "Content-Disposition": f'attachment; filename="{name}"',
    }


def registry_line(txn_id: str = "26112200000001234567", **change: str) -> str:
    values = {
        "eport_id": "900000417",
        "terminal": "ATM00017",
        "product": "beeline-kz",
        "account": "7011234567",
        "sum": "1500.00",
        "fee": "45.00",
        "total": "1545.00",
        "accepted_at": "2026-11-22T13:05:09+05:00",
        "finished_at": "2026-11-22T13:05:11+05:00",
        "status": "ACCEPTED",
        "result": "0",
        "rrn": "632600001234",
        "tool": "CARD",
    }
    return ";".join(["D", txn_id, *(values | change).values()])


def registry_file(
    *lines: str,
    n: int = 7,
    to: str = "2026-11-22T14:00:00+05:00",
    from_: str | None = None,
    kind: str = "TECH",
    point: str = "10001",
    head: str | None = None,
    trailer: Callable[[str], str] = lambda line: line,
) -> bytes:
    """A whole file around D lines, its T line right unless `trailer` changes it."""
    begins = (datetime.fromisoformat(to) - timedelta(minutes=60)).isoformat()
    first = f"H;1;{kind};{point};{point}-{kind}-{n};{from_ or begins};{to};KZT;2026-11-22T14:00:03+05:00"
    before = "".join(f"{line}\r\n" for line in (head or first, *lines)).encode()
    columns = [[int(line.split(";")[place].replace(".", "")) for line in lines] for place in (6, 7, 8)]
    sums = ";".join(f"{sum(column) // 100}.{sum(column) % 100:02d}" for column in columns)
    return before + (trailer(f"T;{len(lines)};{sums};{sha256(before).hexdigest()}") + "\r\n").encode()


class Registries(NamedTuple):
    file: Callable[..., bytes]
    line: Callable[..., str]


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
