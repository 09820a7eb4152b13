"""A gateway between the sandbox's real e-port and card host, with a personal certificate that may change."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

import aiohttp
import pytest

from certs.issued import read_issued
from certs.keys import load_private_key
from certs.pair import Pair
from certs.throwaway import Issued
from gateway.sandbox.server import Sandbox
from gateway.service import Gateway
from gateway.settings import (
    CardHostSection,
    CatalogueSection,
    EportSection,
    GatewaySection,
    NodeSection,
    TimersSection,
)
from spool import control_call
from tests.gateway.scripted import Sections

QUICK = TimersSection(
    eport_connect_seconds=2,
    check_seconds=5,
    payment_resend_seconds=60,
    breaker_probe_seconds=0.05,
    breaker_longest_probe_seconds=0.2,
    certificate_look_seconds=0.02,
    shutdown_seconds=1,
)


@dataclass
class Bank:
    """The bank's side: its personal certificate lies in `folder`."""

    folder: Path
    sandbox: Sandbox
    settings: Sections

    @property
    def pair(self) -> Pair:
        return Pair(self.folder / "bank.pem", self.folder / "bank.key")

    def install(self, issued: Issued) -> None:
        for source, target in ((issued.certificate, self.pair.certificate), (issued.key, self.pair.key)):
            target.touch(mode=0o600)
            target.write_bytes(source.read_bytes())

    def stage(self, issued: Issued) -> None:
        self.pair.stage(read_issued(issued.certificate.read_bytes()), load_private_key(issued.key))


@pytest.fixture
async def sandbox(tmp_path):
    async with Sandbox.open(tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def bank(tmp_path, sandbox, sections) -> Bank:
    host, port = sandbox.card_host
    folder = tmp_path / "bank"
    folder.mkdir()
    settings = Sections(
        gateway=GatewaySection(monitor="127.0.0.1:0"),
        eport=EportSection(
            url=sandbox.eport_url,
            point="10001",
            client_cert=folder / "bank.pem",
            client_key=folder / "bank.key",
            ca=sandbox.ca,
        ),
        card_host=CardHostSection(address=f"{host}:{port}", acquirer="123456", merchant="TOLEM0000000001"),
        catalogue=CatalogueSection(file=sections.catalogue.file),
        timers=QUICK,
    )
    bank = Bank(folder, sandbox, settings)
    bank.install(sandbox.bank)
    return bank


@pytest.fixture
def open_bank_gateway(tmp_path, moved, system_time):
    """`async with open_bank_gateway(bank.settings) as gateway`."""

    @asynccontextmanager
    async def open_one(settings: Sections, now=system_time):
        opened = Gateway.open(
            settings,
            node=NodeSection(id="gateway-1", data_dir=tmp_path / "data"),
            now=now,
            random=SystemRandom(),
            observe=moved,
        )
        async with opened as gateway:
            yield gateway

    return open_one


@pytest.fixture
def metrics_of():
    async def read(gateway) -> str:
        host, port = gateway.places.monitor
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{host}:{port}/metrics") as answer,
        ):
            return await answer.text()

    return read


@pytest.fixture
def alarms_of():
    async def read(gateway) -> list[str]:
        return [alarm["name"] async for alarm in control_call(gateway.places.control, "alarms.list")]

    return read


@pytest.fixture
def eventually():
    """`await eventually(look, wanted)`: what `look` sees once it is wanted."""

    async def wait(look, wanted):
        async with asyncio.timeout(20):
            while True:
                seen = await look()
                if wanted(seen):
                    return seen
                await asyncio.sleep(0.02)

    return wait
