"""A support bundle: everything about the machine, nothing of anybody's card or account."""

import io
import json
import logging
import zipfile
from datetime import UTC, datetime

import pytest

from agent import logs, owner
from agent.journeys.bill import Ending
from agent.masked_pan import MaskedPan
from agent.support import support_bundle
from agent.technician.bundle import MASK, _is_card, _without_secrets, bundle, masked, settings_text
from agent.technician.pin_file import NAME, PinFile
from agent.terminal_commands import TerminalCommands
from spool import ControlServer
from tests.journeys.test_no_secret_is_left_behind import secrets_of

AT = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
ACCOUNT_OF_THE_CARD = "999999000000001"
PAN = ACCOUNT_OF_THE_CARD + next(
    str(digit) for digit in range(10) if _is_card(f"{ACCOUNT_OF_THE_CARD}{digit}")
)
OTHER = ACCOUNT_OF_THE_CARD + str(
    (int(PAN[-1]) + 1) % 10
)  # its check digit is wrong: a number of something else
ACCOUNT = "7011234567"
SERVICE_PIN = "284015"
PUBLISHED = "4012345678909"  # of the ANSI X9.24-1 sample vectors
SHOWN = MaskedPan.of(PUBLISHED)
GROUPED = "4111 1111 1111 1111"  # the schemes' own test number


def files_of(zipped):
    archive = zipfile.ZipFile(io.BytesIO(zipped))
    return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def log_lines():
    """Everything that is logged is kept for the bundle, whatever its level."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(io.StringIO(), level=logging.DEBUG)
    yield
    root.handlers[:], root.level = before, level


@pytest.mark.asyncio(loop_scope="module")
async def test_a_bundle_after_paid_and_failed_payments_holds_no_secret_in_any_byte(
    bank, terminal, pay, log_lines
):
    path = terminal.settings.in_data_dir(NAME)
    PinFile(path, now=owner.now, random_bytes=owner.random_bytes).set(SERVICE_PIN)
    card = terminal.devices.emulators.slot.auto_card
    assert (await pay(terminal, ACCOUNT)).ending is Ending.PAID
    terminal.devices.emulators.slot.faults.pull_at = 7
    await pay(terminal, ACCOUNT)
    async with ControlServer(terminal.settings.agent_control, TerminalCommands(terminal).table):
        zipped = await support_bundle(terminal.settings)

    files = files_of(zipped)
    assert {"settings.json", "versions.json", "report.json", "log.txt", "metrics.txt"} <= set(files)
    assert {"spool/agent.json", "spool/gateway.json", "devices/pin_pad.frames.txt"} <= set(files)
    assert {"devices/printer.events.json", "devices/reader.frames.txt"} <= set(files)
    assert MaskedPan.of(card.contents.pan).encode() in files["report.json"], "the search would find nothing"
    assert len(files["devices/pin_pad.frames.txt"].splitlines()) > 3
    assert files["log.txt"]
    wanted = {*secrets_of(card, range(1, 10)), ACCOUNT.encode(), SERVICE_PIN.encode()}
    wanted |= {line.strip().encode() for line in path.read_text().split('"') if len(line) > 20}
    for key in terminal.settings.node.data_dir.rglob("*.key"):
        wanted.add(key.read_bytes())
        wanted.add(key.read_bytes().hex().encode())
    for name, content in files.items():
        for secret in wanted:
            assert secret not in content, f"{name} holds a secret of {len(secret)} bytes"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"card {PAN} read", f"card {MaskedPan.of(PAN)} read"),
        (f"{PAN}D2512101", f"{MaskedPan.of(PAN)}D{MASK}"),
        (f"{PAN}=2512101", f"{MaskedPan.of(PAN)}D{MASK}"),
        (f"Z60.{PUBLISHED}", f"Z60.{SHOWN}"),
        (f"70{PUBLISHED}", f"70{SHOWN}"),
        (f"70105A07{PUBLISHED}F", f"70105A07{SHOWN}F"),
        (f"5A08{PUBLISHED}F", f"5A08{SHOWN}F"),
        (f"5711{PUBLISHED}D26121010000", f"{MaskedPan.of(f'5711{PUBLISHED}')}D{MASK}"),
        (f"%B{PUBLISHED}^", f"%B{SHOWN}^"),
        (f"card {GROUPED}, read", "card 411111******1111, read"),
        (f"0117 {GROUPED.replace(' ', '-')} 2612", "0117 411111******1111 2612"),
        ("4012 345 678 909", SHOWN),
        (OTHER, OTHER),
        ("26112217953367413852", "26112217953367413852"),  # a txn_id has 20 digits
        ("01a20268-b2d3-7c4f-a3f8-ae1bb1b87ad6", "01a20268-b2d3-7c4f-a3f8-ae1bb1b87ad6"),
    ],
)
def test_what_looks_like_a_card_is_masked_whoever_wrote_it(text, seen):
    assert masked(text) == seen
    [content] = files_of(bundle({"log.txt": text}, at=AT)).values()
    assert content.decode() == seen


@pytest.mark.asyncio(loop_scope="module")
async def test_settings_are_told_without_what_could_open_something(bank):
    settings = bank.settings()
    told = json.loads(settings_text(settings))
    assert told["node"]["id"] == "ATM00017"
    assert told["eport"]["client_key"] == str(settings.eport.client_key), "a path opens nothing"


@pytest.mark.parametrize(
    "name", ["password", "client_key_passphrase", "api_token", "bdk", "pin", "service_pin"]
)
def test_what_could_open_something_is_masked_at_any_depth(name):
    told = _without_secrets({"x": {name: "p"}, "listed": [{name: "p"}], "pin_pad": "COM4"})
    assert told == {"x": {name: MASK}, "listed": [{name: MASK}], "pin_pad": "COM4"}


def test_an_exceptions_words_are_not_kept_for_it_may_quote_what_somebody_typed(log_lines):
    try:
        int(f"no number: {ACCOUNT}")
    except ValueError:
        logging.getLogger("test").exception("it.failed")
    [line] = logs.recent()
    assert json.loads(line)["error"] == "ValueError"
    assert "test_bundle.py" in line
    assert ACCOUNT not in line
