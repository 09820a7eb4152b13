"""What the screens of a payment by link and of a merchant's sale show. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from agent.journeys.link_record import LinkJourney
from agent.journeys.merchant_sale import Ending
from agent.journeys.sale_record import Sale
from agent.kiosk.choices import Page, Tile
from agent.kiosk.scene import Scene
from agent.kiosk.typed import AMOUNT, LINK, shown
from agent.receipt import in_fours
from agent.texts import Text
from agent.texts import receipt as receipt_words
from agent.texts import sale as words
from agent.texts.amounts import amount_text, time_text
from agent.texts.reasons import reason_text

Context = Mapping[str, Any]

HEADLINES: Final[Mapping[Ending | None, Text]] = {
    None: words.NOT_CONFIRMED,
    Ending.PAID: receipt_words.PAID,
    Ending.PAID_LATE: receipt_words.PAID,
    Ending.CANCELLED: words.CANCELLED,
    Ending.EXPIRED: words.EXPIRED,
    Ending.REFUSED: receipt_words.NOT_PAID,
    Ending.DOUBTFUL: words.NOT_CONFIRMED,
    Ending.OUT_OF_SERVICE: words.NO_LINK,
}


def link(scene: Scene) -> Context:
    raw = scene.session.draft
    return {"typing": LINK, "raw": raw, "typed": raw}


def link_review(scene: Scene) -> Context:
    journey = scene.journey
    assert isinstance(journey, LinkJourney), "a link's screen without a link's journey"
    return {"journey": journey, "offer": journey.offer}


def sale_amount(scene: Scene) -> Context:
    raw = scene.session.draft
    return {"typing": AMOUNT, "raw": raw, "typed": shown(AMOUNT, raw)}


def sale(scene: Scene) -> Context:
    """While it lasts, and how it ended."""
    its = scene.sale
    assert its is not None, "a sale's screen without a sale"
    language, view = scene.session.language, its.view
    code = its.reason
    return {
        "sale": its,
        "view": view,
        "headline": HEADLINES[its.outcome].to(language).capitalize(),
        "late": its.outcome is Ending.PAID_LATE,
        "code": code,
        "why": None if code is None else reason_text(code, language),
        "number": _number(its),
    }


def sales(scene: Scene) -> Context:
    """Those that were paid or are in doubt, the newest first: each has a slip."""
    tiles = [_tile(scene, its) for its in scene.session.sales or () if its.slip_number is not None]
    return {
        "looking": scene.session.sales is None,
        "page": Page.of(tiles, scene.session.page),
        "copy_printed": scene.session.copy_printed,
    }


def _tile(scene: Scene, its: Sale) -> Tile:
    language = scene.session.language
    told = HEADLINES[its.outcome].to(language).capitalize()
    when = time_text(its.started_at, scene.facts.time_zone, language)
    sum_ = amount_text(its.amount.amount(), language)
    return Tile("slip", its.slip_number or "", f"{sum_} · {told}", when)


def _number(its: Sale) -> str:
    if its.view is not None and its.view.rrn:
        return in_fours(its.view.rrn)
    return its.slip_number or ""
