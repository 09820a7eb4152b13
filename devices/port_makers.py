"""From what the settings say of a port to the port itself: one row for each form of a name."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from devices.discovery import Discovery
from devices.found_port import FoundPort, Line
from devices.port import Port
from devices.port_names import ById, FilePort, Tcp, UsbSerialNumber, parse
from devices.serial_port import SerialPort
from devices.tcp_port import TcpPort
from devices.threaded_port import ThreadedPort
from devices.usb_printer_line import UsbPrinterLine

USB_PRINTERS: Final = "usb/lp*"  # of /dev


def port_called(name: str, discovery: Discovery | None = None, *, baud: int = 9600) -> Port:
    """A closed port. Raises UnknownDriverError for a name that is none."""
    wanted = parse(name)
    return _MAKERS[type(wanted)](wanted, discovery or Discovery(), baud)


def _of_file(wanted: FilePort, _: Discovery, baud: int) -> Port:
    return _line(wanted.path, baud=baud)


def _of_serial(wanted: UsbSerialNumber, discovery: Discovery, baud: int) -> Port:
    find = partial(discovery.path_of_serial, wanted.serial)
    return FoundPort(f"usb:{wanted.serial}", find, partial(_line, baud=baud))


def _of_link(wanted: ById, discovery: Discovery, baud: int) -> Port:
    return _line(discovery.path_of_link(wanted.name), baud=baud)


def _of_tcp(wanted: Tcp, _: Discovery, __: int) -> Port:
    return TcpPort(wanted.host, wanted.port)


def _line(path: str, *, baud: int) -> Line:
    if Path(path).match(USB_PRINTERS):
        return ThreadedPort(path, UsbPrinterLine)
    return SerialPort(path, baud=baud)


_MAKERS: Final[Mapping[type, Callable[[Any, Discovery, int], Port]]] = {
    FilePort: _of_file,
    UsbSerialNumber: _of_serial,
    ById: _of_link,
    Tcp: _of_tcp,
}
