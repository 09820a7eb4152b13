"""Which driver serves which class of device: one table, and a typed way into each of its rows.

Port `emulator` starts the emulator of that class inside, ready to serve without a person: a card of its own
inserts itself, its PIN types itself. Behind port `emulator_by_hand` nothing happens by itself: a person inserts,
types and pulls. Either ends with the device, and is there to be played with meanwhile.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

from devices.discovery import Discovery
from devices.emulators.card_slot import VirtualSlot
from devices.emulators.pcscd import OwnPcscd
from devices.emulators.pinpad import EmulatedPad
from devices.emulators.printer import EmulatedPrinter
from devices.emulators.ready import dukpt_secrets, master_secrets, ready_pad, ready_slot
from devices.emulators.scanner import EmulatedScanner
from devices.emulators.terminals import PseudoTerminal
from devices.emulators.vpcd import AttendedChannel, VpcdReader
from devices.emv.channel import CardChannel
from devices.emv.exchange import APDU_SECONDS
from devices.emv.reader import EmvReader
from devices.errors import UnknownDriverError
from devices.escpos.printer import EscposPrinter, PrinterTimers
from devices.escpos.profile import PROFILES
from devices.found_port import FoundPort
from devices.interfaces import BarcodeReader, CardReader, PinPad, ReceiptPrinter
from devices.pcsc import library as pcsc_library
from devices.pcsc.channel import PcscChannel
from devices.port import Port
from devices.port_makers import port_called
from devices.port_names import parse
from devices.scanner.scanner import SerialScanner
from devices.serial_port import SerialPort
from devices.visa_pad.link import PadTimers
from devices.visa_pad.pin_entry import ASCII, MasterSession
from devices.visa_pad.pinpad import VisaPad
from devices.witness import NOBODY, Witness

Device_co = TypeVar("Device_co", covariant=True)
Emulator_co = TypeVar("Emulator_co", covariant=True)

EMULATOR: Final = "emulator"
EMULATOR_BY_HAND: Final = "emulator_by_hand"
EMULATORS: Final = (EMULATOR, EMULATOR_BY_HAND)


class DeviceClass(StrEnum):
    CARD_READER = "card_reader"
    PIN_PAD = "pin_pad"
    RECEIPT_PRINTER = "receipt_printer"
    BARCODE_READER = "barcode_reader"


class Choice(Protocol):
    """What settings say of one device."""

    @property
    def driver(self) -> str: ...

    @property
    def port(self) -> str: ...


@dataclass(frozen=True)
class DeviceTimers:
    """How long drivers wait for devices that wait for nobody; each driver has its own defaults."""

    pad: PadTimers = field(default_factory=PadTimers)
    printer: PrinterTimers = field(default_factory=PrinterTimers)
    apdu_seconds: float = APDU_SECONDS


@dataclass(frozen=True)
class PadOptions:
    """`code_page`: what its display understands. `master_session`: MK/SK instead of DUKPT."""

    code_page: str = ASCII
    master_session: MasterSession | None = None


@dataclass(frozen=True)
class Surroundings:
    """What drivers and emulators need from outside. `today`: the terminal's own date.

    `state`: where an emulated pad keeps its key counter; without it the counter starts anew each time.
    `witness` is told of one device: each is opened with its own.
    """

    today: Callable[[], date]
    random_bytes: Callable[[int], bytes]
    state: Path | None = None
    timers: DeviceTimers = field(default_factory=DeviceTimers)
    witness: Witness = NOBODY
    discovery: Discovery = field(default_factory=Discovery)
    pad: PadOptions = field(default_factory=PadOptions)
    baud: int = 9600  # of a serial line


@dataclass(frozen=True)
class Opened(Generic[Device_co, Emulator_co]):
    """A device and, where its port is one of `EMULATORS`, what is behind it."""

    device: Device_co
    emulator: Emulator_co | None


Opener = Callable[[str, Surroundings], AbstractAsyncContextManager[Opened[Device_co, Emulator_co]]]


@asynccontextmanager
async def _virtual_card(port: str, around: Surroundings) -> AsyncIterator[Opened[CardReader, VirtualSlot]]:
    _check_port("emv", port)
    slot = _emulated_slot(port, around)
    async with AsyncExitStack() as stack:
        reader = _emv_reader(slot, around)
        stack.push_async_callback(reader.close)
        yield Opened(reader, slot)


@asynccontextmanager
async def _pcsc(port: str, around: Surroundings) -> AsyncIterator[Opened[CardReader, VirtualSlot]]:
    """`port`: the reader's name, with or without the two numbers at its end. Raises MissingLibraryError."""
    library = pcsc_library.load()
    async with AsyncExitStack() as stack:
        slot = None
        channel: CardChannel = PcscChannel(port, library)
        if port in EMULATORS:
            slot = _emulated_slot(port, around)
            pcscd = OwnPcscd()
            await stack.enter_async_context(VpcdReader(slot, pcscd))
            channel = AttendedChannel(PcscChannel(pcscd.reader, library), slot)
        reader = _emv_reader(channel, around)
        stack.push_async_callback(reader.close)
        yield Opened(reader, slot)


