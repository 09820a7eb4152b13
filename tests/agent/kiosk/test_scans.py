"""A code held before the scanner, at each screen where it means something."""

import asyncio

import pytest

from agent.kiosk.watching import watch_scanner
from devices.emulators.scanner import EmulatedScanner
from devices.emulators.terminals import PseudoTerminal
from devices.scanner.scanner import SerialScanner
from devices.serial_port import SerialPort
from tests.agent.kiosk.person import ACCOUNT, serving

BILL = f"0117{ACCOUNT}00152300"


@pytest.fixture
async def scanner():
    """A scanner, and the driver that a terminal has of it."""
    async with EmulatedScanner(PseudoTerminal()) as emulator:
        driver = SerialScanner(SerialPort(emulator.path))
        await driver.status()
        yield emulator, driver
        await driver.close()


async def test_a_scanned_bill_fills_the_field_and_sends_nothing():
    async with serving() as at:
        await at.to_requisite()
        at.attendant.scan(BILL)
        assert (at.name, at.attendant.scene.session.draft) == ("requisite", ACCOUNT)
        assert at.orders == []
        at.press("enter", at.attendant.scene.session.draft)
        await at.shows("review")


async def test_a_code_that_is_the_account_itself_fills_the_field_too():
    async with serving() as at:
        await at.to_requisite()
        at.attendant.scan(ACCOUNT)
        assert at.attendant.scene.session.draft == ACCOUNT


async def test_a_bill_of_somebody_else_is_told_and_fills_nothing():
    async with serving() as at:
        await at.to_requisite()
        at.attendant.scan("5901234567890")
        assert at.attendant.scene.session.draft == ""
        assert at.attendant.scene.session.fault is not None


async def test_a_bill_scanned_while_choosing_chooses_its_product():
    async with serving() as at:
        await at.shows("welcome")
        at.press("language", "ru")
        at.attendant.scan(BILL)
        assert at.name == "requisite"
        assert at.attendant.scene.session.product == "samal-internet"
        assert at.attendant.scene.session.draft == ACCOUNT
        at.press("back")
        assert at.name == "groups"


async def test_a_scan_before_anybody_has_come_means_nothing():
    async with serving() as at:
        await at.shows("welcome")
        at.attendant.scan(BILL)
        assert at.name == "welcome"


async def test_a_scan_while_money_moves_means_nothing():
    async with serving() as at:
        await at.to_review()
        seq = at.attendant.scene.seq
        at.attendant.scan(BILL)
        assert at.attendant.scene.seq == seq


async def test_a_scanner_that_types_like_a_keyboard_is_understood_as_well():
    async with serving() as at:
        await at.to_requisite()
        at.press("enter", BILL)
        assert (at.name, at.attendant.scene.session.draft) == ("requisite", ACCOUNT)


async def test_what_the_scanner_reads_reaches_the_screen(scanner):
    emulator, driver = scanner
    async with serving() as at:
        watching = asyncio.create_task(watch_scanner(at.attendant, driver))
        await at.to_requisite()
        seq = at.attendant.scene.seq
        await emulator.scan(BILL)
        async with asyncio.timeout(10):
            await at.attendant.change(seq)
        assert at.attendant.scene.session.draft == ACCOUNT
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
