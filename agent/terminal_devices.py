"""The terminal's three devices, opened by its settings; behind each, if it is one, its emulator."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.journeys.ports import Devices
from agent.settings import Settings
from agent.settings_sections import DeviceSection
from devices.drivers import (
    DeviceClass,
    Surroundings,
    open_card_reader,
    open_pin_pad,
    open_receipt_printer,
)
from devices.emulators.card_slot import VirtualSlot
from devices.emulators.pinpad import EmulatedPad
from devices.emulators.printer import EmulatedPrinter
from devices.errors import UnknownDriverError
from devices.escpos.profile import PROFILES, Profile
from gateway.settings import SettingsError


@dataclass(frozen=True)
class Emulators:
    """What a person does to a device by hand; None where the device is real."""

    slot: VirtualSlot | None
    pad: EmulatedPad | None
    printer: EmulatedPrinter | None


@dataclass(frozen=True)
class TerminalDevices:
    ports: Devices
    profile: Profile  # of the printer, for which receipts are laid out
    emulators: Emulators


@asynccontextmanager
async def open_devices(
    settings: Settings, *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
) -> AsyncIterator[TerminalDevices]:
    """Open all three; they close with the block. SettingsError for a driver or a class that is not there."""
    time_zone = ZoneInfo(settings.node.time_zone)
    around = Surroundings(
        today=lambda: now().astimezone(time_zone).date(),
        random_bytes=random_bytes,
        state=settings.node.data_dir,
        timers=settings.timers.devices(),
    )
    printer_choice = _choice(settings, DeviceClass.RECEIPT_PRINTER)
    async with AsyncExitStack() as stack:
        try:
            reader = await stack.enter_async_context(
                open_card_reader(_choice(settings, DeviceClass.CARD_READER), around)
            )
            pad = await stack.enter_async_context(
                open_pin_pad(_choice(settings, DeviceClass.PIN_PAD), around)
            )
            printer = await stack.enter_async_context(open_receipt_printer(printer_choice, around))
        except UnknownDriverError as error:
            raise SettingsError(f"devices: {error}") from None
        yield TerminalDevices(
            Devices(reader.device, pad.device, printer.device),
            PROFILES[printer_choice.driver],
            Emulators(reader.emulator, pad.emulator, printer.emulator),
        )


def printer_profile(settings: Settings) -> Profile:
    return PROFILES[_choice(settings, DeviceClass.RECEIPT_PRINTER).driver]


def _choice(settings: Settings, wanted: DeviceClass) -> DeviceSection:
    for device in settings.devices.values():
        if device.device_class is wanted:
            return device
    raise SettingsError(
        f"devices: no {wanted.value}; a terminal has one of each class, add [devices.NAME] with class, driver, port"
    )
