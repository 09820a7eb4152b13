"""What a person does at the screen before and around a journey: what leads where, and nothing else (DESIGN §9).

Rules of this table:

- It is the only place that decides the next stage. A press that has no row in its stage changes nothing: the
  screen may have changed while the finger came down.
- In PAYING the journey has the word; the session only waits for its end.
- Starting again is possible everywhere but in PAYING, and forgets everything that was typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import product
from typing import Any, Final

from agent.journeys.card_record import CardJourney
from agent.journeys.sale_record import Sale
from agent.texts import Language
from gateway.money import Amount
from gateway.providers.faults import Fault
from gateway.state_table import Row


class Stage(StrEnum):
    WELCOME = "WELCOME"
    GROUPS = "GROUPS"
    PROVIDERS = "PROVIDERS"
    PRODUCTS = "PRODUCTS"
    SEARCH = "SEARCH"
    REQUISITE = "REQUISITE"
    PAYING = "PAYING"
    OVER = "OVER"  # the journey has ended; its ending is read
    UNAVAILABLE = "UNAVAILABLE"  # the journey could not even begin
    LINK = "LINK"  # a shop's payment code
    SALE_AMOUNT = "SALE_AMOUNT"
    SELLING = "SELLING"  # the sale has the word
    SALE_OVER = "SALE_OVER"
    SALES = "SALES"  # the last ones
    MINE_NUMBER = "MINE_NUMBER"
    MINE_CARD = "MINE_CARD"
    MINE_LOOKING = "MINE_LOOKING"
    MINE_FOUND = "MINE_FOUND"
    MINE_NOT_FOUND = "MINE_NOT_FOUND"
    MINE_PRINTING = "MINE_PRINTING"


class Event(StrEnum):
    LANGUAGE_CHOSEN = "LANGUAGE_CHOSEN"
    GROUP_CHOSEN = "GROUP_CHOSEN"
    PROVIDER_CHOSEN = "PROVIDER_CHOSEN"
    PRODUCT_CHOSEN = "PRODUCT_CHOSEN"
    SEARCH_OPENED = "SEARCH_OPENED"
    WORDS_GIVEN = "WORDS_GIVEN"
    PAGE_TURNED = "PAGE_TURNED"
    VALUE_GIVEN = "VALUE_GIVEN"
    VALUE_REFUSED = "VALUE_REFUSED"
    VALUE_SCANNED = "VALUE_SCANNED"  # it fills the field; the person goes on
    LAST_VALUE_GIVEN = "LAST_VALUE_GIVEN"
    BACK_TO_VALUE = "BACK_TO_VALUE"
    BACK_TO_WELCOME = "BACK_TO_WELCOME"
    BACK_TO_GROUPS = "BACK_TO_GROUPS"
    BACK_TO_PROVIDERS = "BACK_TO_PROVIDERS"
    BACK_TO_PRODUCTS = "BACK_TO_PRODUCTS"
    BACK_TO_SEARCH = "BACK_TO_SEARCH"
    BACK_TO_NUMBER = "BACK_TO_NUMBER"
    STARTED_AGAIN = "STARTED_AGAIN"
    ANOTHER_WANTED = "ANOTHER_WANTED"
    JOURNEY_ENDED = "JOURNEY_ENDED"
    JOURNEY_NOT_BEGUN = "JOURNEY_NOT_BEGUN"
    CHANGE_WANTED = "CHANGE_WANTED"  # the journey was left in order to correct a value
    OTHER_SUM_WANTED = "OTHER_SUM_WANTED"  # left in order to check again and ask for the sum anew
    WALKED_AWAY = "WALKED_AWAY"
    LINK_WANTED = "LINK_WANTED"
    LINK_GIVEN = "LINK_GIVEN"
    SALE_WANTED = "SALE_WANTED"
    SUM_GIVEN = "SUM_GIVEN"
    SALE_ENDED = "SALE_ENDED"
    SALES_WANTED = "SALES_WANTED"
    SALES_FOUND = "SALES_FOUND"
    SLIP_WANTED = "SLIP_WANTED"
    SLIP_DONE = "SLIP_DONE"
    MINE_WANTED = "MINE_WANTED"
    NUMBER_GIVEN = "NUMBER_GIVEN"
    DIGITS_GIVEN = "DIGITS_GIVEN"
    MINE_FOUND = "MINE_FOUND"
    MINE_NOT_FOUND = "MINE_NOT_FOUND"
    COPY_WANTED = "COPY_WANTED"
    COPY_DONE = "COPY_DONE"


class Step(StrEnum):
    """What is begun together with the move."""

    PAY = "pay"
    PAY_LINK = "pay_link"
    SELL = "sell"
    LIST_SALES = "list_sales"
    REPRINT_SLIP = "reprint_slip"
    LOOK_UP = "look_up"
    REPRINT = "reprint"
    FORGET = "forget"  # all that was typed and found; language and the modes of the screen too
    FORGET_PAYMENT = "forget_payment"  # for another payment by the same person


class Mode(StrEnum):
    """How this person wants the screen; kept until they go."""

    LOWER = "lower"  # all controls in the lower half
    LARGER = "larger"
    CONTRAST = "contrast"


@dataclass(frozen=True)
class Session:
    """One person at the terminal, from the first press to the last."""

    language: Language
    stage: Stage = Stage.WELCOME
    modes: frozenset[Mode] = frozenset()
    asked_for_time: bool = False
    page: int = 0
    group: str | None = None
    provider: str | None = None
    product: str | None = None
    found_in: Stage = Stage.GROUPS  # where the product was chosen: Back leads there
    words: str = ""  # of the search
    requisite: int = 0
    values: Mapping[str, str] = field(default_factory=dict)  # by requisite code, as typed
    draft: str = ""  # what is being typed
    fault: Fault | None = None
    number: str = ""  # of an earlier payment
    link: str = ""  # as it was scanned or typed
    sum: Amount | None = None  # of a sale
    sales: tuple[Sale, ...] | None = None  # None: they are looked for
    slip: str = ""  # the number of the one to be printed again
    earlier: CardJourney | None = None
    locked_seconds: int = 0
    copy_printed: bool | None = None
    reason: str | None = None  # why a journey could not begin


@dataclass(frozen=True)
class Happened:
    """An event with what it brings into the session."""

    event: Event
    changes: Mapping[str, Any] = field(default_factory=dict)


_S, _E, _D = Stage, Event, Step
_CHOOSING: Final = (_S.GROUPS, _S.PROVIDERS, _S.PRODUCTS, _S.SEARCH)
_MINE: Final = (_S.MINE_NUMBER, _S.MINE_CARD, _S.MINE_FOUND, _S.MINE_NOT_FOUND)
_SALES: Final = (_S.LINK, _S.SALE_AMOUNT, _S.SALE_OVER, _S.SALES)
_FREE: Final = (*_CHOOSING, *_MINE, *_SALES, _S.REQUISITE, _S.OVER, _S.UNAVAILABLE)

# fmt: off
_ROWS: tuple[tuple[tuple[Stage, ...], tuple[Event, ...], Row[Stage, Step]], ...] = (
    ((_S.WELCOME,), (_E.LANGUAGE_CHOSEN,), Row(_S.GROUPS)),
    ((_S.GROUPS,), (_E.MINE_WANTED,), Row(_S.MINE_NUMBER)),
    ((_S.GROUPS,), (_E.GROUP_CHOSEN,), Row(_S.PROVIDERS)),
    ((_S.GROUPS,), (_E.SEARCH_OPENED,), Row(_S.SEARCH)),
    ((_S.GROUPS,), (_E.BACK_TO_WELCOME,), Row(_S.WELCOME)),
    ((_S.SEARCH,), (_E.WORDS_GIVEN,), Row(_S.SEARCH)),
    ((_S.PROVIDERS,), (_E.PROVIDER_CHOSEN,), Row(_S.PRODUCTS)),
    (_CHOOSING, (_E.PRODUCT_CHOSEN,), Row(_S.REQUISITE)),
    ((_S.GROUPS,), (_E.PAGE_TURNED,), Row(_S.GROUPS)),
    ((_S.PROVIDERS,), (_E.PAGE_TURNED,), Row(_S.PROVIDERS)),
    ((_S.PRODUCTS,), (_E.PAGE_TURNED,), Row(_S.PRODUCTS)),
    ((_S.SEARCH,), (_E.PAGE_TURNED,), Row(_S.SEARCH)),
    # One requisite a screen, then the journey.
    ((_S.REQUISITE,), (_E.VALUE_GIVEN, _E.VALUE_REFUSED, _E.VALUE_SCANNED, _E.BACK_TO_VALUE, _E.PAGE_TURNED), Row(_S.REQUISITE)),
    ((_S.REQUISITE,), (_E.LAST_VALUE_GIVEN,), Row(_S.PAYING, (_D.PAY,))),
    ((_S.PROVIDERS, _S.SEARCH, _S.REQUISITE), (_E.BACK_TO_GROUPS,), Row(_S.GROUPS)),
    ((_S.PRODUCTS, _S.REQUISITE), (_E.BACK_TO_PROVIDERS,), Row(_S.PROVIDERS)),
    ((_S.REQUISITE,), (_E.BACK_TO_SEARCH,), Row(_S.SEARCH)),
    ((_S.REQUISITE,), (_E.BACK_TO_PRODUCTS,), Row(_S.PRODUCTS)),
    # The journey has the word.
    ((_S.PAYING,), (_E.JOURNEY_ENDED,), Row(_S.OVER)),
    ((_S.PAYING,), (_E.JOURNEY_NOT_BEGUN,), Row(_S.UNAVAILABLE)),
    ((_S.PAYING,), (_E.CHANGE_WANTED,), Row(_S.REQUISITE)),
    ((_S.PAYING,), (_E.OTHER_SUM_WANTED,), Row(_S.PAYING, (_D.PAY,))),
    ((_S.PAYING,), (_E.VALUE_REFUSED,), Row(_S.PAYING)),
    ((_S.PAYING,), (_E.WALKED_AWAY,), Row(_S.WELCOME, (_D.FORGET,))),
    ((_S.OVER, _S.UNAVAILABLE), (_E.ANOTHER_WANTED,), Row(_S.GROUPS, (_D.FORGET_PAYMENT,))),
    # A shop's payment link.
    ((_S.GROUPS,), (_E.LINK_WANTED,), Row(_S.LINK)),
    ((*_CHOOSING, _S.LINK), (_E.LINK_GIVEN,), Row(_S.PAYING, (_D.PAY_LINK,))),
    ((_S.LINK,), (_E.VALUE_REFUSED,), Row(_S.LINK)),
    ((_S.LINK, _S.SALE_AMOUNT, _S.SALES), (_E.BACK_TO_GROUPS,), Row(_S.GROUPS)),
    # A merchant's sale.
    ((_S.GROUPS,), (_E.SALE_WANTED,), Row(_S.SALE_AMOUNT)),
    ((_S.SALE_OVER,), (_E.SALE_WANTED,), Row(_S.SALE_AMOUNT, (_D.FORGET_PAYMENT,))),
    ((_S.SALE_AMOUNT,), (_E.VALUE_REFUSED,), Row(_S.SALE_AMOUNT)),
    ((_S.SALE_AMOUNT,), (_E.SUM_GIVEN,), Row(_S.SELLING, (_D.SELL,))),
    ((_S.SELLING,), (_E.SALE_ENDED,), Row(_S.SALE_OVER)),
    ((_S.SELLING,), (_E.JOURNEY_NOT_BEGUN,), Row(_S.UNAVAILABLE)),
    ((_S.GROUPS,), (_E.SALES_WANTED,), Row(_S.SALES, (_D.LIST_SALES,))),
    ((_S.SALES,), (_E.SALES_FOUND, _E.SLIP_DONE, _E.PAGE_TURNED), Row(_S.SALES)),
    ((_S.SALES,), (_E.SLIP_WANTED,), Row(_S.SALES, (_D.REPRINT_SLIP,))),
    # "My payment".
    ((_S.MINE_NUMBER,), (_E.NUMBER_GIVEN,), Row(_S.MINE_CARD)),
    ((_S.MINE_NUMBER,), (_E.VALUE_REFUSED,), Row(_S.MINE_NUMBER)),
    ((_S.MINE_CARD,), (_E.VALUE_REFUSED,), Row(_S.MINE_CARD)),
    ((_S.MINE_CARD, _S.MINE_NOT_FOUND), (_E.BACK_TO_NUMBER,), Row(_S.MINE_NUMBER)),
    ((_S.MINE_CARD,), (_E.DIGITS_GIVEN,), Row(_S.MINE_LOOKING, (_D.LOOK_UP,))),
    ((_S.MINE_LOOKING,), (_E.MINE_FOUND,), Row(_S.MINE_FOUND)),
    ((_S.MINE_LOOKING,), (_E.MINE_NOT_FOUND,), Row(_S.MINE_NOT_FOUND)),
    ((_S.MINE_FOUND,), (_E.COPY_WANTED,), Row(_S.MINE_PRINTING, (_D.REPRINT,))),
    ((_S.MINE_PRINTING,), (_E.COPY_DONE,), Row(_S.MINE_FOUND)),
    (_FREE, (_E.STARTED_AGAIN, _E.WALKED_AWAY), Row(_S.WELCOME, (_D.FORGET,))),
    ((_S.WELCOME,), (_E.WALKED_AWAY,), Row(_S.WELCOME, (_D.FORGET,))),
)
# fmt: on

TABLE: Mapping[tuple[Stage, Event], Row[Stage, Step]] = {
    pair: row for stages, events, row in _ROWS for pair in product(stages, events)
}


def moved(session: Session, happened: Happened) -> tuple[Session, tuple[Step, ...]]:
    """The session after this event and what begins with it. An event without a row changes nothing."""
    row = TABLE.get((session.stage, happened.event))
    if row is None:
        return session, ()
    if Step.FORGET in row.steps:
        return Session(language=session.language), row.steps
    if Step.FORGET_PAYMENT in row.steps:
        return Session(language=session.language, stage=row.next, modes=session.modes), row.steps
    fresh = {"stage": row.next, "page": 0, "fault": None, "draft": "", "asked_for_time": False}
    return replace(session, **{**fresh, **happened.changes}), row.steps
