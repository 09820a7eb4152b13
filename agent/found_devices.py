"""What is plugged into this machine, by the names to write into the settings, and which device has it there.

Nothing is opened: a line that the running terminal uses is found as well. Blocks, so it is not for the loop.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agent.settings import Settings
from devices.discovery import Discovery, FoundLine
from devices.errors import UnknownDriverError
from devices.pcsc import library as pcsc_library
from devices.pcsc.hresults import PcscError
from devices.pcsc.names import find

LINE: Final = "serial or USB line"
READER: Final = "card reader"


@dataclass(frozen=True)
class Found:
    """`port`: what to write; `device`: who has it in the settings."""

    kind: str
    port: str
    place: str = ""
    description: str = ""
    device: str | None = None


def found_devices(settings: Settings, discovery: Discovery) -> tuple[Sequence[Found], str]:
    """What there is; and why card readers could not be asked for, empty if they were."""
    readers, why = _readers()
    lines = [_line(settings, line) for line in discovery.lines()]
    return [*lines, *(_reader(settings, name, readers) for name in readers)], why


def _line(settings: Settings, line: FoundLine) -> Found:
    names = {line.stable_name, line.path, f"/dev/serial/by-id/{line.by_id}", f"by-id:{line.by_id}"}
    place = ", ".join(part for part in (line.path, line.location) if part)
    return Found(LINE, line.stable_name, place, line.description, next(_who_has(settings, names), None))


def _reader(settings: Settings, name: str, readers: Sequence[str]) -> Found:
    wanted = {section.port for section in settings.devices.values() if find(section.port, readers) == name}
    return Found(READER, name, device=next(_who_has(settings, wanted), None))


def _who_has(settings: Settings, ports: set[str]) -> Iterator[str]:
    return (name for name, section in settings.devices.items() if section.port in ports)


def _readers() -> tuple[list[str], str]:
    try:
        library = pcsc_library.load()
        context = library.establish()
    except (UnknownDriverError, PcscError) as error:
        return [], str(error)
    try:
        return library.readers(context), ""
    except PcscError as error:
        return [], str(error)
    finally:
        library.release(context)
