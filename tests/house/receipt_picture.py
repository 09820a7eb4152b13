"""The README's receipt: what a person reads of a payment in Kazakh, and each letter that Kazakh adds.

`python -m tests.house.receipt_picture`, from the top of the tree, draws `docs/receipt.png` anew, out of
the bytes that a printer's line would carry.
"""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from PIL import Image

from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from agent.masked_pan import MaskedPan
from agent.orders import Order, begun
from agent.receipt import receipt
from agent.receipt_facts import TerminalFacts
from devices.escpos.elements import Align, Line
from devices.escpos.layout import layout
from devices.escpos.picture import picture
from devices.escpos.profile import PROFILES
from devices.escpos.sheet import KAZAKH
from gateway.contract import Money, OfferField, PaymentView, Told
from gateway.providers.catalogue import load_catalogue

PICTURE: Final = Path(__file__).parents[2] / "docs/receipt.png"
PROFILE: Final = PROFILES["escpos"]
RRN: Final = "632648925357"

_AT: Final = datetime(2026, 11, 22, 8, 35, 25, tzinfo=UTC)
_FACTS: Final = TerminalFacts(
    terminal_id="ATM00018",
    owner="Tolem Bank",
    address="Алматы, Достық даңғылы 1",
    phone="+7 700 000 00 00",
    time_zone=ZoneInfo("Asia/Almaty"),
)
_COLOURS: Final = 16  # paper, ink and what lies between them


def job() -> bytes:
    """The receipt's bytes; its last line before the cut is every letter of Kazakh that Russian lacks."""
    *elements, cut = receipt(_paid(), _FACTS)
    return layout([*elements, Line(KAZAKH, Align.CENTRE), cut], PROFILE)


def drawn() -> Image.Image:
    return picture(job(), PROFILE).quantize(_COLOURS)


def _paid() -> Journey:
    catalogue = load_catalogue(Path(str(files("gateway.providers") / "demo.toml")))
    order = Order("samal-internet", {"account": "2048173658"}, None, "kk")
    journey = begun(order, catalogue, journey_id="j1", at=_AT)
    view = _view(journey)
    known: dict[str, object] = {
        "state": State.ENDED,
        "ending": Ending.PAID,
        "amount": view.amount,
        "fee": view.fee,
        "total": view.total,
        "application": "VISA CREDIT",
        "masked_pan": MaskedPan("999999******0018"),
        "receipt_number": "000001",
        "sent_at": _AT,
        "view": view,
    }
    return journey.model_copy(update=known)


def _view(journey: Journey) -> PaymentView:
    return PaymentView(
        payment_id="0195f3a0-0000-7000-8000-000000000001",
        terminal=_FACTS.terminal_id,
        state="PAID",
        told=Told.PAID,
        product=journey.product,
        requisites=journey.requisites,
        fields=[
            OfferField(name="payer_name", title="Абонент", value="Г*** Қ."),
            OfferField(name="address", title="Мекенжай", value="Көктем көшесі 12, 45-пәтер"),
        ],
        amount=Money(amount_minor=500_000),
        fee=Money(amount_minor=10_000),
        total=Money(amount_minor=510_000),
        check_id="26112200000000000001",
        txn_id="26112200000000000002",
        rrn=RRN,
        eport_id="900000001",
        approval_code="287187",
        accepted_at=_AT,
        changed_at=_AT,
    )


if __name__ == "__main__":
    drawn().save(PICTURE, optimize=True)
