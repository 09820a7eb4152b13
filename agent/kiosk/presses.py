"""A press on the screen → what it means for the session. Pure; `session.TABLE` decides where it leads.

Whatever a browser posts arrives here: a value that the catalogue does not have is no press at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agent.kiosk.scene import Scene
from agent.kiosk.session import Event, Happened, Stage
from agent.kiosk.typed import sum_of
from agent.orders import Serves
from agent.scanned import requisite_of
from gateway.providers.faults import Fault, FaultyValueError
from gateway.providers.product import Product
from gateway.providers.requisites import check_value
from gateway.transfer_contract import LONGEST_SCAN

LONGEST_WORDS: Final = 60
_LAST_FOUR: Final = 4
_SHORTEST_NUMBER, _LONGEST_NUMBER = 6, 12  # the receipt's number, the RRN


@dataclass(frozen=True)
class Press:
    """`value` may be what a person typed, hence personal."""

    action: str
    seq: str
    value: str = field(default="", repr=False)


def read(scene: Scene, press: Press) -> Happened | None:
    """None: it means nothing here."""
    reader = _READERS.get(press.action)
    return None if reader is None else reader(scene, press.value)


def at_requisite(scene: Scene, index: int) -> Mapping[str, Any]:
    """The changes that ask for a requisite again, with what was typed for it."""
    product = scene.product
    if product is None:
        return {}
    code = product.requisites[index].code
    return {"requisite": index, "draft": scene.session.values.get(code, "")}


def _language(scene: Scene, value: str) -> Happened | None:
    if value not in scene.languages or not scene.serves:
        return None
    return Happened(Event.LANGUAGE_CHOSEN, {"language": value})


def _group(scene: Scene, value: str) -> Happened | None:
    known = scene.catalogue is not None and any(group.code == value for group in scene.catalogue.groups)
    return Happened(Event.GROUP_CHOSEN, {"group": value}) if known else None


def _provider(scene: Scene, value: str) -> Happened | None:
    catalogue = scene.catalogue
    known = catalogue is not None and any(it.code == value for it in catalogue.providers)
    if catalogue is not None and value in catalogue.switched_off:
        return None
    return Happened(Event.PROVIDER_CHOSEN, {"provider": value}) if known else None


def _product(scene: Scene, value: str) -> Happened | None:
    product = None if scene.catalogue is None else scene.catalogue.product(value)
    if product is None or scene.catalogue is None or scene.catalogue.is_switched_off(value):
        return None
    changes = {"product": value, "found_in": scene.session.stage, "requisite": 0, "values": {}}
    return Happened(Event.PRODUCT_CHOSEN, changes)


def _page(_scene: Scene, value: str) -> Happened | None:
    return Happened(Event.PAGE_TURNED, {"page": int(value)}) if value.isascii() and value.isdigit() else None


def _enter(scene: Scene, value: str) -> Happened | None:
    reader = _TYPED.get(scene.session.stage)
    return None if reader is None else reader(scene, value)


def _requisite(scene: Scene, value: str) -> Happened | None:
    shape, product = scene.shape, scene.product
    if shape is None or product is None:
        return None
    try:
        check_value(shape, value)
    except FaultyValueError as faulty:
        if (inside := requisite_of(value, shape)) is not None:  # a scanner that types like a keyboard
            return Happened(Event.VALUE_SCANNED, {"draft": inside})
        return Happened(Event.VALUE_REFUSED, {"draft": value, "fault": faulty.fault})
    values = {**scene.session.values, shape.code: value}
    return _next_value(scene, product, values)


def _next_value(scene: Scene, product: Product, values: Mapping[str, str]) -> Happened:
    following = scene.session.requisite + 1
    if following == len(product.requisites):
        return Happened(Event.LAST_VALUE_GIVEN, {"values": values})
    return Happened(Event.VALUE_GIVEN, {**at_requisite(scene, following), "values": values})


def _words(_scene: Scene, value: str) -> Happened:
    return Happened(Event.WORDS_GIVEN, {"words": value[:LONGEST_WORDS], "draft": value[:LONGEST_WORDS]})


def _number(_scene: Scene, value: str) -> Happened:
    digits = "".join(value.split())
    if not (digits.isascii() and digits.isdigit()):
        return Happened(
            Event.VALUE_REFUSED, {"draft": value, "fault": Fault.CHARACTERS if digits else Fault.MISSING}
        )
    if not _SHORTEST_NUMBER <= len(digits) <= _LONGEST_NUMBER:
        return Happened(Event.VALUE_REFUSED, {"draft": value, "fault": Fault.LENGTH})
    return Happened(Event.NUMBER_GIVEN, {"number": digits})


def _digits(_scene: Scene, value: str) -> Happened:
    if not (value.isascii() and value.isdigit() and len(value) == _LAST_FOUR):
        return Happened(Event.VALUE_REFUSED, {"draft": value, "fault": Fault.LENGTH})
    return Happened(Event.DIGITS_GIVEN, {"draft": value})


def _link(_scene: Scene, value: str) -> Happened:
    link = value.strip()
    if not 1 <= len(link) <= LONGEST_SCAN:
        fault = Fault.LENGTH if link else Fault.MISSING
        return Happened(Event.VALUE_REFUSED, {"draft": link[:LONGEST_SCAN], "fault": fault})
    return Happened(Event.LINK_GIVEN, {"link": link})


def _sum(_scene: Scene, value: str) -> Happened:
    amount = sum_of(value)
    if amount is None:
        fault = Fault.CHARACTERS if value.strip() else Fault.MISSING
        return Happened(Event.VALUE_REFUSED, {"draft": value, "fault": fault})
    return Happened(Event.SUM_GIVEN, {"sum": amount})


def _slip(scene: Scene, value: str) -> Happened | None:
    known = any(sale.slip_number == value for sale in scene.session.sales or ())
    changes = {"slip": value, "page": scene.session.page, "copy_printed": None}
    return Happened(Event.SLIP_WANTED, changes) if known else None


def _served(
    service: Serves, event: Event, changes: Mapping[str, Any]
) -> Callable[[Scene, str], Happened | None]:
    return lambda scene, _value: Happened(event, changes) if service in scene.services else None


def _back(scene: Scene, _value: str) -> Happened | None:
    session = scene.session
    if session.stage is Stage.REQUISITE and session.requisite > 0:
        return Happened(Event.BACK_TO_VALUE, at_requisite(scene, session.requisite - 1))
    event = _FROM_REQUISITE[session.found_in] if scene.shape is not None else _BACK.get(session.stage)
    if event is Event.BACK_TO_SEARCH:
        return Happened(event, {"draft": session.words})
    if event is Event.BACK_TO_NUMBER:
        return Happened(event, {"draft": session.number})
    return None if event is None else Happened(event)


def _bare(event: Event) -> Callable[[Scene, str], Happened]:
    return lambda _scene, _value: Happened(event)


_FROM_REQUISITE: Final[Mapping[Stage, Event]] = {
    Stage.GROUPS: Event.BACK_TO_GROUPS,
    Stage.PROVIDERS: Event.BACK_TO_PROVIDERS,
    Stage.PRODUCTS: Event.BACK_TO_PRODUCTS,
    Stage.SEARCH: Event.BACK_TO_SEARCH,
}
_BACK: Final[Mapping[Stage, Event]] = {
    Stage.GROUPS: Event.BACK_TO_WELCOME,
    Stage.PROVIDERS: Event.BACK_TO_GROUPS,
    Stage.PRODUCTS: Event.BACK_TO_PROVIDERS,
    Stage.SEARCH: Event.BACK_TO_GROUPS,
    **dict.fromkeys((Stage.LINK, Stage.SALE_AMOUNT, Stage.SALES), Event.BACK_TO_GROUPS),
    Stage.MINE_NUMBER: Event.STARTED_AGAIN,
    Stage.MINE_CARD: Event.BACK_TO_NUMBER,
    Stage.MINE_NOT_FOUND: Event.BACK_TO_NUMBER,
}
_TYPED: Final[Mapping[Stage, Callable[[Scene, str], Happened | None]]] = {
    Stage.REQUISITE: _requisite,
    Stage.SEARCH: _words,
    Stage.LINK: _link,
    Stage.SALE_AMOUNT: _sum,
    Stage.MINE_NUMBER: _number,
    Stage.MINE_CARD: _digits,
}
_READERS: Final[Mapping[str, Callable[[Scene, str], Happened | None]]] = {
    "language": _language,
    "group": _group,
    "provider": _provider,
    "product": _product,
    "page": _page,
    "enter": _enter,
    "option": _enter,
    "back": _back,
    "link": _served(Serves.LINKS, Event.LINK_WANTED, {}),
    "sell": _served(Serves.SALES, Event.SALE_WANTED, {}),
    "sales": _served(Serves.SALES, Event.SALES_WANTED, {"sales": None, "copy_printed": None}),
    "slip": _slip,
    "search": _bare(Event.SEARCH_OPENED),
    "mine": _bare(Event.MINE_WANTED),
    "again": _bare(Event.STARTED_AGAIN),
    "another": _bare(Event.ANOTHER_WANTED),
    "reprint": _bare(Event.COPY_WANTED),
}
