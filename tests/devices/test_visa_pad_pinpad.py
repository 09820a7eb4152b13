"""The driver and the emulated pad, one protocol in opposite roles, over a pseudo-terminal."""

import asyncio

import pytest

from agent.texts.pad import pin_prompts
from devices.emulators.dukpt import FutureKeys
from devices.emulators.keypad import Keypad
from devices.emulators.pinpad import EmulatedPad, PadSecrets
from devices.emulators.terminals import PseudoTerminal
from devices.interfaces import Completion, DeviceState
from devices.serial_port import SerialPort
from devices.visa_pad import commands
from devices.visa_pad.link import PadTimers
from devices.visa_pad.pin_entry import MasterSession
from devices.visa_pad.pinpad import VisaPad

PAN, PIN = "4012345678909", "1234"  # ANSI X9.24-1:2009, annex A.4
SOON = 20.0  # a deadline that a working test never reaches
EAGER = PadTimers(perhaps_eot_seconds=0.02)


def ask(driver, deadline_seconds=SOON, amount_text="1545.00"):
    return asyncio.create_task(
        driver.enter_pin(pan=PAN, amount_text=amount_text, deadline_seconds=deadline_seconds)
    )


async def test_a_pin_becomes_the_published_block(pad, driver):
    asking = ask(driver)
    await pad.keypad.asked.wait()
    assert pad.keypad.display == ("TOTAL", "1545.00", "ENTER PIN")
    pad.keypad.press("12")
    pad.keypad.press("34")
    assert pad.keypad.display[-1] == "****"
    pad.keypad.enter()
    block = (await asking).value
    assert block.block.hex().upper() == "1B9C1845EB993A7A"
    assert block.ksn.hex().upper() == "FFFF9876543210E00001"
    assert (await driver.status()).measured["keys"] == "loaded"


async def test_a_pin_is_corrected_before_it_is_entered(pad, driver):
    asking = ask(driver)
    await pad.keypad.asked.wait()
    pad.keypad.press("99")
    pad.keypad.clear()
    pad.keypad.press(PIN)
    pad.keypad.enter()
    assert (await asking).value.block.hex().upper() == "1B9C1845EB993A7A"


async def test_fewer_than_four_digits_are_not_entered(pad, driver):
    asking = ask(driver)
    await pad.keypad.asked.wait()
    pad.keypad.press("123")
    pad.keypad.enter()
    assert pad.keypad.asked.is_set()
    pad.keypad.press("4")
    pad.keypad.enter()
    assert (await asking).value.block.hex().upper() == "1B9C1845EB993A7A"


async def test_no_two_blocks_share_a_key(pad, driver):
    pad.keypad.auto_pin = PIN
    serials = {(await ask(driver)).value.ksn for _ in range(5)}
    assert len(serials) == 5


async def test_an_amount_beyond_the_pads_form_is_prompted_by_us(pad, driver):
    asking = ask(driver, amount_text="1 234 567.00 ₸")
    await pad.keypad.asked.wait()
    assert pad.keypad.display == ("1234567.00", "ENTER PIN")
    pad.keypad.press(PIN)
    pad.keypad.enter()
    assert (await asking).succeeded


async def test_the_cancel_key_is_an_answer(pad, driver):
    asking = ask(driver)
    await pad.keypad.asked.wait()
    pad.keypad.cancel()
    assert (await asking).completion is Completion.CANCELED
    assert (await driver.status()).device is DeviceState.ONLINE


async def test_the_deadline_ends_the_entry_on_the_pad_too(pad, driver):
    result = await ask(driver, deadline_seconds=0.2)
    assert result.completion is Completion.TIME_OUT
    assert not pad.keypad.asked.is_set()
    assert (await driver.status()).device is DeviceState.ONLINE


async def test_a_cancelled_journey_ends_the_entry_on_the_pad_too(pad, driver):
    asking = ask(driver)
    await pad.keypad.asked.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()
    assert not pad.keypad.asked.is_set()
    assert (await driver.status()).device is DeviceState.ONLINE


async def test_an_entry_left_open_by_an_earlier_process_is_ended_first(pad):
    port = SerialPort(pad.path)
    asking = ask(VisaPad(port, timers=EAGER))
    await pad.keypad.asked.wait()
    await port.close()  # as a crash would
    assert (await asking).completion is Completion.CONNECTION_LOST
    restarted = VisaPad(SerialPort(pad.path), timers=EAGER)
    assert (await restarted.status()).device is DeviceState.ONLINE
    assert not pad.keypad.asked.is_set()
    await restarted.close()


async def test_the_pads_own_time_out_is_a_cancellation():
    keypad = Keypad(entry_seconds=0.1)
    async with EmulatedPad(PseudoTerminal(), PadSecrets(dukpt=FutureKeys()), keypad=keypad) as pad:
        driver = VisaPad(SerialPort(pad.path), timers=EAGER)
        assert (await ask(driver)).completion is Completion.CANCELED
        await driver.close()


async def test_a_pad_that_refuses_a_pin_is_a_cancellation(pad, driver):
    pad.faults.refuse = True
    assert (await ask(driver)).completion is Completion.CANCELED


async def test_what_is_no_account_never_reaches_the_pad(pad, driver):
    result = await driver.enter_pin(pan="12D4", amount_text="1.00", deadline_seconds=SOON)
    assert result.completion is Completion.INVALID_DATA
    assert "12D4" not in result.detail
    assert not pad.keypad.asked.is_set()


