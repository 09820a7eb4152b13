"""A scene for each screen that a person can meet, with the demo's catalogue. Read by tests and by the gallery."""

import functools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from agent.journeys.ports import PAPER_OUT
from agent.kiosk.scene import Ask, Question, Scene
from agent.kiosk.session import Session, Stage
from agent.masked_pan import MaskedPan
from agent.orders import Serves
from agent.receipt_facts import TerminalFacts
from gateway.contract import FeeRule, Money, Offer, OfferField, PaymentView, Requisite, Told
from gateway.providers.catalogue import load_catalogue
from gateway.providers.faults import Fault
from tests.agent.kiosk.transfer_scenes import transfer_scenes

NOW = datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
CATALOGUE = load_catalogue(files("gateway.providers") / "demo.toml")
PRODUCT = CATALOGUE.product("samal-internet")
PROVIDER = next(it for it in CATALOGUE.providers if it.code == "samal")
FACTS = TerminalFacts(
    "ATM00017", "Tolem Bank", "Алматы, Достық даңғылы 1", "+7 700 000 00 00", ZoneInfo("Asia/Almaty")
)
LANGUAGES = ("ru", "kk", "en")
VIEWS = {
    Ending.PAID: (Told.PAID, "PAID", None),
    Ending.NOTHING_TAKEN: (Told.NOTHING_TAKEN, "REFUSED", "card.51"),
    Ending.BEING_UNBLOCKED: (Told.BEING_UNBLOCKED, "RELEASING", "eport.300"),
    Ending.IN_PROCESSING: (Told.IN_PROCESSING, "PENDING", None),
}


def money(minor):
    return Money(amount_minor=minor)


FIELDS = [
    OfferField(name="payer_name", title="Абонент", value="Ғ*** К."),
    OfferField(name="address", title="Мекенжай / Адрес", value="Көктем көшесі 12, 45-пәтер"),
]


def offer(**changes):
    facts = {
        "check_id": "26112200000000000001",
        "product": "samal-internet",
        "catalogue_version": CATALOGUE.version,
        "fields": FIELDS,
        "debt": money(58_182_600),
        "minimum": money(50_000),
        "maximum": money(100_000_000),
        "fee_rule": FeeRule(percent_hundredths=150, minimum=money(5_000), maximum=money(50_000)),
        "valid_until": NOW + timedelta(hours=1),
    }
    return Offer(**{**facts, **changes})


def journey(state, language, ending=None, **changes):
    facts = {
        "journey_id": "j1",
        "language": language,
        "product": "samal-internet",
        "product_name": getattr(CATALOGUE.product("samal-internet").title, language),
        "provider_name": getattr(PROVIDER.title, language),
        "requisites": [Requisite(code="account", value="2048173658")],
        "requisite_names": {
            "account": getattr(CATALOGUE.product("samal-internet").requisites[0].title, language)
        },
        "state": state,
        "started_at": NOW,
        "changed_at": NOW,
        "offer": offer(),
        "amount": money(58_182_600),
        "fee": money(50_000),
        "total": money(58_232_600),
        "application": "VISA CREDIT",
        "masked_pan": MaskedPan("999999******0018"),
        "ending": ending,
    }
    if ending in VIEWS:
        facts |= {"view": _view(ending), "receipt_number": "000017", "payment_id": PAYMENT_ID, "sent_at": NOW}
    return Journey(**{**facts, **changes})


PAYMENT_ID = "019ab000-0000-7000-8000-000000000001"


def _view(ending):
    told, state, reason = VIEWS[ending]
    return PaymentView(
        payment_id=PAYMENT_ID,
        terminal="ATM00017",
        state=state,
        told=told,
        reason=reason,
        product="samal-internet",
        requisites=[Requisite(code="account", value="2048173658")],
        fields=FIELDS,
        amount=money(58_182_600),
        fee=money(50_000),
        total=money(58_232_600),
        check_id="26112200000000000001",
        txn_id="26112200000000000002",
        rrn="632600001234",
        accepted_at=NOW,
        changed_at=NOW,
    )


