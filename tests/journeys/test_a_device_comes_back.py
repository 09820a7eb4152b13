"""A device is pulled and plugged in again, and the terminal needs nobody for that: neither to notice nor to heal."""

import asyncio

import pytest
from aiohttp import ClientSession

from agent.device_metrics import of_devices
from agent.journal import latest
from agent.journeys.bill import Ending
from agent.monitor import Monitor
from devices.connection_states import Connection
from devices.drivers import DeviceClass
from devices.emulators.printer import PrinterFaults
from devices.emulators.script import Emulated, parse, play
from devices.escpos.reading import printed_text
from devices.interfaces import DeviceState
from gateway.shutdown import Shutdown


@pytest.fixture
async def terminal(bank):
    bank.timers["device_look_seconds"] = 0.05
    bank.timers["pad_ack_seconds"] = 0.5
    async with bank.terminal() as running:
        for one in running.devices.supervisor.devices():
            await until(lambda one=one: one.state is Connection.ONLINE)
        yield running


def device(terminal, device_class):
    return next(one for one in terminal.devices.supervisor.devices() if one.device_class is device_class)


async def until(wanted):
    async with asyncio.timeout(20):
        while not (found := wanted()):  # noqa: ASYNC110 - neither supervisor nor journal announces it here
            await asyncio.sleep(0.02)
    return found


async def lines(terminal, name):
    return [line.data for line in await terminal.spool.read(lambda tx: latest(tx, 100)) if line.name == name]


async def script(terminal, text):
    hands = terminal.devices.emulators
    await play(parse(text), Emulated(hands.slot, hands.pad, hands.printer))


@pytest.mark.parametrize(
    ("name", "device_class"),
    [
        ("card", DeviceClass.CARD_READER),
        ("pad", DeviceClass.PIN_PAD),
        ("printer", DeviceClass.RECEIPT_PRINTER),
    ],
)
async def test_a_device_pulled_while_nobody_is_there_is_journalled_and_serves_again(
    terminal, pay, name, device_class
):
    pulled = device(terminal, device_class)
    await script(terminal, f"{name}.unplug")

    await until(lambda: pulled.status.device in {DeviceState.POWER_OFF, DeviceState.NO_DEVICE})
    assert (await pay(terminal)).ending is Ending.OUT_OF_SERVICE
    await script(terminal, f"{name}.plug")
    assert (await pay(terminal)).ending is Ending.PAID
    assert (pulled.state, pulled.reconnects) == (Connection.ONLINE, 1)
    told = [one for one in await lines(terminal, "device.status_changed") if one["device"] == pulled.name]
    assert {"online"} <= {one["after"] for one in told}
    assert {"powerOff", "noDevice"} & {one["after"] for one in told}


async def test_a_pad_pulled_while_its_holder_types_takes_nothing_and_the_next_one_pays(terminal, pay):
    keypad = terminal.devices.emulators.pad.keypad
    keypad.auto_pin = None
    paying = asyncio.create_task(pay(terminal))
    await keypad.asked.wait()
    await script(terminal, "pad.unplug pad.plug")
    journey = await paying
    assert (journey.ending, journey.reason) == (Ending.OUT_OF_SERVICE, "pin_pad.portLost")
    assert journey.payment_id is None
    keypad.auto_pin = "1234"
    assert (await pay(terminal)).ending is Ending.PAID
    pad = device(terminal, DeviceClass.PIN_PAD)
    [error] = await lines(terminal, "device.error")
    assert (error["device"], error["error"], error["action"]) == (pad.name, "portLost", "suspend")


async def test_a_receipt_that_was_half_printed_comes_again_as_a_copy(bank, terminal, pay):
    printer = terminal.devices.emulators.printer
    await script(terminal, "printer.slow=2000")
    paying = asyncio.create_task(pay(terminal))
    await printer.until(lambda: len(printer.unfinished) > 200)
    await script(terminal, "printer.unplug")
    journey = await paying
    assert (journey.ending, journey.receipt_printed) == (Ending.PAID, False)
    assert (await bank.settled(terminal)).agree
    await script(terminal, "printer.plug printer.well")
    job = terminal.assembly.parts.receipt(journey)
    assert (await terminal.devices.ports.printer.print_receipt(job, 10)).succeeded
    assert "COPY" in "\n".join(printed_text(printer.jobs[-1], terminal.devices.profile))
    assert printer.torn, "the first half hung out of it"


async def test_a_terminal_with_a_scanner_serves_without_it_as_well(bank, pay):
    scanner = {"class": "barcode_reader", "driver": "serial", "port": "emulator"}
    bank.devices = {**bank.devices, "devices.scanner": scanner}
    async with bank.terminal() as terminal:
        emulated = terminal.devices.emulators.scanner
        await until(lambda: device(terminal, DeviceClass.BARCODE_READER).state is Connection.ONLINE)
        await emulated.scan("7071234567")
        assert (await terminal.devices.scanner.read(10)).value == "7071234567"
        emulated.unplug()
        assert (await pay(terminal)).ending is Ending.PAID


async def test_a_scraper_sees_each_device_and_a_watchdog_whether_money_may_be_taken(terminal, tmp_path):
    monitor = Monitor(
        terminal.spool,
        terminal.assembly.gate,
        terminal.devices.supervisor.devices,
        now=terminal.assembly.parts.now,
    )
    async with monitor.listening("127.0.0.1:0", Shutdown(1.0)) as (host, port), ClientSession() as session:
        base = f"http://{host}:{port}"
        assert (await session.get(f"{base}/livez")).status == 200
        assert (await session.get(f"{base}/readyz")).status == 200
        terminal.devices.emulators.printer.faults = PrinterFaults(cover_open=True)
        answer = await session.get(f"{base}/readyz")
        assert (answer.status, await answer.text()) == (503, "printer.userError\n")
        text = await (await session.get(f"{base}/metrics")).text()
    assert 'tolem_device_state{device="printer",state="userError"} 1' in text
    assert 'tolem_device_connection{device="printer",connection="online"} 1' in text
    assert "tolem_spool_entries" in text


def test_no_metric_is_without_a_type():
    text = "\n".join(of_devices([]))
    assert text.count("# TYPE") == text.count("# HELP") == 4
