import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime
from random import Random

import pytest

from devices.actions import Action
from devices.connection_states import Connection
from devices.drivers import (
    DeviceClass,
    DeviceTimers,
    Opened,
    Surroundings,
    open_card_reader,
    open_pin_pad,
    open_receipt_printer,
)
from devices.emulators.dukpt import FutureKeys
from devices.emulators.pinpad import EmulatedPad, PadSecrets
from devices.emulators.printer import EmulatedPrinter
from devices.emulators.terminals import PseudoTerminal
from devices.escpos.sheet import sample_sheet
from devices.events import ErrorHappened
from devices.interfaces import Completion, DeviceState
from devices.supervisor import Supervisor, World
from devices.visa_pad.link import PadTimers
from tests.devices.usb_tree import UsbTree
from tests.devices.watching import SOON, Choice, Told

PAN = "4012345678909"  # ANSI X9.24-1:2009, annex A.4
NAME = "usb:A10KZP45"


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def tree(tmp_path):
    return UsbTree(tmp_path)


@pytest.fixture
def around(tree):
    pad = PadTimers(ack_seconds=0.25, answer_seconds=0.5, perhaps_eot_seconds=0.02)
    return Surroundings(
        today=lambda: date(2026, 11, 22),
        random_bytes=Random(7).randbytes,
        timers=DeviceTimers(pad=pad),
        discovery=tree.discovery,
    )


@pytest.fixture
def supervisor(told):
    return Supervisor(World(told, lambda: datetime(2026, 11, 22, tzinfo=UTC), Random(7), look_seconds=0.02))


@pytest.fixture
async def pad(tree):
    async with EmulatedPad(PseudoTerminal(), PadSecrets(dukpt=FutureKeys())) as pad:
        tree.plug("ttyUSB0", pad.path)
        yield pad


def open_pad(supervisor, around):
    return supervisor.open("pad", DeviceClass.PIN_PAD, Choice("visa", NAME), around, open_pin_pad)


def ask(pad):
    return asyncio.create_task(pad.enter_pin(pan=PAN, amount_text="1545.00", deadline_seconds=SOON))


def move(tree, pad):
    """Pulled, and plugged in at another socket."""
    tree.pull("ttyUSB0")
    pad.unplug()
    pad.plug()
    tree.plug("ttyUSB5", pad.path, location="1-1")


async def test_a_device_that_answers_is_online_without_anybody_using_it(supervisor, around, told, pad):
    async with open_pad(supervisor, around):
        [device] = supervisor.devices()
        assert (device.state, device.status.device) == (Connection.ABSENT, DeviceState.STARTING)
        await told.until_state(DeviceState.ONLINE)
        assert device.state is Connection.ONLINE
        assert (device.name, device.driver, device.port) == ("pad", "visa", NAME)
    assert device.state is Connection.CLOSED


async def test_a_device_that_moves_while_idle_comes_back_by_itself(supervisor, around, told, tree, pad):
    async with open_pad(supervisor, around) as opened:
        await told.until_state(DeviceState.ONLINE)
        tree.pull("ttyUSB0")
        pad.unplug()
        await told.until_state(DeviceState.POWER_OFF)
        pad.plug()
        tree.plug("ttyUSB5", pad.path, location="1-1")
        await told.until_state(DeviceState.ONLINE)
        pad.keypad.auto_pin = "1234"
        assert (await ask(opened.device)).succeeded
        assert supervisor.devices()[0].reconnects == 1


async def test_a_device_pulled_in_mid_command_ends_the_command_and_serves_the_next(
    supervisor, around, told, tree, pad
):
    async with open_pad(supervisor, around) as opened:
        asking = ask(opened.device)
        await pad.keypad.asked.wait()
        move(tree, pad)
        assert (await asking).completion is Completion.CONNECTION_LOST
        lost = await told.until(lambda event: isinstance(event, ErrorHappened))
        assert (lost.error, lost.action) == ("portLost", Action.SUSPEND)
        pad.keypad.auto_pin = "1234"
        assert (await ask(opened.device)).succeeded
        assert supervisor.devices()[0].errors["portLost"] == 1


async def test_a_device_that_is_not_there_is_waited_for(supervisor, around, told, tree, pad):
    tree.pull("ttyUSB0")
    async with open_pad(supervisor, around):
        await told.until_state(DeviceState.POWER_OFF)
        assert supervisor.devices()[0].state is not Connection.ONLINE
        tree.plug("ttyUSB9", pad.path)
        await told.until_state(DeviceState.ONLINE)


