import pytest

from devices.emulators.dukpt import FutureKeys
from devices.emulators.pinpad import EmulatedPad, PadSecrets
from devices.emulators.terminals import PseudoTerminal
from devices.serial_port import SerialPort
from devices.visa_pad.link import PadTimers
from devices.visa_pad.pinpad import VisaPad


@pytest.fixture
async def pad():
    async with EmulatedPad(PseudoTerminal(), PadSecrets(dukpt=FutureKeys())) as pad:
        yield pad


@pytest.fixture
async def driver(pad):
    driver = VisaPad(SerialPort(pad.path), timers=PadTimers(perhaps_eot_seconds=0.02))
    yield driver
    await driver.close()
