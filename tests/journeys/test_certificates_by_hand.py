"""What a person types: a terminal is enrolled and shut out, a personal certificate is requested and exchanged.

Every command is a process of its own, beside a gateway that runs and the sandbox's real e-port.
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import pytest

from agent.processes import start
from agent.sample_settings import DEVICES, SandboxPlaces, gateway_sections, text
from certs.issued import read_issued
from certs.keys import load_signing_key
from certs.pkcs12 import pkcs12_of
from certs.throwaway import ThrowawayCa
from gateway.sandbox.server import Sandbox
from spool import ControlUnavailable, control_call

pytestmark = pytest.mark.processes


@dataclass
class Desk:
    """Somebody who types `tolem …` in `folder`."""

    folder: Path
    sandbox: Sandbox

    async def types(self, *words: str, expect: int = 0) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agent.cli", *words),
            cwd=self.folder,
            env={"PYTHONPATH": ":".join(sys.path), "COLUMNS": "200", "PATH": "/usr/bin:/bin"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = (said.decode() for said in await process.communicate())
        assert process.returncode == expect, f"{words}: exit {process.returncode}\n{out}\n{err}"
        return out + err

    @asynccontextmanager
    async def gateway_running(self):
        running = await start(
            "gateway",
            ["gateway", "--config", str(self.folder / "gateway.toml")],
            log=self.folder / "gateway.log",
        )
        try:
            async with asyncio.timeout(30):
                while not await self._answers():
                    running.check()
                    await asyncio.sleep(0.05)
            yield
        finally:
            await running.stop()

    async def _answers(self) -> bool:
        try:
            control = self.folder / "gateway" / "gateway.control"
            return [item async for item in control_call(control, "health")] != []
        except ControlUnavailable:
            return False

    def write(self, name: str, sections) -> None:
        (self.folder / name).write_text(text(sections), "utf-8")


@pytest.fixture
async def desk(unused_tcp_port_factory):
    with TemporaryDirectory() as short:  # pytest's own folder is too long for a Unix socket
        folder = Path(short)
        async with Sandbox.open(folder / "sandbox") as sandbox:
            desk = Desk(folder, sandbox)
            listen, enrol = unused_tcp_port_factory(), unused_tcp_port_factory()
            places = SandboxPlaces.of(sandbox)
            sections = gateway_sections(places)
            gateway = {
                "listen": f"127.0.0.1:{listen}",
                "enrol_listen": f"127.0.0.1:{enrol}",
                "cert": "gateway.pem",
                "key": "gateway.key",
                "terminal_ca": "ca.pem",
                "terminal_ca_key": "ca.key",
            }
            eport = {**sections["eport"], "client_cert": "bank.pem", "client_key": "bank.key"}
            node = {"id": "gateway", "data_dir": "gateway"}
            timers = {"certificate_look_seconds": 0.1}
            desk.write(
                "gateway.toml",
                {**sections, "node": node, "gateway": gateway, "eport": eport, "timers": timers},
            )
            agent = {
                "gateway_url": f"https://127.0.0.1:{listen}",
                "enrol_url": f"https://127.0.0.1:{enrol}",
                "cert": "atm.pem",
                "key": "atm.key",
                "ca": "ca.pem",
            }
            desk.write("atm.toml", {"node": {"id": "ATM00018", "data_dir": "atm"}, "agent": agent, **DEVICES})
            yield desk


GATEWAY = ("--config", "gateway.toml")
ATM = ("--config", "atm.toml")


async def signed(desk: Desk, csr: str, out: str) -> None:
    """What the CA of e-port answers to a request."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{desk.sandbox.admin_url}/certificates", data=(desk.folder / csr).read_bytes()) as answer,
    ):
        assert answer.status == 200
        (desk.folder / out).write_bytes(await answer.read())


async def first_certificate(desk: Desk) -> None:
    await desk.types("certs", "csr", *GATEWAY, "--out", "bank.csr", "--cn", "tolem-gateway", "--o", "Tolem")
    await signed(desk, "bank.csr", "issued.pem")
    await desk.types("certs", "install", *GATEWAY, "issued.pem")


def code_in(said: str) -> str:
    (code,) = (line.split()[-1] for line in said.splitlines() if line.startswith("code"))
    return code


