"""A payment link in EMVCo's merchant-presented form of a QR code (PROTOCOLS §4; EMVCo QRCPS, merchant-presented mode).

The text is id, length and value, one after the other: `00` the version first, `63` the checksum last, and
template `26` with `00` a globally unique name, here the links' host, and `01` the link's id. Lengths count
characters; the checksum is CRC-16/CCITT-FALSE over the UTF-8 bytes up to and with `6304`.

>>> f"{checksum('123456789'):04X}"
'29B1'
"""

from binascii import crc_hqx
from typing import Final, NamedTuple

VERSION: Final = "000201"
_CHECKSUM: Final = "6304"
_TEMPLATE: Final = "26"
_GUID: Final = "00"
_LINK: Final = "01"
_HEAD: Final = 4  # two digits of id, two of length
_CHECKSUM_DIGITS: Final = 4


class NotAQrError(ValueError):
    """The text is not in this form, or its checksum is another's."""


class QrLink(NamedTuple):
    host: str
    link_id: str


def read_qr(text: str) -> QrLink:
    """Raises NotAQrError, which quotes nothing."""
    covered, told = text[:-_CHECKSUM_DIGITS], text[-_CHECKSUM_DIGITS:]
    if not text.startswith(VERSION) or not covered.endswith(_CHECKSUM):
        raise NotAQrError("no EMVCo code")
    if told.upper() != f"{checksum(covered):04X}":
        raise NotAQrError("its checksum is another's")
    template = _objects(_objects(text).get(_TEMPLATE, ""))
    if _GUID not in template or _LINK not in template:
        raise NotAQrError("no payment link in it")
    return QrLink(template[_GUID], template[_LINK])


def checksum(text: str) -> int:
    return crc_hqx(text.encode(), 0xFFFF)


def _objects(text: str) -> dict[str, str]:
    """The values by their ids, each once."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        head = text[at : at + _HEAD]
        if len(head) < _HEAD or not (head.isascii() and head.isdigit()):
            raise NotAQrError("an id or a length is no number")
        end = at + _HEAD + int(head[2:])
        if end > len(text) or head[:2] in found:
            raise NotAQrError("a value is cut, or repeated")
        found[head[:2]] = text[at + _HEAD : end]
        at = end
    return found
