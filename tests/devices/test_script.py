import asyncio
from datetime import date
from random import Random

import pytest

from devices.drivers import DeviceClass, DeviceTimers, Surroundings, open_device
from devices.emulators.card import CardFaults
from devices.emulators.script import FAULTS, Act, Emulated, Pause, ScriptError, parse, play
from devices.escpos.sheet import sample_sheet
from devices.interfaces import Completion, DeviceState
from devices.visa_pad.link import PadTimers
from tests.devices.watching import SOON, Choice

PAN = "4012345678909"  # ANSI X9.24-1:2009, annex A.4
OPENED = {
    "card": (DeviceClass.CARD_READER, "emv"),
    "pad": (DeviceClass.PIN_PAD, "visa"),
    "printer": (DeviceClass.RECEIPT_PRINTER, "escpos"),
    "scanner": (DeviceClass.BARCODE_READER, "serial"),
}


@pytest.fixture
def around():
    timers = DeviceTimers(
        PadTimers(ack_seconds=0.25, answer_seconds=0.5, perhaps_eot_seconds=0.02), apdu_seconds=0.1
    )
    return Surroundings(today=lambda: date(2026, 11, 22), random_bytes=Random(7).randbytes, timers=timers)


@pytest.fixture
async def it(request, around):
    """A driver, and a player of scripts for what is behind it."""
    device_class, driver = OPENED[request.param]
    async with open_device(device_class, Choice(driver, "emulator"), around) as opened:
        emulated = Emulated(**{request.param: opened.emulator})
        yield opened.device, lambda script: play(parse(script.replace("it.", f"{request.param}.")), emulated)


def of(*names):
    return pytest.mark.parametrize("it", names, indirect=True)


def enter_pin(pad):
    return pad.enter_pin(pan=PAN, amount_text="1545.00", deadline_seconds=SOON)


@of(*OPENED)
async def test_a_device_that_is_plugged_in_elsewhere_is_found_again(it):
    device, script = it
    assert (await device.status()).device is DeviceState.ONLINE
    await script("it.unplug")
    assert (await device.status()).device in {DeviceState.POWER_OFF, DeviceState.NO_DEVICE}
    await script("it.plug")
    assert (await device.status()).device is DeviceState.ONLINE


@of("pad")
@pytest.mark.parametrize("fault", ["noise", "split", "joined", "slow=0.001", "wrong_lrc=2", "nak=2"])
async def test_an_ordinary_fault_of_the_pads_line_costs_nothing_but_time(it, fault):
    pad, script = it
    await pad.status()
    await script(f"pad.{fault}")
    assert (await enter_pin(pad)).succeeded


@of("pad")
async def test_a_pad_pulled_while_it_answers_is_lost_and_works_again(it):
    pad, script = it
    await script("pad.slow=0.05")
    asking = asyncio.create_task(enter_pin(pad))
    await script("@0.1 pad.unplug")
    assert (await asking).completion is Completion.CONNECTION_LOST
    await script("pad.well pad.plug")
    assert (await enter_pin(pad)).succeeded


@of("card")
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("pull_at=1", "noMedia"),
        ("hang_at=1", "cardSilent"),
        ("unplug_at=1", "readerLost"),
        ("mute", "muteCard"),
    ],
)
async def test_a_card_goes_wrong_at_the_apdu_that_the_script_says(it, fault, error):
    reader, script = it
    await script(f"card.{fault}")
    inserted = await reader.wait_for_card(SOON)
    result = await reader.applications() if inserted.succeeded else inserted
    assert result.error == error


@of("printer")
@pytest.mark.parametrize(
    ("fault", "error"), [("out_after=100", "paperOut"), ("cutter", "cutterJammed"), ("cover", "coverOpen")]
)
async def test_a_printer_that_fails_prints_when_it_is_well_again(it, fault, error):
    printer, script = it
    await script(f"printer.{fault}")
    assert (await printer.print_receipt(sample_sheet("escpos"), 2.0)).error == error
    await script("printer.well")
    assert (await printer.print_receipt(sample_sheet("escpos"), SOON)).succeeded


def test_a_script_is_words_and_pauses():
    assert parse("pad.slow=0.5 @2 card.pull") == (Act("pad.slow", "0.5"), Pause(2.0), Act("card.pull"))


@pytest.mark.parametrize("text", ["pad.explode", "@soon", "unplug", "pad"])
def test_a_word_that_is_no_fault_is_named(text):
    with pytest.raises(ScriptError, match=text):
        parse(text)


@of("pad")
@pytest.mark.parametrize("text", ["pad.nak=many", "card.pull"])
async def test_a_fault_that_cannot_be_is_named(it, text):
    _, script = it
    with pytest.raises(ScriptError, match=text.partition("=")[0]):
        await script(text)


def test_every_fault_of_a_card_has_a_name():
    assert {f"card.{name}" for name in vars(CardFaults())} <= FAULTS.keys()