def _emv_reader(channel: CardChannel, around: Surroundings) -> EmvReader:
    return EmvReader(
        channel, today=around.today, apdu_seconds=around.timers.apdu_seconds, witness=around.witness
    )


def _emulated_slot(port: str, around: Surroundings) -> VirtualSlot:
    return ready_slot(today=around.today(), random_bytes=around.random_bytes, attended=port == EMULATOR)


@asynccontextmanager
async def _visa_pad(port: str, around: Surroundings) -> AsyncIterator[Opened[PinPad, EmulatedPad]]:
    async with AsyncExitStack() as stack:
        emulator = None
        if port in EMULATORS:
            emulator = await stack.enter_async_context(_emulated_pad(port, around))
        pad = VisaPad(
            _port(port, around, emulator),
            master_session=around.pad.master_session,
            code_page=around.pad.code_page,
            timers=around.timers.pad,
            witness=around.witness,
        )
        stack.push_async_callback(pad.close)
        yield Opened(pad, emulator)


class _Emulator(Protocol):
    @property
    def path(self) -> str: ...

    @property
    def plugged(self) -> bool: ...


def _port(name: str, around: Surroundings, emulator: _Emulator | None) -> Port:
    """The line of a device, or of the emulator in its place, which may be plugged in anew as well."""
    if emulator is None:
        return port_called(name, around.discovery, baud=around.baud)
    return FoundPort(name, lambda: emulator.path if emulator.plugged else None, SerialPort)


def _emulated_pad(port: str, around: Surroundings) -> EmulatedPad:
    session = around.pad.master_session
    secrets = (
        dukpt_secrets(around.state) if session is None else master_secrets(session.key, around.random_bytes)
    )
    return ready_pad(secrets, code_page=around.pad.code_page, attended=port == EMULATOR)


@asynccontextmanager
async def _escpos(port: str, around: Surroundings) -> AsyncIterator[Opened[ReceiptPrinter, EmulatedPrinter]]:
    async with AsyncExitStack() as stack:
        emulator = None
        if port in EMULATORS:
            emulator = await stack.enter_async_context(EmulatedPrinter(PseudoTerminal()))
        printer = EscposPrinter(
            _port(port, around, emulator),
            timers=around.timers.printer,
            random=around.random_bytes,
            witness=around.witness,
        )
        stack.push_async_callback(printer.close)
        yield Opened(printer, emulator)


