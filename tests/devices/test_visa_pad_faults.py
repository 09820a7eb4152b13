"""The same two over bad lines, bad pads and pulled cables."""

import asyncio
import sys

import pytest

from devices.emulators.dukpt import FutureKeys
from devices.emulators.pinpad import EmulatedPad, PadSecrets
from devices.emulators.terminals import PseudoTerminal
from devices.interfaces import Completion, DeviceState
from devices.serial_port import SerialPort
from devices.visa_pad.link import PadTimers
from devices.visa_pad.pinpad import VisaPad

PAN, PIN = "4012345678909", "1234"  # ANSI X9.24-1:2009, annex A.4
SOON = 20.0  # a deadline that a working test never reaches
BRIEF = PadTimers(ack_seconds=0.25, answer_seconds=0.5, perhaps_eot_seconds=0.02)


@pytest.fixture
async def hasty(pad):
    """With timers for pads that do not answer."""
    driver = VisaPad(SerialPort(pad.path), timers=BRIEF)
    yield driver
    await driver.close()


def ask(driver, deadline_seconds=SOON):
    return asyncio.create_task(
        driver.enter_pin(pan=PAN, amount_text="1545.00", deadline_seconds=deadline_seconds)
    )


@pytest.mark.parametrize(
    "fault",
    [{"nak": 3}, {"wrong_lrc": 3}, {"noise": b"\x00\xff\x02no"}, {"split": True}, {"byte_seconds": 0.002}],
    ids=str,
)
async def test_an_ordinary_fault_of_the_line_costs_nothing_but_time(pad, driver, fault):
    await driver.status()
    vars(pad.faults).update(fault)
    pad.keypad.auto_pin = PIN
    assert (await ask(driver)).value.block.hex().upper() == "1B9C1845EB993A7A"


@pytest.mark.parametrize("fault", [{"nak": 4}, {"wrong_lrc": 4}], ids=str)
async def test_a_line_that_stays_bad_is_a_hardware_error(pad, driver, fault):
    await driver.status()
    vars(pad.faults).update(fault)
    pad.keypad.auto_pin = PIN
    result = await ask(driver)
    assert (result.completion, result.error) == (Completion.HARDWARE_ERROR, "lineNoise")
    assert (await driver.status()).device is DeviceState.ONLINE


async def test_a_silent_pad_is_offline_and_never_online(pad, hasty):
    pad.faults.silent = True
    assert (await hasty.status()).device is DeviceState.OFFLINE
    assert (await ask(hasty)).completion is Completion.CONNECTION_LOST
    pad.faults.silent = False
    assert (await hasty.status()).device is DeviceState.ONLINE


async def test_a_pad_that_falls_silent_in_mid_entry_times_out(pad, hasty):
    asking = ask(hasty, deadline_seconds=1.0)
    await pad.keypad.asked.wait()
    pad.faults.silent = True
    pad.keypad.press(PIN)
    pad.keypad.enter()
    assert (await asking).completion is Completion.TIME_OUT


async def test_unplugging_in_mid_entry_is_a_lost_connection_and_plugging_in_heals(tmp_path):
    secrets = PadSecrets(dukpt=FutureKeys())
    async with EmulatedPad(PseudoTerminal(tmp_path / "pad"), secrets) as pad:
        driver = VisaPad(SerialPort(pad.path), timers=BRIEF)
        asking = ask(driver)
        await pad.keypad.asked.wait()
        pad.unplug()
        assert (await asking).completion is Completion.CONNECTION_LOST
        assert (await driver.status()).device is DeviceState.POWER_OFF
        pad.plug()
        pad.keypad.auto_pin = PIN
        assert (await ask(driver)).succeeded
        await driver.close()


async def test_results_and_logs_hold_neither_account_nor_block(pad, driver, caplog):
    caplog.set_level(0)
    pad.keypad.auto_pin = PIN
    result = await ask(driver)
    assert "1B9C" not in repr(result).upper()
    pad.faults.wrong_lrc = 4
    written = repr(await ask(driver)) + caplog.text
    assert PAN not in written
    assert "1B9C" not in written


async def test_no_call_of_the_serial_library_runs_on_the_loops_thread(pad, driver, hasty):
    """But those that only wake the worker, and `close` of a closed line when its memory is freed."""
    harmless = {"cancel_read", "cancel_write", "is_open"}
    seen = set()

    def watch(frame, event, _):
        if event == "call" and frame.f_globals.get("__name__", "").startswith("serial."):
            name = frame.f_code.co_name
            if name != "close" or frame.f_locals["self"].is_open:
                seen.add(name)

    sys.setprofile(watch)
    try:
        pad.keypad.auto_pin = PIN
        assert (await ask(driver)).succeeded
        pad.keypad.auto_pin = None
        assert (await ask(driver, deadline_seconds=0.1)).completion is Completion.TIME_OUT
        await driver.close()
        assert (await hasty.status()).device is DeviceState.ONLINE
        pad.unplug()
        assert not (await hasty.show(["x"])).succeeded
    finally:
        sys.setprofile(None)
    assert "cancel_read" in seen
    assert seen <= harmless
