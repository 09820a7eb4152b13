"""Paying a shop by its link: what leads where, and nothing else (DESIGN §5).

From the person's consent on it is a bill's journey row for row, and the same effects: a card, a PIN, one PUT, its
fate, a receipt, the card back. Before that it is smaller. The check asks the payee's bank what the link is
(PROTOCOLS §3, steps 2 to 5), and its answer names the sum: nobody is asked for one.
"""

from collections.abc import Mapping

from agent.journeys import bill
from agent.journeys.bill import Effect, Event, State, Step
from gateway.state_table import Row

TABLE: Mapping[tuple[State, Event], Row[State, Step]] = {
    (state, event): row for (state, event), row in bill.TABLE.items() if event is not Event.AMOUNT_GIVEN
}

OUTCOMES: Mapping[Effect, frozenset[Event]] = {
    effect: events - {Event.AMOUNT_GIVEN} for effect, events in bill.OUTCOMES.items()
}
