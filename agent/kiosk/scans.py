"""A code that somebody holds before the scanner → what it means at this screen. Pure, as `presses` is."""

from agent.kiosk.presses import Press, read
from agent.kiosk.scene import Scene
from agent.kiosk.session import Event, Happened, Stage
from agent.orders import Serves
from agent.scanned import ScannedLink, classify, may_be_link, requisite_of
from gateway.providers.faults import FaultyValueError
from gateway.providers.requisites import check_value
from gateway.providers.shapes import RequisiteShape
from gateway.transfer_contract import LONGEST_SCAN

_CHOOSING = frozenset({Stage.GROUPS, Stage.PROVIDERS, Stage.PRODUCTS, Stage.SEARCH})


def read_scan(scene: Scene, text: str) -> Happened | None:
    """None: it means nothing here. By a scan nothing is paid: the person sees what was read, and goes on."""
    if scene.session.stage is Stage.LINK:
        return read(scene, Press("enter", scene.seq, text))
    if scene.shape is not None:
        return _at_requisite(scene.shape, text)
    return _at_choice(scene, text) if scene.session.stage in _CHOOSING else None


def _at_requisite(shape: RequisiteShape, text: str) -> Happened:
    """A bill's barcode by the catalogue's rule, else the code itself if it is a value."""
    value = requisite_of(text, shape) or text.strip()
    try:
        check_value(shape, value)
    except FaultyValueError as faulty:
        return Happened(Event.VALUE_REFUSED, {"draft": "", "fault": faulty.fault})
    return Happened(Event.VALUE_SCANNED, {"draft": value})


def _at_choice(scene: Scene, text: str) -> Happened | None:
    """A bill that can be of one product only chooses it; a shop's code asks about its link."""
    catalogue = scene.catalogue
    if catalogue is None:
        return None
    served = [product for product in catalogue.products if not catalogue.is_switched_off(product.id)]
    found = classify(text, served)
    if not found and Serves.LINKS in scene.services and may_be_link(text):
        return Happened(Event.LINK_GIVEN, {"link": text.strip()[:LONGEST_SCAN]})
    if isinstance(found, ScannedLink) or len(found) != 1 or Serves.BILLS not in scene.services:
        return None
    [only] = found
    product = catalogue.product(only.product)
    if product is None or product.requisites[0].code != only.code:
        return None
    return Happened(
        Event.PRODUCT_CHOSEN,
        {
            "product": only.product,
            "found_in": scene.session.stage,
            "requisite": 0,
            "values": {},
            "draft": only.value,
        },
    )