@pytest.mark.long  # the README's own commands, in tests/house, are its short form
async def test_a_personal_certificate_from_its_key_to_its_exchange(
    desk: Desk, foreign_ca: ThrowawayCa
) -> None:
    await first_certificate(desk)
    assert (desk.folder / "bank.key").stat().st_mode & 0o777 == 0o600
    assert not (desk.folder / "bank.key.requested").exists()
    await desk.types("terminals", "ca", *GATEWAY, "--server", "127.0.0.1")
    checked = await desk.types("certs", "check", *GATEWAY)
    assert "shakes hands" in checked
    (bank,) = [
        one
        for one in json.loads(await desk.types("certs", "show", *GATEWAY, "--json"))
        if "eport" in one["part"]
    ]
    assert (bank["subject"], bank["days_left"]) == ("CN=tolem-gateway,O=Tolem,C=KZ", 364)

    refused = await desk.types("certs", "install", *GATEWAY, "issued.pem", expect=2)
    assert "certs rotate" in refused
    await desk.types(
        "certs", "csr", *GATEWAY, "--out", "new.csr", "--cn", "tolem-gateway", "--key-type", "p-256"
    )
    wrong = await desk.types("certs", "rotate", *GATEWAY, "issued.pem", expect=2)
    assert "another key" in wrong
    await signed(desk, "new.csr", "new.pem")
    async with desk.gateway_running():
        taken = await desk.types("certs", "rotate", *GATEWAY, "new.pem")
        assert bank["fingerprint"] not in taken
        (desk.folder / "pass").write_text("a passphrase\n")
        await desk.types("certs", "export", *GATEWAY, "bank.p12", "--pkcs12", "pass")
        again = await desk.types("certs", "rotate", *GATEWAY, "bank.p12", "--pkcs12", "pass")
        assert "CN=tolem-gateway" in again
        foreign = foreign_ca.issue("tolem-gateway", server_names=())
        sign_p12(desk, foreign)
        options = ("--pkcs12", "pass", "--ca", str(foreign_ca.ca_path))
        refused = await desk.types("certs", "rotate", *GATEWAY, "foreign.p12", *options, expect=1)
        assert "the one in use stays" in refused
        assert "certificate_refused" in await desk.types("alarms", "list", *GATEWAY)
        assert "shakes hands" in await desk.types("certs", "check", *GATEWAY)
    refused = await desk.types("certs", "rotate", *GATEWAY, "bank.p12", "--pkcs12", "pass")
    assert "days_left" in refused, "nobody runs: the trial is a handshake of the command's own"


def sign_p12(desk: Desk, issued) -> None:
    chain = read_issued(issued.certificate.read_bytes())
    content = pkcs12_of(load_signing_key(issued.key), chain, b"a passphrase")
    (desk.folder / "foreign.p12").write_bytes(content)


@pytest.mark.long  # twenty processes; its parts are tested where they are, and the README's example enrols one
@pytest.mark.timeout(600)
async def test_a_terminal_is_enrolled_pays_and_is_shut_out(desk: Desk) -> None:
    await first_certificate(desk)
    await desk.types("terminals", "ca", *GATEWAY, "--server", "127.0.0.1")
    assert "not enrolled" in await desk.types("products", *ATM, expect=2)
    async with desk.gateway_running():
        code = code_in(await desk.types("terminals", "invite", *GATEWAY, "ATM00018"))
        slip = code[:-1] + ("0" if code[-1] != "0" else "1")
        assert "mistyped" in await desk.types("enrol", *ATM, "--code", slip, expect=2)
        await desk.types("enrol", *ATM, "--code", code.lower())
        assert (desk.folder / "atm.key").stat().st_mode & 0o777 == 0o600
        used = await desk.types("enrol", *ATM, "--code", code, expect=12)
        assert "enrolment_code_used" in used
        (listed,) = json.loads(await desk.types("terminals", "list", *GATEWAY, "--json"))
        assert (listed["terminal"], listed["state"]) == ("ATM00018", "enrolled")
        bill = ("--product", "dala-mobile", "--requisite", "account=7011234567", "--sum", "1500.00")
        paid = await desk.types("pay", *ATM, *bill)
        assert "paid" in paid
        assert "not pinned" in await desk.types("doctor", *ATM, expect=1)
        await desk.types("doctor", *GATEWAY)

        await desk.types("terminals", "revoke", *GATEWAY, "ATM00018", "--reason", "stolen")
        assert "terminal_revoked" in await desk.types("pay", *ATM, *bill, expect=12)
        assert "terminal revoked" in await desk.types("doctor", *ATM, expect=2)
        (listed,) = json.loads(await desk.types("terminals", "list", *GATEWAY, "--json"))
        assert listed["state"] == "revoked"
        code = code_in(await desk.types("terminals", "invite", *GATEWAY, "ATM00018"))
        await desk.types("enrol", *ATM, "--code", code)
        assert "paid" in await desk.types("pay", *ATM, *bill)
