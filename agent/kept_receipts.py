"""What an emulated printer printed, kept as files, so that a person can look at it.

`000017.escpos` has the bytes that went down the wire; its picture is drawn when somebody wants to see it.
"""

from pathlib import Path
from typing import Final

from agent.journeys.bill import State
from agent.journeys.card_record import CardJourney
from agent.journeys.merchant_sale import State as SaleState
from agent.journeys.sale_record import Sale
from devices.emulators.printer import EmulatedPrinter
from devices.escpos.picture import picture
from devices.escpos.profile import Profile

SUFFIX: Final = ".escpos"


class ReceiptFolder:
    """An observer of journeys, and `sale` one of sales: keeps the printer's last job under its number."""

    def __init__(self, folder: Path, printer: EmulatedPrinter) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._printer = printer

    def __call__(self, journey: CardJourney) -> None:
        if journey.state is State.RECEIPT_DONE and journey.receipt_printed:
            self._keep(journey.receipt_number)

    def sale(self, sale: Sale) -> None:
        if sale.state is SaleState.SLIP_DONE and sale.slip_printed:
            self._keep(sale.slip_number)

    def _keep(self, number: str | None) -> None:
        if self._printer.jobs:
            (self._folder / f"{number}{SUFFIX}").write_bytes(self._printer.jobs[-1])


def folder_of(data_dir: Path) -> Path:
    return data_dir / "receipts"


def kept(data_dir: Path, receipt_number: str) -> bytes | None:
    """The bytes of a receipt; None if a real printer printed it, or none did."""
    path = folder_of(data_dir) / f"{receipt_number}{SUFFIX}"
    return path.read_bytes() if path.exists() else None


def draw(data_dir: Path, receipt_number: str, profile: Profile) -> Path | None:
    """Draw the picture of a kept receipt beside it; its path."""
    job = kept(data_dir, receipt_number)
    if job is None:
        return None
    path = folder_of(data_dir) / f"{receipt_number}.png"
    picture(job, profile).save(path)
    return path
