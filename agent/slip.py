"""A sale's record → its slip, for the merchant. Pure: the same record makes the same slip.

It says what the record knows now: a reprint after a doubt shows what came of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from agent.journeys.merchant_sale import Ending
from agent.journeys.sale_record import Sale
from agent.receipt import in_fours
from agent.receipt_facts import TerminalFacts
from agent.receipt_frame import BIG, footer, header, verdict
from agent.texts import Text
from agent.texts import receipt as receipt_words
from agent.texts import sale as words
from agent.texts.amounts import amount_text, time_text
from devices.escpos.elements import BOLD, Align, Columns, Element, Line, Rule
from devices.escpos.layout import layout
from devices.escpos.profile import Profile


class NoSlipError(ValueError):
    """Nothing was sold, so there is nothing to give a slip for."""


@dataclass(frozen=True)
class _Form:
    headline: Text
    sentences: tuple[Text, ...] = ()
    warning: Text | None = None


_FORMS: Final[Mapping[Ending, _Form]] = {
    Ending.PAID: _Form(receipt_words.PAID),
    Ending.PAID_LATE: _Form(receipt_words.PAID, (words.PAID_LATE,)),
    Ending.DOUBTFUL: _Form(words.NOT_CONFIRMED, (words.ASK_THE_BANK,), warning=words.DO_NOT_HAND_OVER),
    # After a doubt that was resolved.
    Ending.CANCELLED: _Form(receipt_words.NOT_PAID),
    Ending.EXPIRED: _Form(receipt_words.NOT_PAID),
    Ending.REFUSED: _Form(receipt_words.NOT_PAID),
}


def slip_job(sale: Sale, facts: TerminalFacts, profile: Profile) -> bytes:
    """The slip as bytes for one printer. NoSlipError."""
    return layout(slip(sale, facts), profile)


def slip(sale: Sale, facts: TerminalFacts) -> list[Element]:
    """The slip's elements. NoSlipError if nothing was sold."""
    form = _FORMS.get(sale.outcome) if sale.outcome else None
    if form is None or sale.slip_number is None:
        raise NoSlipError(f"sale {sale.sale_id} in {sale.state} has no slip")
    language, copy = sale.language, sale.resumed or sale.slip_printed is not None
    return [
        *header(facts, language, sale.slip_number, sale.started_at, copy=copy),
        *verdict(language, form.headline, form.sentences, form.warning),
        *_merchant(sale, facts),
        *_sum(sale),
        *_numbers(sale),
        *footer(facts, language),
    ]


def _merchant(sale: Sale, facts: TerminalFacts) -> Iterator[Element]:
    view, language = sale.view, sale.language
    if view is not None:
        yield Line(view.merchant_name, style=BOLD)
        yield Columns(words.BIN.to(language), view.merchant_bin)
    for text, value in ((words.PURPOSE, sale.purpose), (receipt_words.MERCHANT_ORDER, sale.merchant_order)):
        if value:
            yield Columns(text.to(language), value)
    if view is not None and view.paid_at is not None:
        yield Columns(words.PAID_AT.to(language), time_text(view.paid_at, facts.time_zone, language))
    yield Rule()


def _sum(sale: Sale) -> Iterator[Element]:
    yield Line(receipt_words.AMOUNT.to(sale.language), style=BOLD)
    yield Line(amount_text(sale.amount.amount(), sale.language), Align.RIGHT, BIG)
    yield Rule()


def _numbers(sale: Sale) -> Iterator[Element]:
    view, language = sale.view, sale.language
    if view is None:
        return
    if view.end_to_end_id:
        yield Columns(receipt_words.TRANSFER_NUMBER.to(language), view.end_to_end_id)
    if view.rrn:
        yield Columns(receipt_words.OPERATION.to(language), in_fours(view.rrn), BOLD)
