"""Who uploads registries and fetches days by hand, and the files of PROTOCOLS §2.5 with their parts to be changed."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from certs.identity import Identity
from certs.tls import client_context

PATIENCE_SECONDS = 10


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
