"""The terminal's three devices, opened by its settings; behind each, if it is one, its emulator."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from agent.device_events import DeviceEvents
from agent.journeys.ports import Devices
from agent.settings import Settings
from agent.settings_sections import DeviceSection
from devices.drivers import (
    DeviceClass,
    Opened,
    Surroundings,
    open_barcode_reader,
    open_card_reader,
    open_pin_pad,
    open_receipt_printer,
)
from devices.emulators.card_slot import VirtualSlot
from devices.emulators.pinpad import EmulatedPad
from devices.emulators.printer import EmulatedPrinter
from devices.emulators.scanner import EmulatedScanner
from devices.errors import UnknownDriverError
from devices.escpos.profile import PROFILES, Profile
from devices.interfaces import BarcodeReader
from devices.supervisor import Supervisor, World
from gateway.settings import SettingsError

Device = TypeVar("Device")
Emulator = TypeVar("Emulator")


@dataclass(frozen=True)
class Emulators:
    """What a person does to a device by hand; None where the device is real."""

    slot: VirtualSlot | None
    pad: EmulatedPad | None
    printer: EmulatedPrinter | None
    scanner: EmulatedScanner | None = None


@dataclass(frozen=True)
class TerminalDevices:
    ports: Devices
    profile: Profile  # of the printer, for which receipts are laid out
    emulators: Emulators
    scanner: BarcodeReader | None
    supervisor: Supervisor
    events: DeviceEvents


@asynccontextmanager
async def open_devices(
    settings: Settings, *, now: Callable[[], datetime], random: Random
) -> AsyncIterator[TerminalDevices]:
    """Open all three and look after them; they close with the block.

    SettingsError for a driver or a class that is not there.
    """
    time_zone = ZoneInfo(settings.node.time_zone)
    around = Surroundings(
        today=lambda: now().astimezone(time_zone).date(),
        random_bytes=random.randbytes,
        state=settings.node.data_dir,
        timers=settings.timers.devices(),
    )
    events = DeviceEvents()
    supervisor = Supervisor(World(events.tell, now, random, settings.timers.device_look_seconds))
    async with AsyncExitStack() as stack:

        async def opened(
            wanted: DeviceClass,
            opener: Callable[
                [DeviceSection, Surroundings], AbstractAsyncContextManager[Opened[Device, Emulator]]
            ],
        ) -> Opened[Device, Emulator]:
            name, choice = _choice(settings, wanted)
            near = replace(around, pad=choice.pad(), baud=choice.baud)
            return await stack.enter_async_context(supervisor.open(name, wanted, choice, near, opener))

        try:
            reader = await opened(DeviceClass.CARD_READER, open_card_reader)
            pad = await opened(DeviceClass.PIN_PAD, open_pin_pad)
            printer = await opened(DeviceClass.RECEIPT_PRINTER, open_receipt_printer)
            has_scanner = DeviceClass.BARCODE_READER in _classes(settings)
            scanner = await opened(DeviceClass.BARCODE_READER, open_barcode_reader) if has_scanner else None
        except UnknownDriverError as error:
            raise SettingsError(f"devices: {error}") from None
        yield TerminalDevices(
            Devices(reader.device, pad.device, printer.device),
            printer_profile(settings),
            Emulators(
                reader.emulator, pad.emulator, printer.emulator, None if scanner is None else scanner.emulator
            ),
            None if scanner is None else scanner.device,
            supervisor,
            events,
        )


def _classes(settings: Settings) -> set[DeviceClass]:
    return {device.device_class for device in settings.devices.values()}


def printer_profile(settings: Settings) -> Profile:
    _, choice = _choice(settings, DeviceClass.RECEIPT_PRINTER)
    return PROFILES[choice.driver]


def _choice(settings: Settings, wanted: DeviceClass) -> tuple[str, DeviceSection]:
    """The device of this class and its name."""
    for name, device in settings.devices.items():
        if device.device_class is wanted:
            return name, device
    raise SettingsError(
        f"devices: no {wanted.value}; a terminal has one of each class, add [devices.NAME] with class, driver, port"
    )
