"""Which applications are on the card: what directories and FCIs say, without a command (EMV 4.3 Book 1, 12)."""

from collections.abc import Iterable
from typing import Final

from devices.emv.schemes import scheme_of
from devices.emv.tags import Tag
from devices.emv.tlv import Tlv, first, parse, walk
from devices.interfaces import Application

PPSE: Final = b"2PAY.SYS.DDF01"
PSE: Final = b"1PAY.SYS.DDF01"
MOST_RECORDS: Final = 10  # of a directory
MOST_APPLICATIONS: Final = 16

_PRIORITY_BITS: Final = 0x0F
_LAST: Final = 16  # behind 1 to 15: an application without a priority


def directory_entries(data: bytes) -> list[Application]:
    """Those of a PPSE's FCI or of one record of a PSE. Raises MalformedTlvError."""
    entries = [node for node in walk(parse(data)) if node.tag == Tag.DIRECTORY_ENTRY]
    return [_application(parse(entry.value), Tag.AID) for entry in entries]


def selected(fci: bytes) -> Application:
    """The application whose FCI answered a SELECT. Raises MalformedTlvError."""
    return _application(parse(fci), Tag.DF_NAME)


def directory_file(fci: bytes) -> int | None:
    """The short file identifier of a PSE's directory, 1 to 10. Raises MalformedTlvError."""
    sfi = first(parse(fci), Tag.SFI)
    return sfi[0] if sfi and 1 <= sfi[0] <= MOST_RECORDS else None


def candidates(applications: Iterable[Application]) -> list[Application]:
    """Those that we serve, each once, best priority first; equals stay in the card's order."""
    served = {found.aid: found for found in applications if scheme_of(found.aid)}
    return sorted(served.values(), key=lambda found: found.priority)[:MOST_APPLICATIONS]


def _application(nodes: list[Tlv], name: Tag) -> Application:
    aid = first(nodes, name) or b""
    label = first(nodes, Tag.LABEL) or first(nodes, Tag.PREFERRED_NAME) or b""
    priority = (first(nodes, Tag.PRIORITY) or b"\x00")[0] & _PRIORITY_BITS
    return Application(aid, _shown(label) or _scheme_name(aid), priority or _LAST)


def _shown(label: bytes) -> str:
    text = label.decode("latin-1").strip()
    return text if text.isprintable() else ""


def _scheme_name(aid: bytes) -> str:
    scheme = scheme_of(aid)
    return scheme.name if scheme else ""
