"""Why nothing was paid, as a sentence: for whoever stands at the screen, or reads a command's answer. Pure.

Before anything was sent `card.…` is the reader's word, afterwards the card host's.
"""

from typing import Final

from agent.journeys.card_record import CardJourney
from agent.texts import Language
from agent.texts.devices import DEVICES, device_text
from agent.texts.reasons import reason_text
from gateway.reasons import reason_of

_OF_THE_PROVIDER: Final = frozenset({"eport", "sum_outside_limits"})


def why_not(journey: CardJourney, code: str, language: Language) -> str | None:
    """None for a code that says nothing to a customer."""
    return device_text(code, language) if _of_a_device(journey, code) else reason_text(code, language)


def providers_words(journey: CardJourney, code: str) -> str:
    """What the provider wrote for its customer; the comments of a device or of our API are for staff."""
    return (journey.comment or "") if _family(code) in _OF_THE_PROVIDER else ""


def repeat_may_help(journey: CardJourney, code: str) -> bool:
    """After a device's word the person may try another card; the gateway's reasons say it themselves."""
    try:
        return _of_a_device(journey, code) or reason_of(code).repeat_may_help
    except KeyError:
        return False


def _of_a_device(journey: CardJourney, code: str) -> bool:
    return journey.payment_id is None and _family(code) in DEVICES


def _family(code: str) -> str:
    return code.partition(".")[0]
