"""What the terminal says of itself and of the transaction when a card asks (EMV 4.3 Book 4, annex A)."""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.emv.schemes import scheme_of
from devices.emv.tags import Tag
from devices.interfaces import Purchase


@dataclass(frozen=True)
class Terminal:
    """An unattended terminal of a bank that is always online; PIN goes to the issuer, enciphered."""

    terminal_type: str = "14"  # of a financial institution, unattended, online only
    capabilities: str = "204000"  # chip by contacts; enciphered PIN online; no offline data authentication
    more_capabilities: str = "6000F0A001"
    results: str = "8000040000"  # no offline data authentication; online PIN entered
    cvm_results: str = "020000"  # enciphered PIN online; outcome unknown here
    purchase: str = "00"  # 9C: goods and services
    country_numeric: str = "398"  # ISO 3166-1, Kazakhstan
    currency_numeric: str = "398"  # ISO 4217, KZT
    device_serial: str = "00000001"

    def elements(self, aid: bytes) -> Mapping[int, bytes]:
        """Before the amount is told: enough for a PDOL."""
        scheme = scheme_of(aid)
        return {
            Tag.TERMINAL_TYPE: bytes.fromhex(self.terminal_type),
            Tag.CAPABILITIES: bytes.fromhex(self.capabilities),
            Tag.MORE_CAPABILITIES: bytes.fromhex(self.more_capabilities),
            Tag.TVR: bytes.fromhex(self.results),
            Tag.CVM_RESULTS: bytes.fromhex(self.cvm_results),
            Tag.TYPE: bytes.fromhex(self.purchase),
            Tag.COUNTRY: _two_bytes(self.country_numeric),
            Tag.CURRENCY: _two_bytes(self.currency_numeric),
            Tag.DEVICE_SERIAL: self.device_serial.encode("ascii"),
            Tag.VERSION: scheme.version if scheme else b"",
        }


def purchase_elements(purchase: Purchase) -> Mapping[int, bytes]:
    """The transaction itself."""
    return {
        Tag.AMOUNT: bytes.fromhex(f"{purchase.amount_minor:012d}"),
        Tag.AMOUNT_OTHER: bytes(6),
        Tag.CURRENCY: _two_bytes(purchase.currency_numeric),
        Tag.COUNTRY: _two_bytes(purchase.country_numeric),
        Tag.DATE: bytes.fromhex(purchase.date_yymmdd),
        Tag.UNPREDICTABLE: purchase.unpredictable,
    }


def _two_bytes(code: str) -> bytes:
    return bytes.fromhex(code.rjust(4, "0"))
