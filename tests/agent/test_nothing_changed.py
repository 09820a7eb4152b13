"""What a start refuses before it has touched anything, and who a terminal may say that it is (issue: bad input)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest

from agent.sample_settings import DEVICES, text
from agent.settings import load
from agent.terminal import open_terminal
from certs.errors import CertError
from gateway.providers.catalogue import CatalogueError
from gateway.settings import SettingsError


def now():
    return datetime.now(UTC)


@dataclass
class Node:
    """A node's sections, and its folder."""

    folder: Path
    sections: dict

    async def start(self):
        path = self.folder / "node.toml"
        path.write_text(text(self.sections), "utf-8")
        async with open_terminal(load(path), now=now, random=Random(1)):
            pass

    @property
    def touched(self):
        return (self.folder / "node").exists()


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
    with pytest.raises(CertError):
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