async def test_a_pad_without_keys_says_so():
    async with EmulatedPad(PseudoTerminal(), PadSecrets()) as pad:
        driver = VisaPad(SerialPort(pad.path), timers=EAGER)
        assert (await driver.self_test()).error == "keyNotFound"
        assert (await driver.status()).measured["keys"] == "notLoaded"
        await driver.close()


async def test_master_and_session_keys_need_no_ksn():
    secrets = PadSecrets(master_keys={3: bytes(range(16))})
    keypad = Keypad(auto_pin=PIN)
    async with EmulatedPad(PseudoTerminal(), secrets, keypad=keypad) as pad:
        driver = VisaPad(
            SerialPort(pad.path), master_session=MasterSession(3, "0123456789ABCDEF" * 2), timers=EAGER
        )
        assert (await driver.key_present(3)).value is True
        assert (await driver.key_present(4)).value is False
        assert (await driver.self_test()).value == {"selfTest": "good", "keys": "loaded"}
        result = await ask(driver)
        assert len(result.value.block) == 8
        assert result.value.ksn is None
        await driver.close()


async def test_the_self_test_proves_the_keys(driver):
    assert (await driver.self_test()).value == {"selfTest": "good", "keys": "loaded"}


async def test_a_failed_self_test_names_what_failed(pad, driver):
    pad.faults.self_test = "25"
    result = await driver.self_test()
    assert result.completion is Completion.HARDWARE_ERROR
    assert result.detail == "romFail, keyCrcFail"


async def test_the_quick_commands(pad, driver):
    assert (await driver.connection_test()).succeeded
    assert (await driver.serial_number()).value == "000000000001"
    assert (await driver.select_key(1)).succeeded
    assert (await driver.diagnostic("display")).succeeded


async def test_lines_stand_on_the_display(pad, driver):
    shown = []
    pad.keypad.on_display = shown.append
    assert (await driver.show(["TAKE YOUR CARD"])).succeeded
    assert (await driver.show(["TOTAL", "1545.00"])).succeeded
    await driver.status()  # an answered command later, the earlier one has been shown
    assert shown == [("TAKE YOUR CARD",), ("TOTAL", "1545.00")]


async def test_a_display_without_kazakh_letters_says_so_instead_of_question_marks(pad, driver):
    assert (await driver.show(["Төлем"])).completion is Completion.INVALID_DATA
    async with EmulatedPad(PseudoTerminal(), PadSecrets(), code_page="utf-8") as modern:
        kazakh = VisaPad(SerialPort(modern.path), code_page="utf-8", timers=EAGER)
        assert (await kazakh.show(["Төлем"])).succeeded
        await kazakh.status()
        assert modern.keypad.display == ("Төлем",)
        await kazakh.close()


@pytest.mark.parametrize(
    ("code_page", "asked"),
    [
        ("utf-8", "ПИН-КОД ТЕРІҢІЗ"),
        ("kz1048", "ПИН-КОД ТЕРІҢІЗ"),
        ("cp866", "ВВЕДИТЕ ПИН-КОД"),
        ("ascii", "ENTER PIN"),
    ],
)
async def test_a_pad_asks_in_the_first_of_our_languages_that_it_has_letters_for(code_page, asked):
    secrets = PadSecrets(dukpt=FutureKeys())
    async with EmulatedPad(PseudoTerminal(), secrets, code_page=code_page) as local:
        driver = VisaPad(SerialPort(local.path), code_page=code_page, timers=EAGER)
        asking = asyncio.create_task(
            driver.enter_pin(pan=PAN, amount_text="1545.00", deadline_seconds=SOON, prompts=pin_prompts("kk"))
        )
        await local.keypad.asked.wait()
        assert asked in local.keypad.display
        local.keypad.press(PIN)
        local.keypad.enter()
        assert (await asking).value.ksn is not None
        await driver.close()


@pytest.mark.parametrize("pin", ["1234", "123456789012"])
async def test_every_length_from_four_to_twelve_digits_is_a_pin(pad, driver, pin):
    pad.keypad.auto_pin = pin
    assert (await ask(driver)).succeeded


@pytest.mark.parametrize("name", sorted(commands.DIAGNOSTICS))
async def test_each_diagnostic_of_the_pad_comes_to_its_end(driver, name):
    assert (await driver.diagnostic(name)).succeeded


async def test_a_port_in_use_is_named_as_such(pad, driver):
    await driver.status()
    second = VisaPad(SerialPort(pad.path), timers=EAGER)
    assert (await second.status()).device is DeviceState.DEVICE_BUSY
    assert (await second.show(["x"])).error == "portBusy"


async def test_a_pad_that_asks_for_a_pin_is_busy(pad, driver):
    asking = ask(driver)
    await pad.keypad.asked.wait()
    assert (await driver.status()).device is DeviceState.DEVICE_BUSY
    pad.keypad.cancel()
    await asking


async def test_commands_wait_for_each_other(pad, driver):
    pad.keypad.auto_pin = PIN
    results = await asyncio.gather(
        ask(driver), driver.show(["ONE"]), driver.serial_number(), ask(driver), driver.connection_test()
    )
    assert all(result.succeeded for result in results)


async def test_closing_ends_a_waiting_entry_for_good(pad, driver):
    asking = ask(driver)
    await pad.keypad.asked.wait()
    await driver.close()
    assert (await asking).completion is Completion.CONNECTION_LOST
    assert (await driver.status()).device is DeviceState.POWER_OFF
