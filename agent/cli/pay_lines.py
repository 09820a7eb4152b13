"""A payment as lines for a person at a command line: what each step of the journey brought. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from agent.journeys.card_record import CardJourney
from agent.journeys.link_record import LinkJourney
from agent.why_not import why_not
from gateway.contract import FeeRule, Money, Offer, PaymentView
from gateway.problems import KINDS
from gateway.transfer_contract import LinkOffer, OrderView


class Mark(StrEnum):
    DONE = "✓"
    GOING_ON = "…"
    NO = "✗"
    ATTENTION = "!"


@dataclass(frozen=True)
class Line:
    mark: Mark
    label: str
    text: str


def tenge(money: Money | None) -> str:
    """`1 500.00 ₸`, with no-break spaces, so that a narrow terminal does not break a sum."""
    if money is None:
        return "–"
    whole, _, cents = str(money.amount()).partition(".")
    return f"{int(whole):,}".replace(",", "\u00a0") + f".{cents}\u00a0₸"


def lines(journey: CardJourney) -> Iterator[Line]:
    """What this committed step tells."""
    tell = _TELL.get(journey.state)
    if tell is not None:
        yield from tell(journey)


def ending_line(ending: Ending) -> Line:
    mark, text = _ENDINGS[ending]
    return Line(mark, "ending", text)


def _started(journey: CardJourney) -> Iterator[Line]:
    if isinstance(journey, LinkJourney):
        yield Line(Mark.GOING_ON, "link", "asking the payee's bank")
    if not isinstance(journey, Journey):
        return
    values = ", ".join(
        f"{journey.requisite_names.get(requisite.code, requisite.code)} {requisite.value}"
        for requisite in journey.requisites
    )
    yield Line(Mark.GOING_ON, "check", f"{', '.join(journey.subject)}: {values}")


def _offered(journey: CardJourney) -> Iterator[Line]:
    if isinstance(journey, LinkJourney) and journey.offer is not None:
        yield from _link_offered(journey.offer)
    if not isinstance(journey, Journey) or journey.offer is None:
        return
    offer = journey.offer
    yield Line(Mark.DONE, "account", _account(offer))
    if offer.debt is not None:
        yield Line(Mark.DONE, "debt", tenge(offer.debt))
    if journey.total is not None:
        yield Line(Mark.DONE, "sum", tenge(journey.amount))
        yield Line(Mark.DONE, "fee", _fee(journey.fee, offer.fee_rule))
        yield Line(Mark.DONE, "total", tenge(journey.total))


def _link_offered(offer: LinkOffer) -> Iterator[Line]:
    yield Line(Mark.DONE, "payee", f"{offer.creditor_name}, BIN {offer.creditor_bin}")
    what = ", ".join(filter(None, (offer.purpose, offer.merchant_order)))
    if what:
        yield Line(Mark.DONE, "what for", what)
    yield Line(Mark.DONE, "sum", tenge(offer.amount))
    yield Line(Mark.DONE, "fee", tenge(offer.fee) if offer.fee.amount_minor else "none")
    yield Line(Mark.DONE, "total", tenge(offer.total))


def _account(offer: Offer) -> str:
    return "; ".join(f"{field.title} {field.value}" for field in offer.fields) or "known to the provider"


def fee_text(rule: FeeRule) -> str:
    """`none`, `100.00 ₸`, `1.5 %`, or a percentage with its bounds: what `gateway.providers.fees` reckons."""
    least, most = rule.minimum, rule.maximum
    if most is not None and most.amount_minor == 0:
        return "none"
    if _is_fixed(rule):
        return tenge(least) if least.amount_minor else "none"
    percent = f"{rule.percent_hundredths / 100:g}\u00a0%"
    bounds = [f"at least {tenge(least)}"] if least.amount_minor else []
    bounds += [f"at most {tenge(most)}"] if most is not None else []
    return ", ".join([percent, *bounds])


def _is_fixed(rule: FeeRule) -> bool:
    """The sum does not matter."""
    return rule.percent_hundredths == 0 or rule.minimum == rule.maximum


def _fee(fee: Money | None, rule: FeeRule) -> str:
    return tenge(fee) if _is_fixed(rule) else f"{tenge(fee)} ({fee_text(rule)})"


def _ended(journey: CardJourney) -> Iterator[Line]:
    if journey.ending is None:
        return
    yield (ending := ending_line(journey.ending))
    mark = ending.mark
    if journey.reason is not None:
        yield Line(mark, "why", _why(journey, journey.reason))
    if journey.view is not None:
        known = _numbers(journey.view)
        yield Line(mark, "numbers", ", ".join(f"{name} {value}" for name, value in known.items() if value))


def _why(journey: CardJourney, code: str) -> str:
    """A sentence and its code. What keeps a terminal from serving is named by codes alone: `tolem doctor` knows them."""
    if code in KINDS:
        return f"{KINDS[code].title} ({code})"
    told = None if journey.ending is Ending.OUT_OF_SERVICE else why_not(journey, code, "en")
    return f"{told} ({code})" if told else ", ".join(filter(None, (code, journey.comment)))


def _numbers(view: PaymentView | OrderView) -> Mapping[str, str | None]:
    if isinstance(view, OrderView):
        its = {"EndToEndId": view.end_to_end_id, "TxId": view.tx_id}
    else:
        its = {"txn_id": view.txn_id, "e-port": view.eport_id}
    return {"operation": view.rrn, **its, "approval": view.approval_code}


def _receipt(journey: CardJourney) -> Iterator[Line]:
    if journey.receipt_printed:
        yield Line(Mark.DONE, "receipt", f"{journey.receipt_number} printed")
    else:
        yield Line(Mark.ATTENTION, "receipt", f"{journey.receipt_number} not printed")


def _sending(journey: CardJourney) -> Iterator[Line]:
    yield Line(Mark.GOING_ON, "sending", f"receipt {journey.receipt_number}, payment {journey.payment_id}")


_LEFT: Final = Line(Mark.ATTENTION, "card", "left in the reader: staff must take it out")


def _abandoned(journey: CardJourney) -> Iterator[Line]:
    yield from _ended(journey)
    if journey.card_left:
        yield _LEFT


_TELL: Final[Mapping[State, Callable[[CardJourney], Iterator[Line]]]] = {
    State.STARTED: _started,
    State.OFFERED: _offered,
    State.CONSENTED: lambda _: iter([Line(Mark.GOING_ON, "card", "insert the card")]),
    State.APPLICATION_CHOSEN: lambda journey: iter(
        [
            Line(Mark.DONE, "card", f"{journey.application} {journey.masked_pan}"),
            Line(Mark.GOING_ON, "PIN", "on the PIN pad"),
        ]
    ),
    State.PIN_DONE: lambda _: iter([Line(Mark.DONE, "PIN", "entered, encrypted by the pad")]),
    State.SENDING: _sending,
    State.ASKING: lambda _: iter([Line(Mark.GOING_ON, "fate", "no answer yet: asking what became of it")]),
    State.ENDED: _ended,
    State.RECEIPT_DONE: _receipt,
    State.CARD_TAKEN: lambda _: iter([Line(Mark.DONE, "card", "taken")]),
    State.CARD_LEFT: lambda _: iter([_LEFT]),
    State.RETURNING: lambda _: iter([Line(Mark.GOING_ON, "card", "take the card")]),
    State.ABANDONED: _abandoned,
}

_ENDINGS: Final[Mapping[Ending, tuple[Mark, str]]] = {
    Ending.PAID: (Mark.DONE, "paid"),
    Ending.NOTHING_TAKEN: (Mark.NO, "not paid, nothing was taken"),
    Ending.BEING_UNBLOCKED: (Mark.NO, "not paid; the amount is being unblocked"),
    Ending.IN_PROCESSING: (Mark.ATTENTION, "in processing: do not pay again"),
    Ending.OUT_OF_SERVICE: (Mark.NO, "out of service, nothing was taken"),
    Ending.CANCELLED: (Mark.NO, "cancelled, nothing was taken"),
}
