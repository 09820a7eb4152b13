"""A scene → the screen: its name, what its template is given, and how long it waits for a person. Pure.

Names are stable: `data-screen` on the page, the template's file, and what tests and the demo look for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from agent.journeys.bill import Ending, State
from agent.journeys.link_record import LinkJourney
from agent.journeys.merchant_sale import Ending as SaleEnding
from agent.journeys.merchant_sale import State as SaleState
from agent.journeys.ports import PAPER_OUT
from agent.kiosk import screens_choosing as choosing
from agent.kiosk import screens_paying as paying
from agent.kiosk import screens_selling as selling
from agent.kiosk.scene import Ask, Scene
from agent.kiosk.session import Mode, Stage
from gateway.providers.shapes import Choice

Context = Mapping[str, Any]


class Patience(StrEnum):
    """What happens when nobody touches the screen."""

    ENDLESS = "endless"  # nobody is expected to, or money moves
    ASKS = "asks"  # "need more time?", then starts again
    READS = "reads"  # an ending: it has been read, then the next person is welcome


@dataclass(frozen=True)
class Screen:
    name: str
    patience: Patience
    context: Context


@dataclass(frozen=True)
class _Kind:
    patience: Patience
    context: Callable[[Scene], Context] = lambda _scene: {}


_ENDLESS, _ASKS, _READS = Patience.ENDLESS, Patience.ASKS, Patience.READS

SCREENS: Final[Mapping[str, _Kind]] = {
    "starting": _Kind(_ENDLESS),
    "out_of_service": _Kind(_ENDLESS, choosing.obstacles),
    "welcome": _Kind(_ENDLESS, choosing.welcome),
    "groups": _Kind(_ASKS, choosing.groups),
    "providers": _Kind(_ASKS, choosing.providers),
    "products": _Kind(_ASKS, choosing.products),
    "search": _Kind(_ASKS, choosing.search),
    "requisite": _Kind(_ASKS, choosing.requisite),
    "choice": _Kind(_ASKS, choosing.choice),
    "mine_number": _Kind(_ASKS, choosing.mine_number),
    "mine_card": _Kind(_ASKS, choosing.mine_card),
    "mine_looking": _Kind(_ENDLESS),
    "mine_found": _Kind(_ASKS, paying.earlier),
    "mine_not_found": _Kind(_ASKS, choosing.not_found),
    "mine_printing": _Kind(_ENDLESS),
    "checking": _Kind(_ENDLESS),
    "amount": _Kind(_ASKS, paying.amount),
    "review": _Kind(_ASKS, paying.review),
    "no_paper": _Kind(_ASKS),
    "insert_card": _Kind(_ENDLESS, paying.total),
    "reading_card": _Kind(_ENDLESS),
    "application": _Kind(_ASKS, paying.application),
    "pin": _Kind(_ENDLESS, paying.total),
    "paying": _Kind(_ENDLESS, paying.total),
    "printing": _Kind(_ENDLESS, paying.ending),
    "receipt_wanted": _Kind(_ASKS, paying.ending),
    "take_card": _Kind(_ENDLESS, paying.ending),
    "card_left": _Kind(_READS, paying.card_left),
    "paid": _Kind(_READS, paying.ending),
    "refused": _Kind(_READS, paying.ending),
    "being_unblocked": _Kind(_READS, paying.ending),
    "in_processing": _Kind(_READS, paying.ending),
    "cancelled": _Kind(_READS, paying.ending),
    "link": _Kind(_ASKS, selling.link),
    "link_checking": _Kind(_ENDLESS),
    "link_review": _Kind(_ASKS, selling.link_review),
    "sale_amount": _Kind(_ASKS, selling.sale_amount),
    "sale_opening": _Kind(_ENDLESS),
    "sale_link": _Kind(_ENDLESS, selling.sale),
    "sale_being_paid": _Kind(_ENDLESS, selling.sale),
    "sale_cancelling": _Kind(_ENDLESS),
    "sale_printing": _Kind(_ENDLESS, selling.sale),
    "sale_paid": _Kind(_READS, selling.sale),
    "sale_closed": _Kind(_READS, selling.sale),
    "sale_doubtful": _Kind(_ENDLESS, selling.sale),
    "sales": _Kind(_ASKS, selling.sales),
    "unavailable": _Kind(_READS, paying.unavailable),
    "more_time": _Kind(_ASKS),
}


def screen(scene: Scene) -> Screen:
    name = _name(scene)
    kind = SCREENS[name]
    session = scene.session
    common = {
        "name": name,
        "seq": scene.seq,
        "language": session.language,
        "modes": [mode.value for mode in Mode if mode in session.modes],
        "facts": scene.facts,
        "fault": session.fault,
        "paper_out": scene.obstacles == (PAPER_OUT,),
    }
    return Screen(name, kind.patience, {**common, **kind.context(scene)})


def _name(scene: Scene) -> str:
    if scene.session.asked_for_time:
        return "more_time"
    return _BY_STAGE[scene.session.stage](scene)


def _welcome(scene: Scene) -> str:
    if scene.obstacles is None:
        return "starting"
    return "welcome" if scene.serves else "out_of_service"


def _requisite(scene: Scene) -> str:
    return "choice" if isinstance(scene.shape, Choice) else "requisite"


def _journey(scene: Scene) -> str:
    if scene.asked is not None:
        by_link = scene.asked is Ask.CONSENT and isinstance(scene.journey, LinkJourney)
        return "link_review" if by_link else _BY_QUESTION[scene.asked]
    return _checking(scene) if scene.journey is None else _BY_STATE[scene.journey.state](scene)


def _checking(scene: Scene) -> str:
    return "link_checking" if scene.session.link else "checking"


def _over(scene: Scene) -> str:
    journey = scene.journey
    if journey is None or journey.outcome is None:
        on_its_way = journey is not None and journey.payment_id is not None
        return "in_processing" if on_its_way else "unavailable"  # silence is never a refusal
    if journey.card_left and not scene.left_card_taken:
        return "card_left"
    return _BY_ENDING[journey.outcome]


def _selling(scene: Scene) -> str:
    return "sale_opening" if scene.sale is None else _BY_SALE_STATE[scene.sale.state](scene)


def _sale_over(scene: Scene) -> str:
    """A sale of which the store could not keep the end is no more certain than one without a word."""
    if scene.sale is None or scene.sale.state is SaleState.OPENING:
        return "unavailable"
    return _BY_SALE_ENDING[scene.sale.outcome]


def _named(name: str) -> Callable[[Scene], str]:
    return lambda _scene: name


_BY_STAGE: Final[Mapping[Stage, Callable[[Scene], str]]] = {
    Stage.WELCOME: _welcome,
    Stage.GROUPS: _named("groups"),
    Stage.PROVIDERS: _named("providers"),
    Stage.PRODUCTS: _named("products"),
    Stage.SEARCH: _named("search"),
    Stage.REQUISITE: _requisite,
    Stage.PAYING: _journey,
    Stage.OVER: _over,
    Stage.UNAVAILABLE: _named("unavailable"),
    Stage.LINK: _named("link"),
    Stage.SALE_AMOUNT: _named("sale_amount"),
    Stage.SELLING: _selling,
    Stage.SALE_OVER: _sale_over,
    Stage.SALES: _named("sales"),
    Stage.MINE_NUMBER: _named("mine_number"),
    Stage.MINE_CARD: _named("mine_card"),
    Stage.MINE_LOOKING: _named("mine_looking"),
    Stage.MINE_FOUND: _named("mine_found"),
    Stage.MINE_NOT_FOUND: _named("mine_not_found"),
    Stage.MINE_PRINTING: _named("mine_printing"),
}
_BY_QUESTION: Final[Mapping[Ask, str]] = {
    Ask.AMOUNT: "amount",
    Ask.CONSENT: "review",
    Ask.APPLICATION: "application",
    Ask.WITHOUT_RECEIPT: "no_paper",
    Ask.RECEIPT: "receipt_wanted",
}
_BY_STATE: Final[Mapping[State, Callable[[Scene], str]]] = {
    State.STARTED: _checking,
    State.OFFERED: _checking,
    State.CONSENTED: _named("insert_card"),
    State.CARD_IN: _named("reading_card"),
    State.APPLICATION_CHOSEN: _named("pin"),
    State.PIN_DONE: _named("paying"),
    State.SENDING: _named("paying"),
    State.ASKING: _named("paying"),
    State.ENDED: _named("printing"),
    State.RECEIPT_DONE: _named("take_card"),
    State.RETURNING: _named("take_card"),
    State.CARD_TAKEN: _over,
    State.CARD_LEFT: _over,
    State.ABANDONED: _over,
}
_BY_ENDING: Final[Mapping[Ending, str]] = {
    Ending.PAID: "paid",
    Ending.NOTHING_TAKEN: "refused",
    Ending.BEING_UNBLOCKED: "being_unblocked",
    Ending.IN_PROCESSING: "in_processing",
    Ending.OUT_OF_SERVICE: "unavailable",
    Ending.CANCELLED: "cancelled",
}
_BY_SALE_STATE: Final[Mapping[SaleState, Callable[[Scene], str]]] = {
    SaleState.OPENING: _named("sale_opening"),
    SaleState.SHOWING: _named("sale_link"),
    SaleState.BEING_PAID: _named("sale_being_paid"),
    SaleState.CANCELLING: _named("sale_cancelling"),
    SaleState.ENDED: _named("sale_printing"),
    SaleState.SLIP_DONE: _sale_over,
    SaleState.CLOSED: _sale_over,
}
_BY_SALE_ENDING: Final[Mapping[SaleEnding | None, str]] = {
    None: "sale_doubtful",
    SaleEnding.PAID: "sale_paid",
    SaleEnding.PAID_LATE: "sale_paid",
    SaleEnding.DOUBTFUL: "sale_doubtful",
    SaleEnding.CANCELLED: "sale_closed",
    SaleEnding.EXPIRED: "sale_closed",
    SaleEnding.REFUSED: "sale_closed",
    SaleEnding.OUT_OF_SERVICE: "sale_closed",
}
