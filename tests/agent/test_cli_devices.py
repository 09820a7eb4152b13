"""A technician at the command line: beside a terminal that runs, or at one that does not."""

import asyncio
import io
import json
import re
import stat
import zipfile

import aiohttp
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


@pytest.mark.parametrize(("typed", "verdict", "code"), [("y", "PASS", 0), ("n", "FAIL", 2)])
def test_a_guided_test_tells_asks_and_goes_by_the_answer(config, typed, verdict, code):
    arguments = ["devices", "test", "printer.sheet", "--config", str(config), "--json"]
    result = CliRunner().invoke(app, arguments, input=f"{typed}\n")
    assert result.exit_code == code, result.stderr
    assert "QR code clear" in result.output
    [told] = json.loads(result.stdout.splitlines()[-1])  # the runner writes the question there, too
    assert (told["test"], told["verdict"]) == ("printer.sheet", verdict)


def test_a_guided_test_at_an_agent_that_runs_gives_the_terminal_back(config, tolem, process, pay):
    agent = process("agent", "--config", config, ready="agent.listening")
    arguments = ["devices", "test", "printer.sheet", "--config", str(config)]
    result = CliRunner().invoke(app, arguments, input="y\n")
    assert result.exit_code == 0, result.stderr
    assert "In a technician's hands" in result.stderr
    assert pay("7011234567").exit_code == 0
    assert agent.stop() == 0


def test_an_agent_serves_the_service_page_where_its_settings_have_one(config, process, unused_tcp_port):
    address = f"127.0.0.1:{unused_tcp_port}"
    config.write_text(f'{config.read_text()}\n[agent.service]\nlisten = "{address}"\n')
    set_pin = ["service", "pin", "--config", str(config)]
    assert CliRunner().invoke(app, set_pin, input="284015\n284015\n").exit_code == 0
    agent = process("agent", "--config", config, ready="service.listening")
    told, bundle = asyncio.run(_seen_by_a_technician(f"http://{address}"))
    assert {one["part"] for one in told["findings"]} >= {
        "reader",
        "printer",
        "gateway",
        "eport",
        "agent list",
    }
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert b"agent.listening" in archive.read("log.txt")
        assert b"tolem_device_state" in archive.read("metrics.txt")
    assert agent.stop() == 0


async def _seen_by_a_technician(url):
    jar = aiohttp.CookieJar(unsafe=True)
    origin = {"Origin": url}
    async with aiohttp.ClientSession(url, cookie_jar=jar, headers=origin) as browser:
        async with browser.post("/login", data={"pin": "284015"}) as answer:
            token = re.search(r'name="token" value="(\w+)"', await answer.text())[1]
        async with browser.get("/report.json") as answer:
            told = await answer.json()
        async with browser.post("/bundle", data={"token": token}) as answer:
            return told, await answer.read()


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
