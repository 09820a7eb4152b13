"""The scenes of a payment by link and of a merchant's sale. `at` makes one, `scenes.scene` in the wanted language."""

from datetime import timedelta

from agent.journeys.bill import Ending as CardEnding
from agent.journeys.bill import State
from agent.journeys.merchant_sale import Ending
from agent.journeys.merchant_sale import State as SaleState
from agent.kiosk.scene import Ask, Question
from agent.kiosk.session import Stage
from agent.masked_pan import MaskedPan
from agent.orders import Serves
from gateway.contract import Told
from gateway.providers.faults import Fault
from gateway.transfer_contract import SaleTold
from tests.agent.fakes import NOW, PAYMENT_ID, money
from tests.agent.transfer_fakes import LINK, LINK_ID, link_journey, link_offer, order_view, sale, sale_view

EVERYTHING = frozenset(Serves)
LONG_NAME = "ЖШС «Көкжиек тағамдары және тұрмыстық техника дүкені»"
LONG_PURPOSE = "Азық-түлік: нан, сүт, ірімшік, алма — тапсырыс бойынша жеткізумен"


def by_link(state, language, ending=None, view=None, **changes):
    offer = link_offer(
        creditor_name=LONG_NAME,
        purpose=LONG_PURPOSE,
        amount=money(58_182_600),
        fee=money(50_000),
        total=money(58_232_600),
    )
    numbers = {} if view is None else {"payment_id": PAYMENT_ID, "receipt_number": "000017", "sent_at": NOW}
    facts = {
        "offer": offer,
        "amount": offer.amount,
        "fee": offer.fee,
        "total": offer.total,
        "application": "VISA CREDIT",
        "masked_pan": MaskedPan("999999******0018"),
        "ending": ending,
        "view": view,
    }
    return link_journey(state, language, **{**facts, **numbers, **changes})


def sold(state, language, told=None, ending=None, **changes):
    view = None
    if told is not None:
        view = sale_view(told, merchant_name=LONG_NAME, expires_at=NOW + timedelta(minutes=20))
    facts = {"amount": money(58_182_600), "view": view, "ending": ending}
    return sale(state, language, **{**facts, **changes})


def transfer_scenes(at, language):
    return {**_links(at, language), **_selling(at, language), **_sold(at, language)}


def _links(at, language):
    over = {"stage": Stage.OVER, "link": LINK}
    paid = by_link(State.CARD_TAKEN, language, CardEnding.PAID, order_view(Told.PAID, "SETTLED"))
    used = by_link(State.ABANDONED, language, CardEnding.NOTHING_TAKEN, offer=None, reason="link.used")
    return {
        "groups.everything": at(Stage.GROUPS, services=EVERYTHING),
        "groups.a_merchant": at(Stage.GROUPS, services=frozenset({Serves.SALES})),
        "link": at(Stage.LINK, services=EVERYTHING),
        "link.faulty": at(Stage.LINK, services=EVERYTHING, fault=Fault.MISSING),
        "link.typed": at(Stage.LINK, services=EVERYTHING, draft=LINK_ID),
        "link_checking": at(Stage.PAYING, link=LINK, lived=link_journey(language=language)),
        "link_review": at(
            Stage.PAYING,
            link=LINK,
            lived=by_link(State.OFFERED, language),
            question=Question(Ask.CONSENT),
        ),
        "paid.by_link": at(**over, lived=paid.model_copy(update={"receipt_printed": True})),
        "refused.by_link": at(**over, lived=used),
    }


def _selling(at, language):
    sums = {"services": EVERYTHING}
    selling = {"stage": Stage.SELLING}
    return {
        "sale_amount": at(Stage.SALE_AMOUNT, **sums),
        "sale_amount.faulty": at(Stage.SALE_AMOUNT, **sums, draft="0", fault=Fault.CHARACTERS),
        "sale_opening": at(**selling, sale=sold(SaleState.OPENING, language)),
        "sale_link": at(**selling, sale=sold(SaleState.SHOWING, language, SaleTold.WAITING)),
        "sale_being_paid": at(**selling, sale=sold(SaleState.BEING_PAID, language, SaleTold.BEING_PAID)),
        "sale_cancelling": at(**selling, sale=sold(SaleState.CANCELLING, language, SaleTold.WAITING)),
        "sale_printing": at(
            **selling, sale=sold(SaleState.ENDED, language, SaleTold.PAID, Ending.PAID, slip_number="000017")
        ),
    }


def _sold(at, language):
    def over(told, ending, state=SaleState.SLIP_DONE, **changes):
        return at(Stage.SALE_OVER, services=EVERYTHING, sale=sold(state, language, told, ending, **changes))

    slip = {"slip_number": "000017", "slip_printed": True}
    late = sold(SaleState.SLIP_DONE, language, SaleTold.PAID, Ending.DOUBTFUL, **slip)
    closed = sold(SaleState.CLOSED, language, SaleTold.EXPIRED, Ending.EXPIRED, sale_id="another")
    return {
        "sale_paid": over(SaleTold.PAID, Ending.PAID, **slip),
        "sale_paid.late": over(SaleTold.PAID_LATE, Ending.PAID_LATE, **slip),
        "sale_paid.not_printed": over(SaleTold.PAID, Ending.PAID, **{**slip, "slip_printed": False}),
        "sale_closed": over(SaleTold.CANCELLED, Ending.CANCELLED, SaleState.CLOSED),
        "sale_closed.refused": over(SaleTold.REFUSED, Ending.REFUSED, SaleState.CLOSED, reason="iso.AM04"),
        "sale_closed.no_link": over(
            None, Ending.OUT_OF_SERVICE, SaleState.CLOSED, reason="gateway.unreachable"
        ),
        "sale_doubtful": over(SaleTold.DOUBTFUL, Ending.DOUBTFUL, **slip),
        "sales": at(Stage.SALES, services=EVERYTHING, sales=(late, closed)),
        "sales.none": at(Stage.SALES, services=EVERYTHING, sales=()),
        "sales.looking": at(Stage.SALES, services=EVERYTHING),
        "sales.printed": at(Stage.SALES, services=EVERYTHING, sales=(late,), copy_printed=True),
    }
