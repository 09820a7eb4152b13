"""What the screens before a payment show: choosing, typing, looking for an earlier one. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent.kiosk import choices
from agent.kiosk.choices import Page, Tile
from agent.kiosk.scene import Scene
from agent.kiosk.typed import LAST_FOUR, OPERATION_NUMBER, WORDS, Typing, shown, typing_of
from agent.orders import Serves
from gateway.providers.requisites import check_value
from gateway.providers.requisites import shown as shown_value
from gateway.providers.shapes import Choice, Number

Context = Mapping[str, Any]
FOUND: Final = 3  # results beside a keyboard


def welcome(scene: Scene) -> Context:
    return {"languages": scene.languages}


def obstacles(scene: Scene) -> Context:
    return {"codes": scene.obstacles or ("catalogue.unreachable",)}


def groups(scene: Scene) -> Context:
    if scene.catalogue is None:
        return {"page": Page.of([], 0), "shortcuts": [], "bills": False}
    language, bills = scene.session.language, Serves.BILLS in scene.services
    groups = choices.groups(scene.catalogue, language) if bills else []
    often = scene.shortcuts if bills else ()
    return {
        "page": _page(scene, [*choices.services(scene.services, language), *groups]),
        "shortcuts": choices.shortcuts(scene.catalogue, often, language),
        "bills": bills,
    }


def providers(scene: Scene) -> Context:
    session, catalogue = scene.session, scene.catalogue
    if catalogue is None:
        return {"page": Page.of([], 0), "title": ""}
    return {
        "page": _page(scene, choices.providers(catalogue, session.group, session.language)),
        "title": choices.group_title(catalogue, session.group, session.language),
    }


def products(scene: Scene) -> Context:
    session, catalogue = scene.session, scene.catalogue
    if catalogue is None:
        return {"page": Page.of([], 0), "title": ""}
    tiles = [
        Tile(it.action, it.value, it.title, off=it.off)
        for it in choices.products(catalogue, session.provider, session.language)
    ]
    return {
        "page": _page(scene, tiles),
        "title": choices.provider_title(catalogue, session.provider, session.language),
    }


def search(scene: Scene) -> Context:
    session, catalogue = scene.session, scene.catalogue
    found = [] if catalogue is None else choices.found(catalogue, session.words, session.language)
    return {
        **_field(scene, WORDS),
        "words": session.words,
        "found": len(found),
        "page": Page.of(found, session.page, FOUND),
    }


def requisite(scene: Scene) -> Context:
    shape = scene.shape
    if shape is None:
        return {}
    language = scene.session.language
    unit = shape.unit if isinstance(shape, Number) else None
    typing = typing_of(shape)
    example = shown_value(shape, check_value(shape, shape.example))
    return {
        **_of_requisite(scene),
        **_field(scene, typing),
        "example": example.replace(".", ",") if typing.keys == "decimal" else example,  # as its key types it
        "unit": None if unit is None else choices.said(unit, language),
    }


def choice(scene: Scene) -> Context:
    shape = scene.shape
    if not isinstance(shape, Choice):
        return {}
    language = scene.session.language
    options = [Tile("option", it.value, choices.said(it.title, language)) for it in shape.options]
    return {**_of_requisite(scene), "page": _page(scene, options)}


def mine_number(scene: Scene) -> Context:
    return _field(scene, OPERATION_NUMBER)


def mine_card(scene: Scene) -> Context:
    return _field(scene, LAST_FOUR)


def not_found(scene: Scene) -> Context:
    return {"locked_minutes": -(-scene.session.locked_seconds // 60)}


def _of_requisite(scene: Scene) -> Context:
    """What both ways of asking for a requisite have in common."""
    shape, product, language = scene.shape, scene.product, scene.session.language
    if shape is None or product is None or scene.catalogue is None:
        return {}
    provider = choices.provider_title(scene.catalogue, product.provider, language)
    return {
        "title": choices.said(shape.title, language),
        "hint": choices.said(shape.hint, language),
        "provider": provider,
        "product": choices.said(product.title, language),
        "number": scene.session.requisite + 1,
        "count": len(product.requisites),
    }


def _field(scene: Scene, typing: Typing) -> Context:
    raw = scene.session.draft
    return {"typing": typing, "raw": raw, "typed": shown(typing, raw)}


def _page(scene: Scene, tiles: Sequence[Tile]) -> Page[Tile]:
    return Page.of(tiles, scene.session.page)
