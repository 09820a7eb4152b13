"""Nothing that a run leaves behind holds a card number, a track, a PIN or a PIN block."""

import logging
from dataclasses import replace

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from agent import logs
from agent.journeys.bill import Ending
from agent.masked_pan import MaskedPan
from devices.emulators.printer import Roll
from gateway.sandbox.faults import Fault, FaultName, Position, Rule
from gateway.sandbox.pin import ANSI_SAMPLE_BDK, pin_key

PIN = "1234"


def pin_block(pan, counter):
    """ISO 9564-1 format 0 under the DUKPT key of this counter, made from the base key as a host would."""
    clear = bytes(
        a ^ b
        for a, b in zip(bytes.fromhex(f"04{PIN}FFFFFFFFFF"), bytes.fromhex(f"0000{pan[3:15]}"), strict=True)
    )
    ksn = (int("FFFF9876543210E00000", 16) | counter).to_bytes(10)
    key = pin_key(ANSI_SAMPLE_BDK, ksn)
    encryptor = Cipher(TripleDES(key + key[:8]), modes.ECB()).encryptor()
    return encryptor.update(clear)


def secrets_of(card, counters):
    pan, expiry = card.contents.pan, card.contents.expiry_yymm
    texts = {pan, f"{pan}D{expiry}", f"{pan}={expiry}", f"{pan[-13:-1]}"}
    raw = {bytes.fromhex(pan)}
    for counter in counters:
        block = pin_block(pan, counter)
        texts |= {block.hex(), block.hex().upper()}
        raw.add(block)
    return {text.encode() for text in texts} | raw


@pytest.fixture
def log_file(tmp_path):
    """Everything that is logged, whatever its level."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    path = tmp_path / "everything.log"
    with path.open("w") as stream:
        logs.configure(stream, level=logging.DEBUG)
        yield path
        root.handlers[:], root.level = before, level


async def test_the_expected_pin_blocks_are_the_ones_that_were_sent(bank, terminal):
    """Else the search below would look for what never was."""
    card = terminal.devices.emulators.slot.auto_card
    entered = await terminal.devices.ports.pad.enter_pin(
        pan=card.contents.pan, amount_text="1.00", deadline_seconds=5
    )
    assert entered.value.block == pin_block(card.contents.pan, 1)


async def test_a_run_leaves_no_secret_in_any_file(bank, pay, log_file, tmp_path):
    bank.timers |= {"hold_seconds": 0.2, "payment_seconds": 0.3, "in_processing_seconds": 2.0}
    endings = set()
    async with bank.terminal() as terminal:
        emulators = terminal.devices.emulators
        card = emulators.slot.auto_card
        for account in ("7011234567", "7015911005", "7015911090"):
            endings.add((await pay(terminal, account)).ending)
        for operation in ("hold", "bank_payment", "capture"):
            bank.sandbox.faults.rules.append(
                Rule(Fault(FaultName.GARBAGE, Position.AFTER), operation=operation)
            )
            endings.add((await pay(terminal)).ending)
        emulators.slot.faults.pull_at = 7
        endings.add((await pay(terminal)).ending)
        emulators.slot.faults.pull_at = None
        emulators.printer.faults = replace(emulators.printer.faults, roll=Roll.OUT)
        endings.add((await pay(terminal)).ending)
        await bank.settled(terminal)
    assert endings >= {Ending.PAID, Ending.IN_PROCESSING, Ending.BEING_UNBLOCKED, Ending.OUT_OF_SERVICE}

    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".reserve"]
    assert {"agent.db", "gateway.db", "eport.db", "card-host.db", "everything.log"} <= {
        path.name for path in files
    }
    masked = MaskedPan.of(card.contents.pan).encode()
    assert any(masked in path.read_bytes() for path in files), "the search would find nothing at all"
    wanted = secrets_of(card, range(1, 10))
    for path in files:
        content = path.read_bytes()
        for secret in wanted:
            assert secret not in content, f"{path.name} holds a secret of {len(secret)} bytes"
