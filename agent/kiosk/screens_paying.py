"""What the screens of a journey and of its ending show: functions of the journey's record. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from agent.journeys.bill import Ending, State
from agent.journeys.bill_record import Journey
from agent.journeys.card_record import CardJourney
from agent.journeys.ports import CARD_LEFT
from agent.kiosk import choices
from agent.kiosk.scene import Scene
from agent.kiosk.typed import AMOUNT, shown
from agent.receipt import operation_number
from agent.why_not import providers_words, repeat_may_help, why_not
from gateway.contract import OfferField, PaymentView
from gateway.providers.requisites import shown as shown_value

Context = Mapping[str, Any]
_WITH_NUMBER: Final = frozenset({Ending.PAID, Ending.BEING_UNBLOCKED, Ending.IN_PROCESSING})
_NUMBERED_STATES: Final = frozenset({State.ENDED, State.RECEIPT_DONE, State.CARD_TAKEN, State.CARD_LEFT})


def amount(scene: Scene) -> Context:
    raw = scene.session.draft
    return {**review(scene), "typing": AMOUNT, "raw": raw, "typed": shown(AMOUNT, raw)}


def review(scene: Scene) -> Context:
    journey = _bill(scene)
    return {
        "journey": journey,
        "offer": journey.offer,
        "fields": [] if journey.offer is None else journey.offer.fields,
        "requisites": _requisites(scene, journey),
    }


def application(scene: Scene) -> Context:
    return {"labels": () if scene.question is None else scene.question.labels}


def total(scene: Scene) -> Context:
    return {"journey": _journey(scene)}


def ending(scene: Scene) -> Context:
    return _ending(_journey(scene), scene)


def card_left(scene: Scene) -> Context:
    return {**ending(scene), "staff_code": CARD_LEFT}


def earlier(scene: Scene) -> Context:
    if scene.session.earlier is None:
        raise AssertionError("an earlier payment was found and is not there")
    return {**_ending(scene.session.earlier, scene), "copy_printed": scene.session.copy_printed}


def unavailable(scene: Scene) -> Context:
    """No money was concerned. The code is for whoever serves the terminal."""
    journey = scene.journey
    code = scene.session.reason if journey is None else journey.reason
    return {"code": code or "unknown"}


def _ending(journey: CardJourney, scene: Scene) -> Context:
    code = journey.reason if journey.view is None else journey.view.reason
    view = journey.view
    fields: list[OfferField] = view.fields if isinstance(view, PaymentView) else []
    return {
        "journey": journey,
        "outcome": journey.outcome,
        "code": code,
        "why": code and why_not(journey, code, scene.session.language),
        "comment": code and providers_words(journey, code),
        "try_again": code is not None and repeat_may_help(journey, code),
        "number": operation_number(journey) if journey.outcome in _WITH_NUMBER else "",
        "fields": fields,
        "has_receipt": journey.receipt_number is not None and journey.state in _NUMBERED_STATES,
    }


def _requisites(scene: Scene, journey: Journey) -> list[tuple[int, str, str]]:
    """Place in the product's order, name, and the value as a person reads it."""
    product = scene.product
    shapes = {} if product is None else {shape.code: shape for shape in product.requisites}
    rows = []
    for place, it in enumerate(journey.requisites):
        name = journey.requisite_names.get(it.code, it.code)
        shape = shapes.get(it.code)
        options = {option.value: option.title for option in getattr(shape, "options", ())}
        if it.value in options:
            value = choices.said(options[it.value], journey.language)
        else:
            value = it.value if shape is None else shown_value(shape, it.value)
        rows.append((place, name, value))
    return rows


def _journey(scene: Scene) -> CardJourney:
    if scene.journey is None:
        raise AssertionError("a screen of a journey without one")
    return scene.journey


def _bill(scene: Scene) -> Journey:
    journey = scene.journey
    assert isinstance(journey, Journey), "a bill's screen without a bill's journey"
    return journey