def scene(
    stage,
    language="ru",
    *,
    question=None,
    lived=None,
    obstacles=(),
    shortcuts=(),
    services=frozenset({Serves.BILLS}),
    sale=None,
    **session,
):
    return Scene(
        session=replace(Session(language=language, stage=stage), **session),
        seq="life.1",
        facts=FACTS,
        languages=LANGUAGES,
        catalogue=CATALOGUE,
        obstacles=obstacles,
        shortcuts=shortcuts,
        journey=lived,
        question=question,
        services=services,
        sale=sale,
    )


def every(language):
    """Name → scene. The name begins with its screen's, and a variant follows a dot."""
    ours = {**_choosing(language), **_mine(language), **_paying(language), **_endings(language)}
    return {**ours, **transfer_scenes(functools.partial(scene, language=language), language)}


CHOSEN = {"product": "samal-internet", "group": "internet-tv", "provider": "samal"}


def _choosing(language):
    at = functools.partial(scene, language=language)
    typing = functools.partial(at, Stage.REQUISITE)
    return {
        "starting": at(Stage.WELCOME, obstacles=None),
        "out_of_service": at(Stage.WELCOME, obstacles=("printer.cover_open", "gateway.unreachable")),
        "welcome": at(Stage.WELCOME),
        "welcome.no_paper": at(Stage.WELCOME, obstacles=(PAPER_OUT,)),
        "groups": at(Stage.GROUPS, shortcuts=("traffic-fine", "samal-tv", "qala-jaryq")),
        "providers": at(Stage.PROVIDERS, group="utilities"),
        "products": at(Stage.PRODUCTS, **CHOSEN),
        "search": at(Stage.SEARCH, words="и", draft="и"),
        "search.new": at(Stage.SEARCH),
        "requisite": typing(**CHOSEN),
        "requisite.faulty": typing(**CHOSEN, draft="20481", fault=Fault.MASK),
        "requisite.phone": typing(product="kokjiek-mobile", draft="7011234567", fault=Fault.PREFIX),
        "requisite.iin": typing(product="traffic-fine", requisite=1, draft="991331100122", fault=Fault.DATE),
        "requisite.reading": typing(product="qala-su", requisite=1, draft="214,5"),
        "requisite.letters": typing(product="school-meals", draft="Ғабит Ү"),
        "requisite.letters_faulty": typing(product="traffic-fine", draft="ҚР", fault=Fault.LENGTH),
        "choice": typing(product="samal-tv", requisite=1),
        "more_time": typing(**CHOSEN, asked_for_time=True),
    }


def _mine(language):
    at = functools.partial(scene, language=language)
    lived = functools.partial(journey, language=language)
    return {
        "mine_number": at(Stage.MINE_NUMBER),
        "mine_number.faulty": at(Stage.MINE_NUMBER, draft="12", fault=Fault.LENGTH),
        "mine_card": at(Stage.MINE_CARD),
        "mine_looking": at(Stage.MINE_LOOKING),
        "mine_not_found": at(Stage.MINE_NOT_FOUND),
        "mine_not_found.locked": at(Stage.MINE_NOT_FOUND, locked_seconds=845),
        "mine_found": at(Stage.MINE_FOUND, earlier=lived(State.CARD_TAKEN, ending=Ending.PAID)),
        "mine_found.printed": at(
            Stage.MINE_FOUND, earlier=lived(State.CARD_TAKEN, ending=Ending.IN_PROCESSING), copy_printed=True
        ),
        "mine_found.refused": at(
            Stage.MINE_FOUND, earlier=lived(State.CARD_TAKEN, ending=Ending.NOTHING_TAKEN), copy_printed=False
        ),
        "mine_printing": at(Stage.MINE_PRINTING),
    }


