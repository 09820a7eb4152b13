"""A technician at the command line: beside a terminal that runs, or at one that does not."""

import json
import stat
import zipfile

import pytest
from typer.testing import CliRunner

from agent.cli.app import app
from agent.technician.pin_file import NAME

pytestmark = pytest.mark.processes


def test_devices_are_listed_with_what_they_say_and_their_tests(tolem, config):
    devices = json.loads(tolem("devices", "list", "--config", config, "--json").stdout)
    assert [device["device"] for device in devices] == ["reader", "pin_pad", "printer"]
    shown = tolem("devices", "list", "--config", config).stdout
    for word in ("escpos", "PASS", "printer.sheet", "pin_pad.keypad"):
        assert word in shown


@pytest.mark.parametrize("columns", [80, 120])
def test_no_value_is_cut_at_any_width(tolem, config, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    for command in (("devices", "list"), ("devices", "test"), ("doctor",)):
        shown = tolem(*command, "--config", config).stdout
        assert max(map(len, shown.splitlines())) <= columns
        assert "…" not in shown


def test_every_quick_test_passes_and_the_exit_code_says_so(tolem, config):
    result = tolem("devices", "test", "--config", config, "--json")
    assert result.exit_code == 0, result.stderr
    results = json.loads(result.stdout)
    assert {one["test"] for one in results} >= {"reader.status", "pin_pad.self_test", "printer.status"}
    assert {"verdict", "measured", "next_step", "who", "when"} <= set(results[0])


def test_a_device_that_does_not_answer_is_exit_2_with_the_next_step(tolem, config):
    text = config.read_text()
    config.write_text(
        text.replace('driver = "escpos"\nport = "emulator"', 'driver = "escpos"\nport = "/dev/null/no"')
    )
    result = tolem("devices", "test", "printer", "--config", config)
    assert result.exit_code == 2
    assert "NOT ANSWERED" in result.stdout
    assert "Check its cable" in " ".join(result.stdout.split())
    assert "staff, now" in " ".join(result.stdout.split())


def test_a_test_that_is_not_there_is_refused_with_those_that_are(tolem, config):
    result = tolem("devices", "test", "scale", "--config", config)
    assert result.exit_code == 2
    assert "There is no such test" in result.stderr
    assert "pin_pad.keypad" in " ".join(result.stderr.split())


def test_what_is_plugged_in_is_found_without_opening_anything(tolem, config):
    result = tolem("devices", "scan", "--config", config, "--json")
    assert result.exit_code == 0, result.stderr
    assert set(json.loads(result.stdout)) == {"found", "no_readers"}


def test_doctor_tells_verdict_measured_next_step_and_who_must_come(tolem, config):
    told = json.loads(tolem("doctor", "--config", config, "--json").stdout)
    assert (told["exit"], told["who"]) == (0, "nobody")
    assert {"part", "level", "code", "detail", "verdict", "next_step", "who", "when"} == set(
        told["findings"][0]
    )
    assert "nobody has to come" in tolem("doctor", "--config", config).stdout


def test_a_report_is_printed_on_the_terminals_own_printer(tolem, config):
    result = tolem("doctor", "--print", "--config", config)
    assert "report: printed" in result.stderr


def test_a_bundle_is_a_file_for_its_owner_alone(tolem, config, tmp_path):
    out = tmp_path / "support.zip"
    result = tolem("support-bundle", "--config", config, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as archive:
        assert {"report.json", "settings.json", "versions.json"} <= set(archive.namelist())


def test_a_service_pin_is_asked_for_twice_and_kept_as_a_hash(config):
    arguments = ["service", "pin", "--config", str(config)]
    refused = CliRunner().invoke(app, arguments, input="123456\n123456\n")
    assert refused.exit_code == 2
    assert "everybody tries first" in refused.stderr
    assert CliRunner().invoke(app, arguments, input="284015\n284015\n").exit_code == 0
    [file] = config.parent.rglob(str(NAME))
    assert "284015" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
