"""Three independent books compared line by line, and what the terminals told their customers beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from agent.demo.stage import Stage
from agent.journeys.bill import Ending
from agent.journeys.bill_record import Journey
from gateway.sandbox.books import CardRow, Comparison, EportRow, GatewayRow, compare


@dataclass(frozen=True)
class Compared:
    """The three books, and each terminal's journeys that contradict the gateway's."""

    books: Comparison
    journeys: Sequence[Journey]
    contradictions: Sequence[str]

    @property
    def agree(self) -> bool:
        return self.books.agree and not self.contradictions


_CONTRADICTED: Final[Mapping[str, frozenset[Ending]]] = {
    # what the gateway's state rules out for the journey's outcome
    "PAID": frozenset({Ending.NOTHING_TAKEN, Ending.BEING_UNBLOCKED}),
    "RELEASED": frozenset({Ending.PAID}),
    "RELEASING": frozenset({Ending.PAID}),
    "REFUSED": frozenset({Ending.PAID}),
    "PENDING": frozenset({Ending.PAID, Ending.NOTHING_TAKEN}),
    "UNRESOLVED": frozenset({Ending.PAID, Ending.NOTHING_TAKEN}),
}


async def compare_books(stage: Stage) -> Compared:
    gateway = [GatewayRow(**row) async for row in stage.gateway("books")]
    async with aiohttp.ClientSession(stage.sandbox.admin_url, raise_for_status=True) as session:
        eport = [EportRow(**row) for row in (await _ledger(session, "eport"))["payments"]]
        cards = [_card_row(row) for row in (await _ledger(session, "card-host"))["holds"]]
    journeys = [
        Journey.model_validate(item)
        for place in stage.terminals
        async for item in place.call("journeys.list", {"limit": 10_000})
    ]
    return Compared(compare(gateway, eport, cards), journeys, list(contradictions(gateway, journeys)))


def contradictions(gateway: Sequence[GatewayRow], journeys: Sequence[Journey]) -> Iterator[str]:
    """Each journey whose customer believes what the gateway's book rules out, and each payment of nobody."""
    states = {row.payment_id: row.state for row in gateway}
    sent = {journey.payment_id: journey for journey in journeys if journey.payment_id is not None}
    for payment_id, journey in sent.items():
        state = states.get(payment_id)
        if state is None and journey.outcome is not Ending.NOTHING_TAKEN:
            yield f"{payment_id}: the terminal says {journey.outcome}; the gateway does not know it"
        elif state is not None and journey.outcome in _CONTRADICTED.get(state, frozenset()):
            yield f"{payment_id}: the terminal says {journey.outcome}; the gateway says {state}"
    for payment_id in states.keys() - sent.keys():
        yield f"{payment_id}: the gateway has it; no terminal sent it"


def _card_row(row: dict[str, Any]) -> CardRow:
    return CardRow(**{**row, "violations": tuple(row["violations"])})


async def _ledger(session: aiohttp.ClientSession, side: str) -> dict[str, Any]:
    async with session.get(f"/ledger/{side}") as response:
        answer: dict[str, Any] = await response.json()
        return answer
