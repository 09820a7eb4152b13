"""What a start refuses before it has touched anything, and who a terminal may say that it is (issue: bad input)."""

import asyncio
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random

import apsw
import pytest
from typer.testing import CliRunner

from agent.cli.app import app
from agent.sample_settings import DEVICES, text
from agent.settings import gateway_part, load
from agent.terminal import open_terminal
from certs.errors import CertError, CertificateExpiredError
from gateway.providers.catalogue import CatalogueError
from gateway.service import Gateway
from gateway.settings import SettingsError
from spool import KeyFileError, MigrationChanged, Spool, StoreBusy, StoreError, StoreTooNew, StoreUnsafe


def now():
    return datetime.now(UTC)


@dataclass
class Node:
    """A node's sections, and its folder."""

    folder: Path
    sections: dict

    @property
    def path(self):
        return self.folder / "node.toml"

    @property
    def data(self):
        return self.folder / "node"

    def settings(self):
        self.path.write_text(text(self.sections), "utf-8")
        return load(self.path)

    async def start(self):
        async with open_terminal(self.settings(), now=now, random=Random(1)):
            pass

    @property
    def touched(self):
        return self.data.exists()


@pytest.fixture
def both(tmp_path, throwaway_ca):
    """A terminal with its own gateway; nobody is there outside."""
    bank = throwaway_ca.issue("tolem-gateway", server_names=())
    return Node(
        tmp_path,
        {
            "node": {"id": "ATM00017", "data_dir": "node"},
            "eport": {
                "url": "https://localhost:1",
                "point": "10001",
                "client_cert": str(bank.certificate),
                "client_key": str(bank.key),
                "ca": str(throwaway_ca.ca_path),
            },
            "card_host": {"address": "127.0.0.1:1", "acquirer": "123456", "merchant": "TOLEM0000000001"},
            "catalogue": {"file": str(files("gateway.providers") / "demo.toml")},
            **DEVICES,
        },
    )


@pytest.fixture
def remote(tmp_path, throwaway_ca):
    """A terminal whose gateway is elsewhere, and which shows the certificate of `name` there."""

    def make(name):
        own = throwaway_ca.issue(name, server_names=())
        agent = {
            "gateway_url": "https://localhost:1",
            "cert": str(own.certificate),
            "key": str(own.key),
            "ca": str(throwaway_ca.ca_path),
        }
        return Node(tmp_path, {"node": {"id": "ATM00017", "data_dir": "node"}, "agent": agent, **DEVICES})

    return make


async def test_a_key_of_another_certificate_changes_nothing(both, throwaway_ca):
    both.sections["eport"]["client_key"] = str(throwaway_ca.issue("other").key)
    with pytest.raises(CertError):
        await both.start()
    assert not both.touched


async def test_an_expired_certificate_changes_nothing(both, throwaway_ca):
    over = throwaway_ca.issue("tolem-gateway", lasts=-timedelta(days=1))
    both.sections["eport"] |= {"client_cert": str(over.certificate), "client_key": str(over.key)}
    with pytest.raises(CertificateExpiredError):
        await both.start()
    assert not both.touched


async def test_a_missing_ca_changes_nothing(both, tmp_path):
    both.sections["eport"]["ca"] = str(tmp_path / "none.pem")
    with pytest.raises(CertError):
        await both.start()
    assert not both.touched


async def test_a_faulty_catalogue_changes_nothing_and_is_named(both, tmp_path):
    (tmp_path / "catalogue.toml").write_text("[[group]\n")
    both.sections["catalogue"]["file"] = "catalogue.toml"
    with pytest.raises(CatalogueError, match=r"catalogue\.toml: not TOML"):
        await both.start()
    assert not both.touched


@pytest.mark.parametrize(
    ("section", "key"), [("gateway", "socket"), ("gateway", "control"), ("agent", "control")]
)
async def test_a_socket_that_cannot_be_made_changes_nothing_and_is_named(both, tmp_path, section, key):
    taken = tmp_path / "a_file"
    taken.touch()
    for path in (str(taken), str(tmp_path / ("d" * 110))):
        both.sections[section] = {key: path}
        with pytest.raises(SettingsError, match=rf"{section}\.{key}: "):
            await both.start()
        assert not both.touched


async def test_a_terminal_shows_no_other_ones_certificate(remote):
    node = remote("ATM00018")
    with pytest.raises(SettingsError, match=r"agent\.cert: .* ATM00018 .* ATM00017"):
        await node.start()
    assert not node.touched


async def test_a_terminal_shows_its_own_certificate(remote):
    node = remote("ATM00017")
    await node.start()
    assert node.touched


STORES = ("agent.db", "gateway.db")
_APPLIED_LATER = "INSERT INTO migration VALUES ('spool', 9999, '9999_later.sql', 'x', 0)"
_APPLIED_OTHERWISE = "UPDATE migration SET sha256 = 'x' WHERE number = 1"


@pytest.fixture
async def lived(both):
    """A node that was started and stopped: its two stores are there."""
    await both.start()
    return both


