"""What doctor says of this node's certificates: each cause by its name, from the files and from a real handshake."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agent.own_certificates import examine_eport, examine_files
from agent.readiness import Level
from agent.sample_settings import SandboxPlaces, gateway_sections, text
from agent.settings import load
from certs import tls
from certs.authority import Authority
from certs.identity import Identity
from certs.keys import load_private_key
from certs.throwaway import Issued, ThrowawayCa
from gateway.sandbox.server import Sandbox
from tests.certs.revocations import revocation_list
from tests.gateway.certificates.strict_peer import strict_peer


@pytest.fixture
async def sandbox(tmp_path):
    async with Sandbox.open(tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def settings(tmp_path, sandbox):
    """`settings(issued, **eport)`: of a gateway whose personal certificate is `issued`."""

    def make(issued: Issued, **eport):
        sections = gateway_sections(SandboxPlaces.of(sandbox))
        own = {"client_cert": issued.certificate, "client_key": issued.key, **eport}
        sections = {
            **sections,
            "node": {"id": "gateway", "data_dir": "node"},
            "eport": {**sections["eport"], **own},
        }
        path = tmp_path / "node.toml"
        path.write_text(text(sections), "utf-8")
        return load(path)

    return make


async def line(settings, now):
    [found] = [found async for found in examine_eport(settings, now=now)]
    return found.level, found.code


def file(settings, now):
    found = next(found for found in examine_files(settings, now=now) if found.part == "eport.client_cert")
    return found.level, found.code


async def test_all_is_well(settings, sandbox, system_time):
    good = settings(sandbox.bank)
    assert file(good, system_time()) == (Level.READY, "certificate.valid")
    assert await line(good, system_time()) == (Level.READY, "eport.shakes_hands")


@pytest.mark.parametrize(("days", "code"), [(61, "valid"), (60, "ends_soon"), (0, "ends_soon")])
def test_sixty_days_before_the_end_somebody_should_look(settings, sandbox, system_time, days, code):
    ending = sandbox.issuer.issue("tolem-gateway", lasts=timedelta(days=days, hours=1))
    assert file(settings(ending), system_time())[1] == f"certificate.{code}"


def test_expired_and_the_clock_are_told_apart(settings, sandbox, system_time):
    over = settings(sandbox.issuer.issue("tolem-gateway", lasts=timedelta(days=-1)))
    assert file(over, system_time()) == (Level.OBSTACLE, "certificate.expired")
    for wrong in (datetime(1970, 1, 1, tzinfo=UTC), datetime(2061, 1, 1, tzinfo=UTC)):
        good = settings(sandbox.bank)
        assert file(good, wrong) == (Level.OBSTACLE, "certificate.clock_broken")


def test_a_file_that_cannot_be_used_says_so(settings, sandbox, tmp_path, system_time):
    wrong = settings(sandbox.bank._replace(key=tmp_path / "none.key"))
    assert file(wrong, system_time()) == (Level.OBSTACLE, "certificate.unusable")


async def test_a_foreign_ca_is_named_on_either_side(settings, sandbox, foreign_ca, system_time):
    theirs = settings(sandbox.bank, ca=foreign_ca.ca_path)
    assert await line(theirs, system_time()) == (Level.OBSTACLE, "certificate.foreign_ca")
    server = tls.server_context(Identity.read(*sandbox.issuer.issue("e-port")), sandbox.ca)
    async with strict_peer(server) as url:
        ours = settings(foreign_ca.issue("tolem-gateway"), url=url)
        assert await line(ours, system_time()) == (Level.OBSTACLE, "certificate.foreign_ca")


async def test_a_wrong_name_is_named(settings, sandbox, system_time):
    other = sandbox.issuer.issue("other", server_names=("other.example",))
    async with strict_peer(tls.server_context(Identity.read(*other))) as url:
        found = await line(settings(sandbox.bank, url=url), system_time())
    assert found == (Level.OBSTACLE, "certificate.wrong_name")


async def test_a_revoked_server_is_named(settings, sandbox, tmp_path, system_time):
    now, key = system_time(), sandbox.issuer.issue("e-port").key
    ca = Authority.make(tmp_path / "e.pem", tmp_path / "e.key", name="e-port CA", now=now)
    own = ca.issue_to_server(load_private_key(key), names=["localhost"], now=now, lasts=timedelta(days=9))
    (tmp_path / "server.pem").write_bytes(own.public_bytes(Encoding.PEM))
    crl = revocation_list(tmp_path / "e.crl", own, tmp_path / "e.key", now=now)
    async with strict_peer(tls.server_context(Identity.read(tmp_path / "server.pem", key))) as url:
        found = await line(settings(sandbox.bank, url=url, ca=tmp_path / "e.pem", crl=crl), system_time())
    assert found == (Level.OBSTACLE, "certificate.revoked")


async def test_a_server_from_the_future_means_that_a_clock_is_wrong(settings, sandbox, tmp_path, system_time):
    ahead = ThrowawayCa(tmp_path / "ahead", now=lambda: system_time() + timedelta(days=2))
    async with strict_peer(tls.server_context(Identity.read(*ahead.issue("e-port")))) as url:
        found = await line(settings(sandbox.bank, url=url, ca=ahead.ca_path), system_time())
    assert found == (Level.OBSTACLE, "certificate.clock_broken")


async def test_nobody_there_is_no_certificates_fault(settings, sandbox, unused_tcp_port, system_time):
    silent = settings(sandbox.bank, url=f"https://localhost:{unused_tcp_port}")
    assert await line(silent, system_time()) == (Level.WARNING, "eport.unreachable")
