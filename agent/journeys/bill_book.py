"""Commits the moves of a bill journey: the record, its journal line and the row's steps, all or nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from agent.journal import Journal
from agent.journeys import bill_store
from agent.journeys.bill import RESOLVABLE, TABLE, Event, Step
from agent.journeys.bill_record import Happened, Journey, moved
from gateway.contract import NeverReceived, PaymentView
from gateway.identifiers import new_payment_id
from gateway.state_table import advance
from spool import NewEntry, Spool, Transaction, enqueue, next_number

RESOLVE_KIND: Final = "gateway.resolve"
Observer = Callable[[Journey], None]
Report = Callable[[Transaction, Journey, Journey], None]
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
        self._steps: Mapping[Step, Callable[[Transaction, Journey], Journey]] = {
            Step.IDENTIFY: self._identify,
            Step.ASK_LATER: _ask_later,
            Step.ALARM: self._alarm,
        }

    async def begin(self, journey: Journey) -> None:
        def write(tx: Transaction) -> None:
            bill_store.insert(tx, journey)
            self._tell(tx, journey, "BEGUN")

        await self._spool.write(write)

    async def move(self, journey: Journey, happened: Happened) -> Journey:
        """The record after the event. NoSuchRowError, JourneyMovedError: nothing was changed."""
        return await self._spool.write(lambda tx: self._move(tx, journey, happened))

    def resolved(self, tx: Transaction, payment_id: str, answer: PaymentView | NeverReceived) -> None:
        """What the answer to a spooled question changes, in the transaction that acknowledges it."""
        journey = bill_store.find(tx, payment_id)
        if journey is None or journey.state not in RESOLVABLE:
            return
        if isinstance(answer, NeverReceived):
            self._move(tx, journey, Happened(Event.RESOLVED, {"never_received": True}))
        elif journey.view is None or answer.state != journey.view.state:
            self._move(tx, journey, Happened(Event.RESOLVED, {"view": answer}))

    def _move(self, tx: Transaction, journey: Journey, happened: Happened) -> Journey:
        """From the stored record, not from the caller's copy: a late answer may have come between."""
        stored = bill_store.still(tx, journey)
        after = moved(stored, happened, at=tx.now)
        for step in advance(TABLE, stored.state, happened.event).steps:
            after = self._steps[step](tx, after)
        bill_store.update(tx, stored, after)
        if self._report is not None:
            self._report(tx, stored, after)
        self._tell(tx, after, happened.event)
        return after

    def _tell(self, tx: Transaction, journey: Journey, event: str) -> None:
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

    def _identify(self, tx: Transaction, journey: Journey) -> Journey:
        return journey.model_copy(
            update={
                "payment_id": new_payment_id(tx.now, self._random_bytes),
                "receipt_number": f"{next_number(tx, 'receipt_number'):06d}",
                "sent_at": tx.now,
            }
        )

    def _alarm(self, tx: Transaction, journey: Journey) -> Journey:
        self._journal.write(tx, "alarm.card_left", {"journey_id": journey.journey_id})
        tx.after_commit(self._card_left)
        return journey


def _ask_later(tx: Transaction, journey: Journey) -> Journey:
    payload = json.dumps({"payment_id": journey.payment_id}).encode()
    key = f"resolve-{journey.payment_id}"
    enqueue(tx, NewEntry(kind=RESOLVE_KIND, destination="gateway", lane="resolve", key=key, payload=payload))
    return journey