async def test_a_reader_that_is_pulled_comes_back(supervisor, around, told):
    choice = Choice("emv", "emulator")
    async with supervisor.open("r", DeviceClass.CARD_READER, choice, around, open_card_reader) as opened:
        await told.until_state(DeviceState.ONLINE)
        opened.emulator.unplug()
        await told.until_state(DeviceState.NO_DEVICE)
        opened.emulator.plug()
        await told.until_state(DeviceState.ONLINE)


async def test_a_printer_moved_in_mid_job_prints_the_next_one(supervisor, around, told, tree):
    async with AsyncExitStack() as stack:
        printer = await stack.enter_async_context(EmulatedPrinter(PseudoTerminal()))
        tree.plug("lp0", printer.path)
        opened = await stack.enter_async_context(
            supervisor.open(
                "p", DeviceClass.RECEIPT_PRINTER, Choice("escpos", NAME), around, open_receipt_printer
            )
        )
        await told.until_state(DeviceState.ONLINE)
        printing = asyncio.create_task(opened.device.print_receipt(sample_sheet("escpos"), SOON))
        await printer.until(lambda: printer.unfinished)
        tree.pull("lp0")
        printer.unplug()
        assert (await printing).completion is Completion.CONNECTION_LOST
        printer.plug()
        tree.plug("lp1", printer.path)
        await told.until_state(DeviceState.ONLINE)
        assert (await opened.device.print_receipt(sample_sheet("escpos"), SOON)).succeeded


async def test_what_the_printer_lacks_is_told_as_it_changes(supervisor, around, told):
    choice = Choice("escpos", "emulator")
    async with supervisor.open(
        "p", DeviceClass.RECEIPT_PRINTER, choice, around, open_receipt_printer
    ) as opened:
        await told.until_state(DeviceState.ONLINE)
        opened.emulator.faults = type(opened.emulator.faults)(cover_open=True)
        changed = await told.until_state(DeviceState.USER_ERROR)
        assert changed.measured["cover"] == "open"
        assert supervisor.devices()[0].state is Connection.ONLINE


async def test_the_last_frames_tell_a_technician_much_and_hold_no_card_data(supervisor, around, pad):
    pad.keypad.auto_pin = "1234"
    async with open_pad(supervisor, around) as opened:
        block = (await ask(opened.device)).value
        frames = [frame.what for frame in supervisor.devices()[0].last_frames()]
    assert any("b'70'" in frame for frame in frames)
    assert any("b'71'" in frame for frame in frames)
    written = "".join(frames).upper()
    assert PAN not in written
    assert block.block.hex().upper() not in written


async def test_frames_and_events_are_kept_in_a_limited_number(supervisor, around, told, pad):
    async with open_pad(supervisor, around):
        [device] = supervisor.devices()
        for _ in range(1000):
            device.frame("→ x")
        assert len(device.last_frames()) == 200
        assert len(device.events(1)) <= 1


async def test_a_sink_that_fails_ends_nothing(around, pad, caplog):
    def fails(_):
        raise RuntimeError("no room")

    world = World(fails, lambda: datetime(2026, 11, 22, tzinfo=UTC), Random(7), look_seconds=0.02)
    supervisor = Supervisor(world)
    async with open_pad(supervisor, around) as opened:
        pad.keypad.auto_pin = "1234"
        assert (await ask(opened.device)).succeeded
        assert (await opened.device.status()).device is DeviceState.ONLINE
    assert "device.event_not_kept" in caplog.text


async def test_two_who_ask_at_once_share_the_answer(around, supervisor, pad):
    async with open_pad(supervisor, around) as opened:
        answers = await asyncio.gather(*(opened.device.status() for _ in range(20)))
    assert {answer.device for answer in answers} == {DeviceState.ONLINE}


async def test_a_driver_that_fails_or_hangs_is_a_device_that_does_not_answer(told, around, caplog):
    class Broken:
        async def status(self):
            raise RuntimeError("a fault of ours")

    @asynccontextmanager
    async def opener(_choice, _around):
        yield Opened(Broken(), None)

    supervisor = Supervisor(World(told, lambda: datetime(2026, 11, 22, tzinfo=UTC), Random(7), 0.02))
    choice = Choice("broken", "nowhere")
    async with supervisor.open("it", DeviceClass.PIN_PAD, choice, around, opener):
        await told.until_state(DeviceState.OFFLINE)
        assert supervisor.devices()[0].state in {Connection.BACK_OFF, Connection.OPENING}
    assert "device.not_asked" in caplog.text
