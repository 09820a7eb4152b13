"""A press while a journey waits for an answer → the answer. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.journeys.bill_record import Journey
from agent.kiosk.scene import Ask, Scene
from agent.kiosk.typed import sum_of
from gateway.money import Amount
from gateway.providers.faults import Fault

DEBT: Final = "debt"


@dataclass(frozen=True)
class Answer:
    """To the open question; or `fault`: what was typed cannot be an answer."""

    ask: Ask
    value: object = None
    fault: Fault | None = None


def answer_of(scene: Scene, action: str, value: str) -> Answer | None:
    """None: this press answers nothing that is asked."""
    if scene.asked is None:
        return None
    reader = _READERS.get((scene.asked, action))
    return None if reader is None else reader(scene, value)


def _amount(scene: Scene, value: str) -> Answer:
    """`debt`, or a sum as it was typed; it must be one that the journey will take."""
    offer = scene.journey.offer if isinstance(scene.journey, Journey) else None
    debt = None if offer is None or offer.debt is None else offer.debt.amount()
    amount: Amount | None = debt if value == DEBT else sum_of(value)
    if amount is None or offer is None:
        return Answer(Ask.AMOUNT, fault=Fault.CHARACTERS if value.strip() else Fault.MISSING)
    if not offer.minimum.amount() <= amount <= offer.maximum.amount():
        return Answer(Ask.AMOUNT, fault=Fault.RANGE)
    return Answer(Ask.AMOUNT, amount)


def _application(scene: Scene, value: str) -> Answer | None:
    labels = () if scene.question is None else scene.question.labels
    known = value.isascii() and value.isdigit() and int(value) < len(labels)
    return Answer(Ask.APPLICATION, int(value)) if known else None


def _yes(ask: Ask) -> Callable[[Scene, str], Answer]:
    return lambda _scene, value: Answer(ask, value == "yes")


_READERS: Final[Mapping[tuple[Ask, str], Callable[[Scene, str], Answer | None]]] = {
    (Ask.AMOUNT, "enter"): _amount,
    (Ask.AMOUNT, "amount"): _amount,
    (Ask.CONSENT, "agree"): lambda _scene, _value: Answer(Ask.CONSENT),
    (Ask.APPLICATION, "application"): _application,
    (Ask.WITHOUT_RECEIPT, "without_receipt"): _yes(Ask.WITHOUT_RECEIPT),
    (Ask.RECEIPT, "receipt"): _yes(Ask.RECEIPT),
}