@pytest.fixture
def lived_before(both):
    """The same for a test of a command, which has a loop of its own."""
    asyncio.run(both.start())
    return both


def put(store, sql):
    connection = apsw.Connection(str(store))
    connection.execute(sql)
    connection.close()


def newer(store):
    put(store, _APPLIED_LATER)


def with_another_migration(store):
    put(store, _APPLIED_OTHERWISE)


def garbage(store):
    store.write_bytes(b"not a store" * 1000)


def without_its_key(store):
    store.with_name(f"{store.name}.key").unlink()


@pytest.mark.parametrize("name", STORES)
@pytest.mark.parametrize(
    ("spoil", "refused"),
    [
        (newer, StoreTooNew),
        (with_another_migration, MigrationChanged),
        (garbage, StoreUnsafe),
        (without_its_key, KeyFileError),
    ],
)
async def test_a_store_that_cannot_be_used_changes_no_byte_of_either(lived, contents, name, spoil, refused):
    spoil(lived.data / name)
    before = contents(lived.data)
    with pytest.raises(refused, match=str(lived.data / name)):
        await lived.start()
    assert contents(lived.data) == before


@pytest.mark.parametrize("name", STORES)
async def test_a_store_in_use_changes_no_byte_of_either(lived, contents, name):
    spool = await Spool.open(lived.data / name, rooms=[], now=now, random=Random(1))
    async with spool:
        before = contents(lived.data)
        with pytest.raises(StoreBusy, match=str(lived.data / name)):
            await lived.start()
        assert contents(lived.data) == before


async def test_a_gateway_alone_changes_no_byte_of_a_store_that_is_newer(lived, contents):
    newer(lived.data / "gateway.db")
    before = contents(lived.data)
    part = gateway_part(lived.settings())
    with pytest.raises(StoreError, match=r"gateway\.db: .* newer version"):
        async with Gateway.open(part, node=part.node, now=now, random=Random(1)):
            pass
    assert contents(lived.data) == before


@pytest.mark.parametrize("key", ["listen", "monitor"])
async def test_a_port_in_use_changes_nothing_and_is_named(lived, contents, throwaway_ca, key):
    own = throwaway_ca.issue("gateway.bank")
    lived.sections["gateway"] = {
        "cert": str(own.certificate),
        "key": str(own.key),
        "terminal_ca": str(throwaway_ca.ca_path),
    }
    before = contents(lived.data)
    with socket.create_server(("127.0.0.1", 0)) as other:
        lived.sections["gateway"][key] = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(SettingsError, match=rf"gateway\.{key}: cannot listen at 127"):
            await lived.start()
    assert contents(lived.data) == before
    await lived.start()


@pytest.mark.parametrize(("section", "key"), [("gateway", "control"), ("agent", "control")])
async def test_a_socket_where_another_process_listens_changes_nothing(
    lived, contents, tmp_path, section, key
):
    lived.sections[section] = {key: str(tmp_path / "another.sock")}
    before = contents(lived.data)
    other = await asyncio.start_unix_server(lambda _reader, writer: writer.close(), tmp_path / "another.sock")
    async with other:
        with pytest.raises(SettingsError, match=rf"{section}\.{key}: another process listens"):
            await lived.start()
    assert contents(lived.data) == before


@pytest.mark.parametrize(
    ("section", "key", "refused"), [("catalogue", "file", CatalogueError), ("eport", "client_key", CertError)]
)
async def test_a_wrong_file_changes_no_byte(lived, contents, tmp_path, section, key, refused):
    wrong = tmp_path / "wrong"
    wrong.write_text("[[group]]\n")
    wrong.chmod(0o600)
    lived.sections[section][key], before = str(wrong), contents(lived.data)
    with pytest.raises(refused):
        await lived.start()
    assert contents(lived.data) == before


@pytest.mark.parametrize("command", ["agent", "pay --product p --requisite a=1", "gateway"])
def test_a_command_says_which_store_is_newer_with_exit_code_2(lived_before, contents, command):
    newer(lived_before.data / "gateway.db")
    before = contents(lived_before.data)
    told = CliRunner().invoke(app, [*command.split(), "--config", str(lived_before.path)])
    assert told.exit_code == 2
    assert f"{lived_before.data / 'gateway.db'}: " in told.stderr
    assert contents(lived_before.data) == before


LOOKS = ("spool list", "spool list --store agent", "payments list", "payments list --journeys", "doctor")


@pytest.mark.parametrize("command", LOOKS)
def test_who_looks_at_a_node_that_does_not_run_changes_no_byte(lived_before, contents, command):
    before = contents(lived_before.data)
    told = CliRunner().invoke(app, [*command.split(), "--config", str(lived_before.path)])
    assert told.exit_code == (2 if command == "doctor" else 0), told.stderr  # nobody is there outside
    assert contents(lived_before.data) == before


def test_the_doctor_of_a_node_that_was_never_started_makes_nothing(both):
    both.settings()
    told = CliRunner().invoke(app, ["doctor", "--config", str(both.path)])
    assert "card host unreachable" in told.stdout, told.stderr
    assert not both.touched
