"""A gateway with its own CA, heard by terminals with a certificate, and by newcomers without one."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from certs.authority import Authority
from certs.keys import KINDS
from certs.pair import Pair
from certs.tls import client_context
from gateway.client import GatewayClient
from gateway.enrolment.codes import new_code
from gateway.service import Gateway
from gateway.settings import GatewaySection, TimersSection
from spool import control_call


@dataclass
class Bank:
    folder: Path
    gateway: Gateway
    clients: list[GatewayClient]

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    async def invite(self, terminal: str, seed: int = 1) -> str:
        code = new_code(Random(seed).randbytes)
        arguments = {"terminal": terminal, "code": code, "by": "Aigerim"}
        [_] = [item async for item in self.command("terminals.invite", arguments)]
        return code

    def command(self, name: str, arguments=None):
        return control_call(self.gateway.places.control, name, arguments)

    async def alarms(self) -> list[str]:
        return [alarm["name"] async for alarm in self.command("alarms.list")]

    def newcomer(self) -> GatewayClient:
        return self._client(self.gateway.places.enrolment[1], client_context(self.ca))

    def terminal(self, pair: Pair) -> GatewayClient:
        return self._client(self.gateway.places.address[1], client_context(self.ca, pair.identity()))

    def _client(self, port: int, context) -> GatewayClient:
        client = GatewayClient.over_tls(
            f"https://localhost:{port}", context, random_bytes=Random(port).randbytes
        )
        self.clients.append(client)
        return client


@pytest.fixture
def bank_section(tmp_path, system_time) -> GatewaySection:
    folder, now = tmp_path / "bank", system_time()
    folder.mkdir()
    ca = Authority.make(folder / "ca.pem", folder / "ca.key", name="Terminals", now=now)
    key, pair = KINDS["p-256"](), Pair(folder / "gateway.pem", folder / "gateway.key")
    lasts = ca.certificate.not_valid_after_utc - now
    pair.stage([ca.issue_to_server(key, names=["localhost"], now=now, lasts=lasts)], key)
    pair.accept()
    return GatewaySection(
        listen="127.0.0.1:0",
        enrol_listen="127.0.0.1:0",
        cert=pair.certificate,
        key=pair.key,
        terminal_ca=folder / "ca.pem",
        terminal_ca_key=folder / "ca.key",
    )


@pytest.fixture
async def bank(tmp_path, open_gateway, bank_section):
    async with open_gateway(gateway=bank_section) as gateway:
        bank = Bank(tmp_path / "bank", gateway, [])
        yield bank
        for client in bank.clients:
            await client.close()


@pytest.fixture
def short_lived(tmp_path, open_gateway, bank_section, sections):
    """`async with short_lived() as bank`: codes live a moment."""

    @asynccontextmanager
    async def open_one():
        timers = replace_timers(sections.timers, invite_seconds=0.001)
        async with open_gateway(gateway=bank_section, timers=timers) as gateway:
            bank = Bank(tmp_path / "bank", gateway, [])
            yield bank
            for client in bank.clients:
                await client.close()

    return open_one


def replace_timers(timers: TimersSection, **changes) -> TimersSection:
    return TimersSection.model_validate({**timers.model_dump(), **changes})


@pytest.fixture
def new_pair(tmp_path):
    def make(terminal: str) -> Pair:
        return Pair(tmp_path / f"{terminal}.pem", tmp_path / f"{terminal}.key")

    return make
