"""What is printed for a payment by link and for a merchant's sale, in every language."""

from zoneinfo import ZoneInfo

import pytest

from agent.journeys.bill import Ending as CardEnding
from agent.journeys.bill import State
from agent.journeys.merchant_sale import Ending
from agent.journeys.merchant_sale import State as SaleState
from agent.receipt import receipt
from agent.receipt_facts import TerminalFacts
from agent.slip import NoSlipError, slip
from agent.texts import receipt as receipt_words
from agent.texts import sale as words
from devices.escpos.elements import Columns, Line, Qr
from gateway.contract import Told
from gateway.transfer_contract import SaleTold
from tests.agent.fakes import money
from tests.agent.transfer_fakes import END_TO_END_ID, link_journey, link_offer, order_view, sale, sale_view

FACTS = TerminalFacts("POS00001", "Tolem Bank", "", "+7 700 000 00 00", ZoneInfo("Asia/Almaty"))
LANGUAGES = ("kk", "ru", "en")


def printed(elements):
    lines = []
    for element in elements:
        if isinstance(element, Line):
            lines.append(element.text)
        elif isinstance(element, Columns):
            lines.append(f"{element.left} {element.right}")
        elif isinstance(element, Qr):
            lines.append(f"QR {element.text}")
    return "\n".join(lines).replace("\u00a0", " ")


def ordered(told, language="ru", **changes):
    facts = {
        "offer": link_offer(),
        "amount": money(150_000),
        "fee": money(0),
        "total": money(150_000),
        "view": order_view(told, "X"),
        "ending": CardEnding(told) if told in set(CardEnding) else CardEnding.IN_PROCESSING,
        "payment_id": "p",
        "receipt_number": "000017",
    }
    return link_journey(State.ENDED, language, **{**facts, **changes})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_of_a_link_says_who_was_paid_and_has_the_chains_number(language):
    paper = printed(receipt(ordered(Told.PAID, language), FACTS))
    for told in ("ЖШС «Алма»", "990140000012", "A-17", END_TO_END_ID, "6326 0000 0001", "QR 632600000001"):
        assert told in paper
    assert receipt_words.PAID.to(language) in paper
    assert receipt_words.COPY not in paper


def test_a_receipt_of_an_unknown_fate_warns_and_one_of_a_refusal_says_why():
    assert "Не платите повторно!" in printed(receipt(ordered(Told.IN_PROCESSING), FACTS))
    refused = ordered(Told.NOTHING_TAKEN, view=order_view(Told.NOTHING_TAKEN, "X", reason="iso.AM04"))
    assert "(iso.AM04)" in printed(receipt(refused, FACTS))


def sold(told, ending, language="ru", **changes):
    facts = {"view": sale_view(told), "ending": ending, "slip_number": "000017", "purpose": "Сыр"}
    return sale(SaleState.ENDED, language, **{**facts, **changes})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slip_says_paid_how_much_to_whom_and_by_which_transfer(language):
    paper = printed(slip(sold(SaleTold.PAID, Ending.PAID, language), FACTS))
    for told in ("POS00001", "000017", "ЖШС «Алма»", "Сыр", END_TO_END_ID, "6326 0000 0002"):
        assert told in paper
    assert receipt_words.PAID.to(language) in paper


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slip_of_a_doubt_says_not_to_hand_over_the_goods_and_never_paid(language):
    paper = printed(slip(sold(SaleTold.DOUBTFUL, Ending.DOUBTFUL, language), FACTS))
    assert words.DO_NOT_HAND_OVER.to(language) in paper
    assert receipt_words.PAID.to(language) not in paper


def test_a_reprint_after_a_doubt_says_what_came_of_it_and_that_it_is_a_copy():
    paper = printed(slip(sold(SaleTold.PAID, Ending.DOUBTFUL, slip_printed=True), FACTS))
    assert "Оплата пришла с опозданием." in paper
    assert receipt_words.COPY in paper


def test_what_was_never_sold_has_no_slip():
    with pytest.raises(NoSlipError):
        slip(sale(SaleState.CLOSED, ending=Ending.CANCELLED), FACTS)
