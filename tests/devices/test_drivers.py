import asyncio
import os
import termios
from dataclasses import dataclass, replace
from datetime import date

import pytest

from devices.drivers import (
    DRIVERS,
    EMULATOR,
    DeviceClass,
    DeviceTimers,
    PadOptions,
    Surroundings,
    open_card_reader,
    open_device,
    open_pin_pad,
    open_receipt_printer,
)
from devices.emulators.terminals import PseudoTerminal
from devices.errors import UnknownDriverError
from devices.interfaces import Completion, DeviceState, Purchase
from devices.visa_pad.link import PadTimers
from devices.visa_pad.pin_entry import MasterSession

SOON = 20.0  # a deadline that a working test never reaches


@dataclass(frozen=True)
class Choice:
    driver: str
    port: str = EMULATOR


@pytest.fixture
def around(tmp_path):
    return Surroundings(today=lambda: date(2026, 11, 22), random_bytes=os.urandom, state=tmp_path)


@pytest.mark.parametrize(
    ("device_class", "driver"),
    [(one, driver) for one, drivers in DRIVERS.items() for driver in drivers],
    ids=str,
)
async def test_each_driver_has_an_emulator_that_answers(around, device_class, driver):
    try:
        async with open_device(device_class, Choice(driver), around) as opened:
            assert (await opened.device.status()).device is DeviceState.ONLINE
    except UnknownDriverError as error:
        pytest.skip(str(error))
    assert (await opened.device.status()).device is not DeviceState.ONLINE


@pytest.mark.parametrize(("baud", "speed"), [(9600, termios.B9600), (19200, termios.B19200)])
async def test_a_serial_line_has_the_speed_that_was_chosen(around, baud, speed):
    far, near = os.openpty()
    wanted = replace(around, baud=baud, timers=DeviceTimers(pad=PadTimers(ack_seconds=0.05)))
    async with open_pin_pad(Choice("visa", os.ttyname(near)), wanted) as opened:
        await opened.device.status()
        assert termios.tcgetattr(near)[4:6] == [speed, speed]
    os.close(far)
    os.close(near)


async def test_a_pad_that_says_nothing_is_waited_for_as_long_as_the_timers_say(around):
    brief = replace(around, timers=DeviceTimers(pad=PadTimers(ack_seconds=0.05)))
    async with PseudoTerminal() as silent, open_pin_pad(Choice("visa", silent.path), brief) as opened:
        async with asyncio.timeout(PadTimers().ack_seconds):  # one ACK's time of the defaults is not reached
            assert (await opened.device.status()).device is not DeviceState.ONLINE


def test_every_class_has_a_driver():
    assert DRIVERS.keys() == set(DeviceClass)


async def test_emulated_devices_serve_a_journey_without_a_person(around):
    purchase = Purchase(154500, "398", "398", "261122", os.urandom(4))
    async with (
        open_card_reader(Choice("emv"), around) as reader,
        open_pin_pad(Choice("visa"), around) as pad,
    ):
        await reader.device.wait_for_card(SOON)
        [application] = (await reader.device.applications()).value
        pan = (await reader.device.open_application(application)).value
        pin = await pad.device.enter_pin(pan=pan, amount_text="1545.00", deadline_seconds=SOON)
        chip = await reader.device.authorise(purchase)
        assert (pin.succeeded, chip.succeeded) == (True, True)
        assert (await reader.device.release_card(SOON)).succeeded


async def test_no_key_serial_number_comes_twice_over_restarts(around):
    serials = []
    for _ in range(3):
        async with open_pin_pad(Choice("visa"), around) as pad:
            for _ in range(2):
                entered = await pad.device.enter_pin(
                    pan="4012345678909", amount_text="1.00", deadline_seconds=SOON
                )
                serials.append(entered.value.ksn.hex()[-5:])
    assert serials == ["00001", "00002", "00003", "00004", "00005", "00006"]


async def test_a_card_of_its_own_for_each_opening(around):
    pans = set()
    for _ in range(3):
        async with open_card_reader(Choice("emv"), around) as reader:
            pans.add(reader.emulator.auto_card.contents.pan)
    assert len(pans) == 3


async def test_a_path_is_opened_as_it_stands(around):
    async with PseudoTerminal() as line, open_receipt_printer(Choice("escpos", line.path), around) as opened:
        assert opened.emulator is None


async def test_a_port_without_a_device_is_a_status_and_no_exception(around, tmp_path):
    async with open_pin_pad(Choice("visa", str(tmp_path / "absent")), around) as opened:
        assert (await opened.device.status()).device is DeviceState.POWER_OFF
        assert (await opened.device.show(["x"])).completion is Completion.CONNECTION_LOST


def test_an_unknown_driver_is_told_which_there_are(around):
    with pytest.raises(UnknownDriverError, match="no driver 'vsia' of this class; there is visa"):
        open_pin_pad(Choice("vsia"), around)


async def test_a_driver_without_that_port_says_which_it_has(around):
    with pytest.raises(UnknownDriverError, match="emulator"):
        async with open_card_reader(Choice("emv", "ACS ACR39U"), around):
            pass


async def test_a_pad_with_a_master_key_needs_no_dukpt(around):
    with_master = replace(around, pad=PadOptions(master_session=MasterSession(3)))
    async with open_pin_pad(Choice("visa"), with_master) as opened:
        entered = await opened.device.enter_pin(
            pan="4012345678909", amount_text="1.00", deadline_seconds=SOON
        )
        assert entered.value.ksn is None
        assert (await opened.device.self_test()).succeeded
