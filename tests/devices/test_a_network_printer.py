"""A receipt printer on the network, where a write to a dead peer succeeds once."""

import asyncio

import pytest

from devices.emulators.network import NetworkLine
from devices.emulators.printer import EmulatedPrinter, PrinterFaults
from devices.escpos.printer import NOTHING_PRINTED, EscposPrinter, PrinterTimers
from devices.escpos.sheet import sample_sheet
from devices.interfaces import Completion, DeviceState
from devices.port_makers import port_called

JOB = sample_sheet("escpos")
SOON = 20.0  # a deadline that a working test never reaches


@pytest.fixture
async def printer():
    async with NetworkLine() as line, EmulatedPrinter(line) as printer:
        yield printer


@pytest.fixture
async def driver(printer):
    driver = EscposPrinter(port_called(printer.path), timers=PrinterTimers(status_seconds=0.3))
    yield driver
    await driver.close()


async def until_online(driver):
    async with asyncio.timeout(SOON):
        while (await driver.status()).device is not DeviceState.ONLINE:
            pass


async def test_a_job_is_printed_and_proved(printer, driver):
    assert (await driver.print_receipt(JOB, SOON)).succeeded
    assert printer.jobs == [JOB]


async def test_a_job_that_the_network_swallowed_is_not_taken_for_printed(printer, driver):
    printer.faults = PrinterFaults(bytes_per_second=2000)
    printing = asyncio.create_task(driver.print_receipt(JOB, SOON))
    await printer.until(lambda: printer.unfinished)
    printer.unplug()
    result = await printing
    assert not result.succeeded
    assert result.completion not in NOTHING_PRINTED
    assert printer.jobs == []


async def test_a_printer_that_was_switched_off_and_on_prints_the_next_job(printer, driver):
    assert (await driver.print_receipt(JOB, SOON)).succeeded
    printer.unplug()
    assert not (await driver.print_receipt(JOB, SOON)).succeeded
    assert (await driver.status()).device is DeviceState.POWER_OFF
    printer.plug()
    await until_online(driver)
    assert (await driver.print_receipt(JOB, SOON)).succeeded


async def test_a_printer_that_takes_nothing_more_ends_the_job_by_its_deadline(printer, driver):
    await driver.status()
    printer.faults = PrinterFaults(deaf=True)
    result = await driver.print_receipt(JOB, 0.5)
    assert result.completion in {Completion.DEVICE_NOT_READY, Completion.TIME_OUT}


async def test_cover_and_paper_are_told_over_the_network_too(printer, driver):
    printer.faults = PrinterFaults(cover_open=True)
    status = await driver.status()
    assert (status.device, status.measured["cover"]) == (DeviceState.USER_ERROR, "open")
