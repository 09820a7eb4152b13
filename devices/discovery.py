"""Which lines there are, and by which names that stay: by-id link, USB serial number, place on the bus.

Reads /sys and /dev, and opens nothing: a line that another program uses is found as well. Blocks, so it is
not for the loop.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CLASSES: Final = {"tty": ".", "usbmisc": "usb"}
"""Classes of /sys/class with lines that we can use, and where in /dev their files are."""


@dataclass(frozen=True)
class FoundLine:
    """`location`: bus and ports, such as 1-4.2; stays with the socket that it is plugged into."""

    path: str
    by_id: str | None = None
    usb_serial: str | None = None
    location: str | None = None
    description: str = ""

    @property
    def stable_name(self) -> str:
        """What to write into the settings."""
        if self.usb_serial:
            return f"usb:{self.usb_serial}"
        return f"by-id:{self.by_id}" if self.by_id else self.path


@dataclass(frozen=True)
class Discovery:
    """`sys`, `dev`: where the system's trees are."""

    sys: Path = Path("/sys")
    dev: Path = Path("/dev")

    def lines(self) -> Sequence[FoundLine]:
        """Serial lines and USB printers that are plugged in, by path."""
        links = self._links()
        found = [self._line(entry, folder, links) for entry, folder in self._entries()]
        return sorted(found, key=lambda line: line.path)

    def path_of_serial(self, serial: str) -> str | None:
        """The first line, by path, of the USB device with this serial number."""
        return next((line.path for line in self.lines() if line.usb_serial == serial), None)

    def path_of_link(self, name: str) -> str:
        return str(self.dev / "serial" / "by-id" / name)

    def _entries(self) -> Iterator[tuple[Path, Path]]:
        """Each entry of /sys/class that belongs to hardware, and the folder of its file."""
        for name, folder in _CLASSES.items():
            with suppress(OSError):
                for entry in sorted((self.sys / "class" / name).iterdir()):
                    if _is_hardware(entry) and (self.dev / folder / entry.name).exists():
                        yield entry, self.dev / folder

    def _line(self, entry: Path, folder: Path, links: dict[Path, str]) -> FoundLine:
        path = folder / entry.name
        usb = _usb_device((entry / "device").resolve())
        by_id = links.get(path.resolve()) or links.get(path)
        if usb is None:
            return FoundLine(str(path), by_id)
        description = " ".join(filter(None, (_said(usb, "manufacturer"), _said(usb, "product"))))
        return FoundLine(str(path), by_id, _said(usb, "serial") or None, usb.name, description)

    def _links(self) -> dict[Path, str]:
        """The names in /dev/serial/by-id, by the file that each leads to."""
        with suppress(OSError):
            return {link.resolve(): link.name for link in sorted((self.dev / "serial" / "by-id").iterdir())}
        return {}


def _is_hardware(entry: Path) -> bool:
    """Linux keeps four or more names for serial ports that were never found: their type is 0."""
    return (entry / "device").exists() and _said(entry, "type") != "0"


def _usb_device(device: Path) -> Path | None:
    """The USB device that an interface belongs to: the nearest folder above that tells its maker's number."""
    return next((folder for folder in (device, *device.parents) if (folder / "idVendor").exists()), None)


def _said(folder: Path, attribute: str) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return (folder / attribute).read_text().strip()
    return ""
