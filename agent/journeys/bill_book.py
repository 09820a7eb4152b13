"""Commits the moves of a journey that is paid by card: the record, its journal line and the row's steps, all or nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from agent.journal import Journal
from agent.journeys import bill_store
from agent.journeys.bill import RESOLVABLE, Event, Step
from agent.journeys.card_record import CardJourney, Changes, Happened, J, moved
from agent.journeys.link_record import LinkJourney
from gateway.contract import NeverReceived, PaymentView
from gateway.identifiers import new_payment_id
from gateway.state_table import advance
from gateway.transfer_contract import OrderNeverReceived, OrderView
from spool import NewEntry, Spool, Transaction, enqueue, next_number

RESOLVE_KIND: Final = "gateway.resolve"
RESOLVE_ORDER_KIND: Final = "gateway.resolve_order"
Fate = PaymentView | NeverReceived | OrderView | OrderNeverReceived
Observer = Callable[[CardJourney], None]
Report = Callable[[Transaction, CardJourney, CardJourney], None]
"""The transaction of a move, the record before and after it."""


class BillBook:
    """`agent.journeys.ports.Book` over the spool's store. `observers` are told of each committed record."""

    def __init__(  # noqa: PLR0913 - everybody who is told of a move
        self,
        spool: Spool,
        journal: Journal,
        random_bytes: Callable[[int], bytes],
        observers: Sequence[Observer] = (),
        *,
        report: Report | None = None,
        card_left: Callable[[], None] = lambda: None,
    ) -> None:
        """`report` is told of each move in its transaction, for the terminal's registry; `card_left` after it."""
        self._report = report
        self._card_left = card_left
        self._spool = spool
        self._journal = journal
        self._random_bytes = random_bytes
        self._observers = tuple(observers)
        self._steps: Mapping[Step, Callable[[Transaction, CardJourney], Changes]] = {
            Step.IDENTIFY: self._identify,
            Step.ASK_LATER: _ask_later,
            Step.ALARM: self._alarm,
        }

    async def begin(self, journey: CardJourney) -> None:
        def write(tx: Transaction) -> None:
            bill_store.insert(tx, journey)
            self._tell(tx, journey, "BEGUN")

        await self._spool.write(write)

    async def move(self, journey: J, happened: Happened) -> J:
        """The record after the event. NoSuchRowError, JourneyMovedError: nothing was changed."""
        return await self._spool.write(lambda tx: self._move(tx, journey, happened))

    def resolved(self, tx: Transaction, payment_id: str, answer: Fate) -> None:
        """What the answer to a spooled question changes, in the transaction that acknowledges it."""
        journey = bill_store.find(tx, payment_id)
        if journey is None or journey.state not in RESOLVABLE:
            return
        if isinstance(answer, NeverReceived | OrderNeverReceived):
            self._move(tx, journey, Happened(Event.RESOLVED, {"never_received": True}))
        elif journey.view is None or answer.state != journey.view.state:
            self._move(tx, journey, Happened(Event.RESOLVED, {"view": answer}))

    def _move(self, tx: Transaction, journey: J, happened: Happened) -> J:
        """From the stored record, not from the caller's copy: a late answer may have come between."""
        stored = bill_store.still(tx, journey)
        after = moved(stored, happened, at=tx.now)
        for step in advance(stored.table, stored.state, happened.event).steps:
            after = after.model_copy(update=self._steps[step](tx, after))
        bill_store.update(tx, stored, after)
        if self._report is not None:
            self._report(tx, stored, after)
        self._tell(tx, after, happened.event)
        return after

    def _tell(self, tx: Transaction, journey: CardJourney, event: str) -> None:
        data = {
            "journey_id": journey.journey_id,
            "event": event,
            "payment_id": journey.payment_id,
            "ending": journey.ending,
            "reason": journey.reason,
        }
        self._journal.write(tx, f"journey.{journey.state.lower()}", data)
        for observe in self._observers:
            tx.after_commit(partial(observe, journey))

    def _identify(self, tx: Transaction, _journey: CardJourney) -> Changes:
        return Changes(
            payment_id=new_payment_id(tx.now, self._random_bytes),
            receipt_number=f"{next_number(tx, 'receipt_number'):06d}",
            sent_at=tx.now,
        )

    def _alarm(self, tx: Transaction, journey: CardJourney) -> Changes:
        self._journal.write(tx, "alarm.card_left", {"journey_id": journey.journey_id})
        tx.after_commit(self._card_left)
        return {}


def _ask_later(tx: Transaction, journey: CardJourney) -> Changes:
    kind = RESOLVE_ORDER_KIND if isinstance(journey, LinkJourney) else RESOLVE_KIND
    payload = json.dumps({"payment_id": journey.payment_id}).encode()
    key = f"resolve-{journey.payment_id}"
    enqueue(tx, NewEntry(kind=kind, destination="gateway", lane="resolve", key=key, payload=payload))
    return {}
