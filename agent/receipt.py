"""A journey's record → its receipt. Pure: the same record makes the same receipt, whoever prints it.

The receipt says what the record knows now: a reprint after a late ending shows that ending. Anything
but the first printing is marked as a copy, for what came of the first one may be in somebody's hand.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from agent.journeys.bill import Ending
from agent.journeys.bill_record import Journey
from agent.journeys.card_record import CardJourney
from agent.journeys.link_record import LinkJourney
from agent.receipt_facts import TerminalFacts
from agent.receipt_frame import BIG, footer, header, verdict
from agent.texts import Text
from agent.texts import receipt as words
from agent.texts.amounts import NO_BREAK_SPACE, amount_text
from agent.texts.reasons import reason_text
from devices.escpos.elements import BOLD, Align, Columns, Element, Line, Qr, Rule
from devices.escpos.layout import layout
from devices.escpos.profile import Profile
from gateway.contract import Money, PaymentView
from gateway.transfer_contract import OrderView


class NoReceiptError(ValueError):
    """Nothing was sent for this journey, so there is nothing to give a receipt for."""


@dataclass(frozen=True)
class _Source:
    journey: CardJourney
    facts: TerminalFacts

    def say(self, text: Text) -> str:
        return text.to(self.journey.language)

    def amount(self, money: Money) -> str:
        return amount_text(money.amount(), self.journey.language)


_Section = Callable[[_Source], Iterator[Element]]


@dataclass(frozen=True)
class _Form:
    """How one ending is told: a headline, sentences below it, and what else the receipt shows."""

    headline: Text
    sentences: tuple[Text, ...]
    sections: tuple[_Section, ...]
    warning: Text | None = None

    def verdict(self, source: _Source) -> Iterator[Element]:
        return verdict(source.journey.language, self.headline, self.sentences, self.warning)


def receipt_job(journey: CardJourney, facts: TerminalFacts, profile: Profile) -> bytes:
    """The receipt as bytes for one printer."""
    return layout(receipt(journey, facts), profile)


def receipt(journey: CardJourney, facts: TerminalFacts) -> list[Element]:
    """The receipt's elements. NoReceiptError if nothing was sent."""
    form = _FORMS.get(journey.outcome) if journey.outcome else None
    if form is None or journey.receipt_number is None:
        raise NoReceiptError(f"journey {journey.journey_id} in {journey.state} has nothing to print")
    source = _Source(journey, facts)
    sections = (_header, form.verdict, *form.sections, _footer)
    return [element for section in sections for element in section(source)]


def is_copy(journey: CardJourney) -> bool:
    """A receipt was printed, or may have been: it was tried, or the terminal went down meanwhile."""
    return journey.resumed or journey.receipt_printed is not None


def operation_number(journey: CardJourney) -> str:
    """What a person reads out: the RRN, 12 digits by fours; before the gateway's word, the receipt's number.

    >>> in_fours("632600001234").replace(NO_BREAK_SPACE, " ")
    '6326 0000 1234'
    """
    if journey.view is not None:
        return in_fours(journey.view.rrn)
    return journey.receipt_number or ""


def in_fours(digits: str) -> str:
    return NO_BREAK_SPACE.join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _header(source: _Source) -> Iterator[Element]:
    journey = source.journey
    at = journey.sent_at or journey.started_at
    return header(source.facts, journey.language, journey.receipt_number, at, copy=is_copy(journey))


def _why(source: _Source) -> Iterator[Element]:
    journey = source.journey
    code = journey.reason if journey.view is None else journey.view.reason
    text = reason_text(code, journey.language) if code else None
    if text is not None:
        yield Line(f"{text} ({code})")
        yield Rule()


def _subject(source: _Source) -> Iterator[Element]:
    """Who is paid, what for, and whose it is."""
    journey = source.journey
    for name in journey.subject:
        yield Line(name, style=BOLD)
    yield from _OF_SUBJECT[type(journey)](source)
    yield Rule()


def _of_bill(source: _Source) -> Iterator[Element]:
    journey = source.journey
    assert isinstance(journey, Journey)
    for requisite in journey.requisites:
        yield Columns(journey.requisite_names.get(requisite.code, requisite.code), requisite.value)
    fields = journey.view.fields if journey.view else journey.offer.fields if journey.offer else []
    for field in fields:
        yield Columns(field.title, field.value)


def _of_link(source: _Source) -> Iterator[Element]:
    journey = source.journey
    assert isinstance(journey, LinkJourney)
    if journey.offer is not None:
        yield Columns(source.say(words.CREDITOR_BIN), journey.offer.creditor_bin)
        if journey.offer.merchant_order:
            yield Columns(source.say(words.MERCHANT_ORDER), journey.offer.merchant_order)


def _sums(source: _Source) -> Iterator[Element]:
    journey = source.journey
    for text, money in ((words.AMOUNT, journey.amount), (words.FEE, journey.fee)):
        if money is not None:
            yield Columns(source.say(text), source.amount(money))
    yield from _total(source)
    yield Rule()


def _total(source: _Source) -> Iterator[Element]:
    if source.journey.total is not None:
        yield Line(source.say(words.TOTAL), style=BOLD)
        yield Line(source.amount(source.journey.total), Align.RIGHT, BIG)


def _numbers(source: _Source) -> Iterator[Element]:
    journey, view = source.journey, source.journey.view
    if journey.masked_pan is not None:
        yield Columns(source.say(words.CARD), journey.masked_pan)
    if journey.application:
        yield Columns("", journey.application)
    if view is not None and view.approval_code:
        yield Columns(source.say(words.APPROVAL_CODE), view.approval_code)
    if isinstance(view, PaymentView) and view.eport_id:
        yield Columns(source.say(words.EPORT_NUMBER), view.eport_id)
    if isinstance(view, OrderView):
        yield Columns(source.say(words.TRANSFER_NUMBER), view.end_to_end_id)
    yield Columns(source.say(words.OPERATION), operation_number(journey), BOLD)


def _code(source: _Source) -> Iterator[Element]:
    """The operation number for a scanner, where the gateway has given one."""
    if source.journey.view is not None:
        yield Qr(source.journey.view.rrn)


def _footer(source: _Source) -> Iterator[Element]:
    return footer(source.facts, source.journey.language)


_OF_SUBJECT: Final[Mapping[type[CardJourney], _Section]] = {Journey: _of_bill, LinkJourney: _of_link}
_FORMS: Final[Mapping[Ending, _Form]] = {
    Ending.PAID: _Form(words.PAID, (), (_subject, _sums, _numbers, _code)),
    Ending.NOTHING_TAKEN: _Form(words.NOT_PAID, (words.NOTHING_TAKEN,), (_why, _subject, _numbers)),
    Ending.BEING_UNBLOCKED: _Form(
        words.NOT_PAID, (words.BEING_UNBLOCKED,), (_why, _subject, _sums, _numbers, _code)
    ),
    Ending.IN_PROCESSING: _Form(
        words.IN_PROCESSING,
        (words.ASK_LATER,),
        (_subject, _sums, _numbers, _code),
        warning=words.DO_NOT_PAY_AGAIN,
    ),
}