@asynccontextmanager
async def _scanner(port: str, around: Surroundings) -> AsyncIterator[Opened[BarcodeReader, EmulatedScanner]]:
    async with AsyncExitStack() as stack:
        emulator = None
        if port in EMULATORS:
            emulator = await stack.enter_async_context(EmulatedScanner(PseudoTerminal()))
        scanner = SerialScanner(_port(port, around, emulator), witness=around.witness)
        stack.push_async_callback(scanner.close)
        yield Opened(scanner, emulator)


CARD_READERS: Final[Mapping[str, Opener[CardReader, VirtualSlot]]] = {
    "emv": _virtual_card,
    "pcsc": _pcsc,
}
PIN_PADS: Final[Mapping[str, Opener[PinPad, EmulatedPad]]] = {"visa": _visa_pad}
RECEIPT_PRINTERS: Final[Mapping[str, Opener[ReceiptPrinter, EmulatedPrinter]]] = dict.fromkeys(
    PROFILES, _escpos
)
BARCODE_READERS: Final[Mapping[str, Opener[BarcodeReader, EmulatedScanner]]] = {"serial": _scanner}

DRIVERS: Final[Mapping[DeviceClass, Mapping[str, Opener[Any, Any]]]] = {
    DeviceClass.CARD_READER: CARD_READERS,
    DeviceClass.PIN_PAD: PIN_PADS,
    DeviceClass.RECEIPT_PRINTER: RECEIPT_PRINTERS,
    DeviceClass.BARCODE_READER: BARCODE_READERS,
}
OPTIONAL: Final = frozenset({DeviceClass.BARCODE_READER})
"""A terminal has one device of each class; of these it may have none."""


EMULATED_ONLY: Final = frozenset({"emv"})
NAMED_READERS: Final = frozenset({"pcsc"})  # their ports are readers' names, not lines


def check_choice(device_class: DeviceClass, choice: Choice) -> None:
    """Raises UnknownDriverError if no device of this class can be opened so; nothing is opened."""
    _opener(DRIVERS[device_class], choice)
    _check_port(choice.driver, choice.port)
    if choice.driver not in NAMED_READERS and choice.port not in EMULATORS:
        parse(choice.port)


def open_device(
    device_class: DeviceClass, choice: Choice, around: Surroundings
) -> AbstractAsyncContextManager[Opened[Any, Any]]:
    """A device of any class, for those who treat all alike. Raises UnknownDriverError."""
    return _opener(DRIVERS[device_class], choice)(choice.port, around)


def open_card_reader(
    choice: Choice, around: Surroundings
) -> AbstractAsyncContextManager[Opened[CardReader, VirtualSlot]]:
    return _opener(CARD_READERS, choice)(choice.port, around)


def open_pin_pad(
    choice: Choice, around: Surroundings
) -> AbstractAsyncContextManager[Opened[PinPad, EmulatedPad]]:
    return _opener(PIN_PADS, choice)(choice.port, around)


def open_receipt_printer(
    choice: Choice, around: Surroundings
) -> AbstractAsyncContextManager[Opened[ReceiptPrinter, EmulatedPrinter]]:
    """`choice.driver` is one of `escpos.profile.PROFILES`."""
    return _opener(RECEIPT_PRINTERS, choice)(choice.port, around)


def open_barcode_reader(
    choice: Choice, around: Surroundings
) -> AbstractAsyncContextManager[Opened[BarcodeReader, EmulatedScanner]]:
    return _opener(BARCODE_READERS, choice)(choice.port, around)


def _opener(
    drivers: Mapping[str, Opener[Device_co, Emulator_co]], choice: Choice
) -> Opener[Device_co, Emulator_co]:
    if choice.driver not in drivers:
        raise UnknownDriverError(f"no driver {choice.driver!r} of this class; there is {', '.join(drivers)}")
    return drivers[choice.driver]


def _check_port(driver: str, port: str) -> None:
    if driver in EMULATED_ONLY and port not in EMULATORS:
        raise UnknownDriverError(
            f"driver {driver} has port {' or '.join(map(repr, EMULATORS))} only, not {port!r}"
        )