def _paying(language):
    lived = functools.partial(journey, language=language)
    paying = functools.partial(scene, Stage.PAYING, language, **CHOSEN)
    several = Question(Ask.APPLICATION, ("VISA CREDIT", "VISA DEBIT"))
    tv = lived(State.OFFERED, product="samal-tv", requisites=_TV, requisite_names=_TV_NAMES[language])
    return {
        "checking": paying(lived=lived(State.STARTED)),
        "amount": paying(lived=lived(State.OFFERED), question=Question(Ask.AMOUNT)),
        "amount.faulty": paying(
            lived=lived(State.OFFERED), question=Question(Ask.AMOUNT), draft="999999999", fault=Fault.RANGE
        ),
        "amount.debt_too_large": paying(
            lived=lived(State.OFFERED, offer=offer(maximum=money(20_000_000))), question=Question(Ask.AMOUNT)
        ),
        "amount.no_debt": paying(
            lived=lived(State.OFFERED, offer=offer(debt=None, fee_rule=FREE)), question=Question(Ask.AMOUNT)
        ),
        "review": paying(lived=lived(State.OFFERED), question=Question(Ask.CONSENT)),
        "review.two": scene(
            Stage.PAYING, language, lived=tv, question=Question(Ask.CONSENT), product="samal-tv"
        ),
        "no_paper": paying(lived=lived(State.OFFERED), question=Question(Ask.WITHOUT_RECEIPT)),
        "insert_card": paying(lived=lived(State.CONSENTED)),
        "reading_card": paying(lived=lived(State.CARD_IN)),
        "application": paying(lived=lived(State.CARD_IN), question=several),
        "pin": paying(lived=lived(State.APPLICATION_CHOSEN)),
        "paying": paying(lived=lived(State.SENDING)),
        "printing": paying(lived=lived(State.ENDED, ending=Ending.PAID)),
        "receipt_wanted": paying(
            lived=lived(State.ENDED, ending=Ending.IN_PROCESSING, resumed=True),
            question=Question(Ask.RECEIPT),
        ),
        "take_card": paying(lived=lived(State.RECEIPT_DONE, ending=Ending.PAID)),
        "take_card.in_processing": paying(lived=lived(State.RECEIPT_DONE, ending=Ending.IN_PROCESSING)),
        "take_card.nothing_sent": paying(lived=lived(State.RETURNING, ending=Ending.CANCELLED)),
    }


def _endings(language):
    lived = functools.partial(journey, language=language)
    over = functools.partial(scene, Stage.OVER, language, **CHOSEN)
    return {
        "card_left": over(lived=lived(State.CARD_LEFT, ending=Ending.PAID, card_left=True)),
        "card_left.nothing_sent": over(lived=lived(State.ABANDONED, ending=Ending.CANCELLED, card_left=True)),
        "paid": over(lived=lived(State.CARD_TAKEN, ending=Ending.PAID, receipt_printed=True)),
        "paid.not_printed": over(lived=lived(State.CARD_TAKEN, ending=Ending.PAID, receipt_printed=False)),
        "refused": over(lived=lived(State.CARD_TAKEN, ending=Ending.NOTHING_TAKEN)),
        "refused.check": over(
            lived=lived(State.ABANDONED, reason="eport.5", comment="Счёт не найден").model_copy(
                update={"ending": Ending.NOTHING_TAKEN, "total": None}
            )
        ),
        "refused.card": over(
            lived=lived(State.ABANDONED, reason="card.noMedia").model_copy(
                update={"ending": Ending.NOTHING_TAKEN}
            )
        ),
        "being_unblocked": over(lived=lived(State.CARD_TAKEN, ending=Ending.BEING_UNBLOCKED)),
        "in_processing": over(lived=lived(State.CARD_TAKEN, ending=Ending.IN_PROCESSING)),
        "cancelled": over(lived=lived(State.ABANDONED, ending=Ending.CANCELLED)),
        "unavailable": over(
            lived=lived(State.ABANDONED, ending=Ending.OUT_OF_SERVICE, reason="gateway.unreachable")
        ),
        "unavailable.not_begun": scene(Stage.UNAVAILABLE, language, reason="gateway.unreachable"),
    }


FREE = FeeRule(percent_hundredths=0, minimum=money(0))
_TV = [Requisite(code="account", value="9001441"), Requisite(code="package", value="world")]
_TV_NAMES = {
    language: {
        shape.code: getattr(shape.title, language) for shape in CATALOGUE.product("samal-tv").requisites
    }
    for language in LANGUAGES
}
