"""`tolem catalogue` as its operator meets it: files, a store that was begun once, exit codes."""

import asyncio
import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from agent.cli.app import app
from agent.sample_settings import text
from gateway.migrations import ROOMS
from spool import Spool

DEMO = (Path(str(files("gateway.providers"))) / "demo.toml").read_text("utf-8")
REASON = ("--reason", "new tariffs", "--by", "asel")


@pytest.fixture
def config(tmp_path, throwaway_ca):
    """A gateway whose store was begun, and that does not run."""
    bank = throwaway_ca.issue("tolem-gateway", server_names=())
    (tmp_path / "first.toml").write_text(DEMO, "utf-8")
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
        "catalogue": {"file": "first.toml", "public_key": "bank.key.pub", "sign_key": "bank.key"},
    }
    (tmp_path / "gateway.toml").write_text(text(sections), "utf-8")
    (tmp_path / "data").mkdir()

    async def begin():
        store = tmp_path / "data" / "gateway.db"
        opening = Spool.open(store, rooms=ROOMS, now=lambda: datetime.now(UTC), random=Random(1))
        async with await opening:
            pass

    asyncio.run(begin())
    return tmp_path / "gateway.toml"


@pytest.fixture
def catalogue():
    def _catalogue(*arguments):
        return CliRunner().invoke(app, ["catalogue", *map(str, arguments)])

    return _catalogue


@pytest.fixture
def key(catalogue, tmp_path):
    assert catalogue("new-key", tmp_path / "bank.key").exit_code == 0
    return tmp_path / "bank.key"


@pytest.fixture
def publish(catalogue, config, key, tmp_path):
    def _publish(percent, *more):
        file = tmp_path / f"{percent}.toml"
        file.write_text(DEMO.replace('percent = "1.5"', f'percent = "{percent}"'), "utf-8")
        return catalogue("publish", "--config", config, file, *REASON, "--json", *more)

    return _publish


@pytest.fixture
def percent_in_force(catalogue, config, tmp_path):
    """What kokjiek-mobile costs, by what differs from the demo's file."""

    def look():
        done = catalogue("diff", "--config", config, tmp_path / "first.toml", "--json")
        told = {it["before"] for it in json.loads(done.stdout) if "percent" in it["field"]}
        return told.pop() if told else "1.5 %"

    return look


def test_a_key_is_made_for_its_owner_alone_and_never_over_another(key, catalogue) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.with_name("bank.key.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----")
    assert catalogue("new-key", key).exit_code == 2


def test_a_file_is_checked_and_every_error_has_its_path(catalogue, tmp_path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(DEMO, "utf-8")
    bad.write_text(DEMO.replace('code = "account"', 'kode = "account"', 2), "utf-8")
    assert catalogue("check", good).exit_code == 0
    refused = catalogue("check", bad)
    assert refused.exit_code == 2
    assert all(f"product[{place}].requisite[0].code: is missing" in refused.stderr for place in (0, 1))
    assert catalogue("check", tmp_path / "nowhere.toml").exit_code == 2


def test_a_version_is_published_signed_and_listed(publish, catalogue, config, percent_in_force) -> None:
    done = publish("2")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["number"], told["in_force"], told["by"]) == (1, True, "asel")
    assert told["signed_by"] is not None
    assert percent_in_force() == "2 %"
    listed = catalogue("list", "--config", config)
    assert "new tariffs" in listed.stdout


def test_without_the_key_nothing_is_published(publish, catalogue, config, key, tmp_path) -> None:
    catalogue("new-key", tmp_path / "foreign.key")
    refused = publish("2", "--key", tmp_path / "foreign.key")
    assert refused.exit_code == 2
    assert "catalogue.public_key did not make its signature" in refused.stderr
    key.chmod(0o644)
    assert "chmod 600" in publish("2").stderr
    assert catalogue("list", "--config", config, "--json").stdout.strip() == "[]"


def test_a_version_of_another_day_waits_for_it(publish, percent_in_force) -> None:
    told = json.loads(publish("2", "--effective", "2999-01-01T00:00").stdout)
    assert (told["in_force"], told["effective_at"]) == (False, "2998-12-31T19:00:00+00:00")
    assert percent_in_force() == "1.5 %"
    assert publish("3", "--effective", "tomorrow").exit_code == 2
    assert publish("3", "--effective", "2020-01-01T00:00").exit_code == 2


def test_going_back_is_a_new_version_with_the_old_content(
    publish, catalogue, config, percent_in_force
) -> None:
    assert catalogue("rollback", "--config", config, *REASON).exit_code == 2  # nothing was published
    publish("2")
    assert catalogue("rollback", "--config", config, *REASON).exit_code == 2  # nothing before it
    publish("3")
    done = catalogue("rollback", "--config", config, *REASON, "--json")
    told = json.loads(done.stdout)
    assert (told["number"], told["copy_of"], told["in_force"], percent_in_force()) == (3, 1, True, "2 %")
    again = json.loads(catalogue("rollback", "--config", config, *REASON, "--to", 2, "--json").stdout)
    assert (again["number"], again["copy_of"], percent_in_force()) == (4, 2, "3 %")
    assert catalogue("rollback", "--config", config, *REASON, "--to", 99).exit_code == 2


def test_what_differs_from_the_agreed_list_is_told_by_product_and_exit_1(
    catalogue, config, key, tmp_path
) -> None:
    agreed = tmp_path / "agreed.csv"
    head = "product;minimum;maximum;fee_percent;fee_minimum;fee_maximum;fee_fixed;requisites"
    agreed.write_text(f"{head}\nkokjiek-mobile;1.00;2.00;1.5;;;;account\n", "utf-8")
    done = catalogue("agree", "--config", config, agreed, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    fields = {it["field"]: it["agreed"] for it in told if it["product"] == "kokjiek-mobile"}
    assert (fields["minimum"], fields["maximum"]) == ("1.00", "2.00")
    assert {"product": "samal-internet", "field": "", "catalogue": "is there", "agreed": None} in told
    agreed.write_text("product\n", "utf-8")
    assert catalogue("agree", "--config", config, agreed).exit_code == 2


def test_a_provider_is_switched_off_and_on(catalogue, config, key) -> None:
    turned = catalogue("switch", "off", "--config", config, "samal", *REASON, "--json")
    assert json.loads(turned.stdout) == {"provider": "samal", "off": True, "turned": True}
    assert catalogue("switch", "on", "--config", config, "samal", *REASON).exit_code == 0
    listed = json.loads(catalogue("switch", "list", "--config", config, "--json").stdout)
    assert [turn["off"] for turn in listed] == [False, True]
    assert catalogue("switch", "off", "--config", config, "nobody", *REASON).exit_code == 2
