"""The command line beside processes that run: whoever owns a store is asked, and nobody takes it from him."""

import json

import pytest

pytestmark = pytest.mark.processes


def test_a_second_sandbox_in_one_folder_refuses_to_start(tolem, sandbox):
    before = (sandbox / "sandbox.json").read_text()
    result = tolem("sandbox", "--folder", sandbox)
    assert (result.exit_code, "Another process owns" in result.stderr) == (2, True)
    assert (sandbox / "sandbox.json").read_text() == before


def test_a_running_agent_is_asked_and_a_second_one_refuses_to_start(tolem, pay, config, process):
    agent = process("agent", "--config", config, ready="agent.listening")
    paid = pay("7011234567", "--json")
    assert (paid.exit_code, json.loads(paid.stdout)["ending"]) == (0, "paid")
    assert tolem("doctor", "--config", config).exit_code == 0
    [row] = json.loads(tolem("payments", "list", "--config", config, "--json").stdout)
    assert row["state"] == "PAID"
    second = tolem("agent", "--config", config)
    assert (second.exit_code, "Another process owns this store" in second.stderr) == (2, True)
    assert tolem("pay", "--config", config, "--product", "x", "--requisite", "a=b").exit_code == 2
    assert agent.stop() == 0


def test_a_gateway_that_runs_from_the_same_file_is_used(pay, config, process):
    gateway = process("gateway", "--config", config, ready="gateway.started")
    assert pay("7011234567").exit_code == 0
    assert gateway.stop() == 0
    assert any("PAYMENT_ACCEPTED" in line for line in gateway.heard)


def test_what_a_node_keeps_is_nobody_elses(pay, config):
    assert pay("7011234567").exit_code == 0
    kept = [path for path in (config.parent / "node").rglob("*") if not path.is_dir()]
    open_to_others = {path.name for path in kept if path.stat().st_mode & 0o077}
    assert {"pin_pad.counter", "000001.png", "agent.db"} <= {path.name for path in kept}
    assert open_to_others == set()
