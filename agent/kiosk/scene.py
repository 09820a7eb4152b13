"""Everything that a screen is a function of, and nothing that moves."""

from dataclasses import dataclass
from enum import StrEnum

from agent.journeys.card_record import CardJourney
from agent.journeys.ports import PAPER_OUT
from agent.journeys.sale_record import Sale
from agent.kiosk.session import Session, Stage
from agent.orders import Serves
from agent.receipt_facts import TerminalFacts
from agent.texts import Language
from gateway.providers.product import Catalogue, Product
from gateway.providers.shapes import RequisiteShape


class Ask(StrEnum):
    """What the journey waits for (`agent.journeys.customer`)."""

    AMOUNT = "amount"
    CONSENT = "consent"
    APPLICATION = "application"
    WITHOUT_RECEIPT = "without_receipt"
    RECEIPT = "receipt"


@dataclass(frozen=True)
class Question:
    ask: Ask
    labels: tuple[str, ...] = ()  # of the card's applications


@dataclass(frozen=True)
class Scene:
    """`seq` names this moment: a press that carries another was meant for another screen."""

    session: Session
    seq: str
    facts: TerminalFacts
    languages: tuple[Language, ...]
    catalogue: Catalogue | None = None
    obstacles: tuple[str, ...] | None = None  # None: nobody has asked yet
    shortcuts: tuple[str, ...] = ()  # product ids: popular and recent
    journey: CardJourney | None = None
    question: Question | None = None
    left_card_taken: bool = False  # after all, since this journey ended
    services: frozenset[Serves] = frozenset({Serves.BILLS})
    sale: Sale | None = None

    @property
    def serves(self) -> bool:
        """May somebody begin? Paper alone that is missing is asked about later."""
        return self.catalogue is not None and self.obstacles is not None and {*self.obstacles} <= {PAPER_OUT}

    @property
    def product(self) -> Product | None:
        chosen = self.session.product
        return None if chosen is None or self.catalogue is None else self.catalogue.product(chosen)

    @property
    def shape(self) -> RequisiteShape | None:
        """The requisite that is being asked for."""
        if self.product is None or self.session.stage is not Stage.REQUISITE:
            return None
        return self.product.requisites[self.session.requisite]

    @property
    def asked(self) -> Ask | None:
        return None if self.question is None else self.question.ask
