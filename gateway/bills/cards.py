"""Card data on their way from a PUT to field 2, 14, 35, 52, 55 and 62: in memory, and checked before the hold."""

from gateway.contract import CardInput
from gateway.funds.interface import Card
from gateway.problems import ProblemError


def card_of(given: CardInput) -> Card:
    """The card of a PUT. Raises ProblemError `card_incomplete`, which quotes none of it (PROTOCOLS §5)."""
    fault = _fault(given)
    if fault is not None:
        raise ProblemError("card_incomplete", fault)
    return Card(
        pan=given.pan,
        expiry_yymm=given.expiry_yymm,
        track2=given.track2,
        emv=_bytes(given.emv),
        pin_block=_bytes(given.pin_block),
        ksn=_bytes(given.ksn),
    )


def _fault(given: CardInput) -> str | None:
    if (given.pan is None) != (given.expiry_yymm is None):
        return "pan and expiry_yymm go together"
    if given.pan is None and given.track2 is None:
        return "either track2, or pan with expiry_yymm"
    if given.track2 is not None and given.pan is not None:
        pan, _, rest = given.track2.partition("D")
        if (pan, rest[:4]) != (given.pan, given.expiry_yymm):
            return "track2 and pan with expiry_yymm disagree"
    if given.ksn is not None and given.pin_block is None:
        return "ksn without pin_block"
    return None


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)
