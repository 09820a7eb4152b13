"""What `port` of `[devices.<name>]` may say. Pure: nothing is looked up here.

| port | means |
|---|---|
| `emulator`, `emulator_by_hand` | no device at all: see `drivers` |
| `/dev/serial/by-id/…`, any path | that file, whatever is behind it when it is opened |
| `/dev/usb/lp0` | a printer of the USB printer class |
| `by-id:NAME` | the name in /dev/serial/by-id |
| `usb:SERIAL` | the USB device with this serial number, wherever it is plugged in |
| `tcp:HOST:PORT` | a network printer's raw port |

A PC/SC reader has a name instead (`pcsc.names`).
"""

import re
from dataclasses import dataclass
from typing import Final

from devices.errors import UnknownDriverError

LARGEST_TCP_PORT: Final = 65535

_USB_SERIAL: Final = re.compile(r"usb:(?P<serial>[^\s/]{1,128})")
_BY_ID: Final = re.compile(r"by-id:(?P<name>[^\s/]{1,255})")
_TCP: Final = re.compile(
    r"tcp:(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[^\s:/\[\]]+)):(?P<port>[0-9]{1,5})", re.ASCII
)


@dataclass(frozen=True)
class FilePort:
    path: str


@dataclass(frozen=True)
class UsbSerialNumber:
    serial: str


@dataclass(frozen=True)
class ById:
    name: str


@dataclass(frozen=True)
class Tcp:
    host: str
    port: int


PortName = FilePort | UsbSerialNumber | ById | Tcp


def parse(text: str) -> PortName:
    """Raises UnknownDriverError for what is none of the forms.

    >>> parse("usb:A10KZP45")
    UsbSerialNumber(serial='A10KZP45')
    >>> parse("tcp:[fd00::7]:9100")
    Tcp(host='fd00::7', port=9100)
    """
    if text.startswith("/"):
        return FilePort(text)
    if found := _USB_SERIAL.fullmatch(text):
        return UsbSerialNumber(found["serial"])
    if found := _BY_ID.fullmatch(text):
        return ById(found["name"])
    if (found := _TCP.fullmatch(text)) and 0 < int(found["port"]) <= LARGEST_TCP_PORT:
        return Tcp(found["v6"] or found["host"], int(found["port"]))
    raise UnknownDriverError(
        f"port {text!r} is none of: a path such as /dev/serial/by-id/…, by-id:NAME, usb:SERIAL, tcp:HOST:PORT"
    )
