"""`tolem office`: who is let in to the operators' page."""

import pytest
from typer.testing import CliRunner

from agent.cli.app import app
from agent.sample_settings import text
from gateway.office.passwords import NAME

PASSWORD = "тоғыз-жолдың-торабы"


@pytest.fixture
def office(tmp_path, throwaway_ca):
    bank = throwaway_ca.issue("tolem-gateway", server_names=())
    sections = {
        "node": {"id": "gateway", "data_dir": "data"},
        "eport": {
            "url": "https://localhost:1",
            "point": "10001",
            "client_cert": bank.certificate,
            "client_key": bank.key,
            "ca": throwaway_ca.ca_path,
        },
        "card_host": {"address": "127.0.0.1:1", "acquirer": "400001", "merchant": "TOLEM0000000001"},
        "catalogue": {"file": "demo.toml"},
        "office": {"listen": "127.0.0.1:8095"},
    }
    config = tmp_path / "gateway.toml"
    config.write_text(text(sections), "utf-8")

    def run(*arguments, typed=""):
        return CliRunner().invoke(app, ["office", *arguments, "--config", str(config)], input=typed)

    return run


def test_a_password_is_asked_for_twice_and_opens_at_once(office, tmp_path) -> None:
    told = office("password", "Asel K.", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert told.exit_code == 0
    assert PASSWORD not in told.output
    assert PASSWORD not in (tmp_path / "data" / NAME).read_text("utf-8")
    assert office("list").stdout == "Asel K.\n"


def test_a_bad_password_is_refused_without_being_quoted(office) -> None:
    told = office("password", "Asel K.", typed="asel k.12345\nasel k.12345\n")
    assert told.exit_code == 2
    assert "asel k.12345" not in told.output
    assert office("list").stdout == ""


def test_who_is_removed_is_in_the_list_no_more(office) -> None:
    office("password", "Asel K.", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert office("remove", "Asel K.").exit_code == 0
    assert office("list").stdout == ""
    assert office("remove", "Asel K.").exit_code == 2


@pytest.mark.parametrize("listen", ["0.0.0.0:8095", "bank.example:8095"])
def test_off_this_machine_it_needs_tls_and_a_certificate(office, tmp_path, listen) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(config.read_text("utf-8").replace("127.0.0.1:8095", listen), "utf-8")
    told = office("list")
    assert told.exit_code == 2
    assert "tls = true" in told.output
    config.write_text(config.read_text("utf-8").replace("[office]", "[office]\ntls = true"), "utf-8")
    assert "gateway.cert" in office("list").output
