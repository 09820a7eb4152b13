"""A /sys and a /dev of our own, in which devices are plugged in and pulled."""

from pathlib import Path

from devices.discovery import Discovery


class UsbTree:
    def __init__(self, folder: Path) -> None:
        self._sys, self._dev = folder / "sys", folder / "dev"
        self._links = self._dev / "serial" / "by-id"
        self._links.mkdir(parents=True)
        self.discovery = Discovery(self._sys, self._dev)

    def plug(self, name: str, line: str, *, serial: str | None = "A10KZP45", location: str = "1-4.2") -> str:
        """`line`: the file that is behind `name` in /dev, such as a pseudo-terminal."""
        folder, file = (
            ("usbmisc", self._dev / "usb" / name) if name.startswith("lp") else ("tty", self._dev / name)
        )
        device = self._sys / "devices" / "usb1" / location
        interface = device / f"{location}:1.0"
        interface.mkdir(parents=True)
        told = {"idVendor": "0403", "manufacturer": "FTDI", "product": "FT232R", "serial": serial}
        for attribute, value in told.items():
            if value is not None:
                (device / attribute).write_text(f"{value}\n")
        entry = self._sys / "class" / folder / name
        entry.mkdir(parents=True)
        (entry / "device").symlink_to(interface)
        file.parent.mkdir(exist_ok=True)
        file.symlink_to(line)
        if serial is not None and folder == "tty":
            (self._links / f"usb-FTDI_FT232R_{serial}-if00-port0").symlink_to(file)
        return str(file)

    def pull(self, name: str) -> None:
        folder, file = (
            ("usbmisc", self._dev / "usb" / name) if name.startswith("lp") else ("tty", self._dev / name)
        )
        entry = self._sys / "class" / folder / name
        for link in self._links.iterdir():
            if link.readlink() == file:
                link.unlink()
        interface = (entry / "device").resolve()
        (entry / "device").unlink()
        entry.rmdir()
        file.unlink()
        interface.rmdir()
        for attribute in interface.parent.iterdir():
            attribute.unlink()
        interface.parent.rmdir()
