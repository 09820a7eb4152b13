"""The command line as a person and a script meet it, against a sandbox that is a process of its own."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

import pytest

import agent
from agent import VERSION
from gateway.alarms import raise_alarm
from gateway.migrations import ROOMS
from spool import Spool

pytestmark = pytest.mark.processes

KEYS = ["payment_id", "ending", "state", "txn_id", "eport_id", "rrn", "sum", "fee", "total", "receipt"]
ROOT = Path(agent.__file__).parent.parent


def test_a_script_gets_one_line_of_json_and_nothing_else_on_stdout(pay):
    result = pay("7011234567", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert list(told) == KEYS
    assert result.stdout.count("\n") == 1
    assert (told["ending"], told["state"], told["receipt"]) == ("paid", "PAID", "000001")
    assert (told["sum"], told["fee"], told["total"]) == ("1500.00", "0.00", "1500.00")


def test_a_person_is_told_every_step_and_where_the_picture_is(pay):
    result = pay("7011234567")
    for word in ("account", "total", "PIN", "paid", "receipt", "000001.png"):
        assert word in result.stderr.replace("\n", "")
    assert not result.stdout


@pytest.mark.parametrize(
    ("account", "code", "ending", "state"),
    [
        ("7015900005", 10, "refused", None),
        ("7015911005", 10, "refused", "RELEASED"),
        ("7015933090", 11, "in_processing", "PENDING"),
    ],
)
def test_each_ending_has_its_exit_code(pay, account, code, ending, state):
    result = pay(account, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ending"], told["state"]) == (code, ending, state)


def test_a_card_host_that_is_not_there_is_out_of_service(pay, config):
    text = config.read_text()
    address = next(line for line in text.splitlines() if line.startswith("address"))
    config.write_text(text.replace(address, 'address = "127.0.0.1:9"'))
    result = pay("7011234567", "--json")
    assert (result.exit_code, json.loads(result.stdout)["ending"]) == (12, "out_of_service")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--product", "dala-mobl", "--requisite", "account=7011234567"], "did you mean dala-mobile?"),
        (["--product", "dala-mobile", "--requisite", "account=701"], "an example is +7 (701) 123-45-67"),
        (["--product", "dala-mobile", "--requisite", "phone=7011234567"], "it is not asked for"),
        (["--product", "dala-mobile", "--requisite", "account"], "is not code=value"),
        (["--product", "dala-mobile", "--requisite", "account=7011234567", "--sum", "1"], "such as 1500.00"),
        (
            ["--product", "dala-mobile", *("--requisite", "account=7011234567") * 2],
            "account is given more than once",
        ),
        (["--product", "samal-tv", "--requisite", "account=9001441", "--sum", "1.00"], "package"),
    ],
)
def test_what_cannot_be_paid_is_usage_and_sends_nothing(tolem, config, arguments, told):
    result = tolem("pay", "--config", config, *arguments)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


@pytest.mark.parametrize("command", ["pay", "agent", "gateway", "doctor"])
def test_settings_that_cannot_be_used_stop_every_command(tolem, config, command):
    config.write_text(config.read_text().replace("[eport]", "[eport]\nulr = 1"))
    more = ["--product", "dala-mobile", "--requisite", "account=7011234567"] if command == "pay" else []
    result = tolem(command, "--config", config, *more)
    assert result.exit_code == 2
    assert "eport.ulr: no such key; did you mean url?" in result.stderr
    assert not (config.parent / "node").exists()


def test_a_key_that_does_not_fit_its_certificate_changes_nothing(tolem, config, foreign_ca):
    text = config.read_text()
    key = next(line for line in text.splitlines() if line.startswith("client_key"))
    config.write_text(text.replace(key, f'client_key = "{foreign_ca.issue("other").key}"'))
    result = tolem("gateway", "--config", config)
    assert result.exit_code == 2
    assert not (config.parent / "node").exists()


def test_what_was_paid_can_be_listed_shown_and_followed(pay, tolem, config):
    paid = json.loads(pay("7011234567", "--json").stdout)
    [row] = json.loads(tolem("payments", "list", "--config", config, "--json").stdout)
    assert (row["payment_id"], row["state"]) == (paid["payment_id"], "PAID")
    numbers = [paid[name] for name in ("payment_id", "txn_id", "rrn", "eport_id", "receipt")]
    for number in [*numbers, row["check_id"], f"{row['accepted_at'][:16]}Z@ATM00017"]:
        story = json.loads(tolem("payments", "show", number, "--config", config, "--json").stdout)
        assert story["payment"]["payment_id"] == paid["payment_id"], number
        assert story["journey"]["receipt_number"] == paid["receipt"], number
    by_stan = f"{story['payment']['stan']}@ATM00017"
    story = json.loads(tolem("payments", "show", by_stan, "--config", config, "--json").stdout)
    assert story["payment"]["payment_id"] == paid["payment_id"]
    assert [move["event"] for move in story["payment"]["history"]][-1] == "CAPTURED"
    told = tolem("payments", "show", paid["receipt"], "--config", config).stdout
    assert "HOLD_APPROVED" in told
    [journey] = json.loads(tolem("payments", "list", "--journeys", "--config", config, "--json").stdout)
    assert journey["ending"] == "paid"


@pytest.mark.parametrize("number", ["receipt", "rrn", "eport_id", "payment_id"])
def test_a_cancel_is_ordered_by_whatever_number_the_customer_has(pay, tolem, config, number):
    paid = json.loads(pay("7011234567", "--json").stdout)
    result = tolem("payments", "cancel", paid[number], "--reason", "asked", "--config", config)
    assert (result.exit_code, "This cannot be cancelled" in result.stderr) == (2, True)


async def _raise_alarm(store, payment_id):
    random = SystemRandom()
    async with await Spool.open(store, rooms=ROOMS, now=lambda: datetime.now(UTC), random=random) as spool:
        await spool.write(lambda tx: raise_alarm(tx, "payment_id_conflict", subject=payment_id, detail="x"))


def test_alarms_are_found_by_whatever_number_the_customer_has(pay, tolem, config):
    paid = json.loads(pay("7011234567", "--json").stdout)
    asyncio.run(_raise_alarm(config.parent / "node" / "gateway.db", paid["payment_id"]))
    for number in ("receipt", "rrn", "txn_id", "payment_id"):
        listed = tolem("alarms", "list", "--about", paid[number], "--config", config, "--json").stdout
        assert [alarm["name"] for alarm in json.loads(listed)] == ["payment_id_conflict"], number
    nothing = tolem("alarms", "list", "--about", "ATM00018", "--config", config)
    assert (nothing.exit_code, "No alarm was ever raised about ATM00018" in nothing.stderr) == (0, True)


def test_what_nobody_knows_is_said_so(pay, tolem, config):
    pay("7011234567")
    result = tolem("payments", "show", "999999999999", "--config", config)
    assert (result.exit_code, "There is no such payment" in result.stderr) == (2, True)


def test_a_store_that_was_never_made_is_not_made_by_looking(tolem, config):
    result = tolem("spool", "list", "--config", config)
    assert (result.exit_code, "There is no store yet" in result.stderr) == (2, True)
    assert not (config.parent / "node").exists()


def test_the_spool_can_be_looked_into(pay, tolem, config):
    pay("7015933090")
    entries = json.loads(tolem("spool", "list", "--config", config, "--json").stdout)
    assert "eport.payment" in {entry["kind"] for entry in entries}
    shown = tolem("spool", "show", str(entries[0]["id"]), "--config", config)
    assert "attempts" in shown.stdout
    [question] = json.loads(tolem("spool", "list", "--store", "agent", "--config", config, "--json").stdout)
    assert question["kind"] == "gateway.resolve"
    refused = tolem("spool", "close", str(question["id"]), "--reason", "test", "--config", config)
    assert refused.exit_code == 2


def test_doctor_finds_a_node_in_service(tolem, config):
    result = tolem("doctor", "--config", config, "--json")
    findings = json.loads(result.stdout)["findings"]
    assert result.exit_code == 0, findings
    assert {"reader", "pin_pad", "printer", "store", "gateway", "clock"} <= {
        item["part"] for item in findings
    }
    assert "in service" in tolem("doctor", "--config", config).stdout


def test_doctor_says_what_keeps_a_node_out_of_service(tolem, config):
    text = config.read_text()
    address = next(line for line in text.splitlines() if line.startswith("address"))
    config.write_text(text.replace(address, 'address = "127.0.0.1:9"'))
    result = tolem("doctor", "--config", config)
    assert result.exit_code == 2
    assert "card host unreachable" in result.stdout


def test_products_can_be_listed(tolem, config):
    result = tolem("products", "--config", config)
    assert result.exit_code == 0
    assert "account=7071234567" in result.stdout


def test_a_demo_of_what_does_not_exist_is_usage(tolem, tmp_path):
    result = tolem("demo", "--folder", tmp_path / "run", "--pay", "--faults", "gremlins")
    assert result.exit_code == 2
    assert "there are silence, delay, cut" in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "run").exists()


def test_the_version_is_the_projects(tolem):
    assert tolem("--version").stdout.strip() == f"tolem {VERSION}"
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_a_gateway_that_is_not_there_is_out_of_service_in_json_too(tolem, config, tmp_path):
    text = config.read_text()
    own = text[: text.index("[eport]")] + text[text.index("[devices.") :]
    config.write_text(own + f'[agent]\nsocket = "{tmp_path / "nobody.sock"}"\n')
    arguments = ("--product", "dala-mobile", "--requisite", "account=7011234567", "--json")
    result = tolem("pay", "--config", config, *arguments)
    told = json.loads(result.stdout)
    assert (result.exit_code, told.pop("ending"), set(told.values())) == (12, "out_of_service", {None})
    assert "The gateway is not reachable" in result.stderr
