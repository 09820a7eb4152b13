"""How the spool's entries leave: one route for each kind, and a table from a verdict to an event.

A delivery sends and reports; the move that its answer means runs in the transaction that acknowledges the
entry. What the next state is, the payment table says.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, Protocol

from gateway.alarms import raise_alarm
from gateway.bills.moves import Evidence, Moves
from gateway.bills.payment import happened
from gateway.bills.payment_states import Event
from gateway.bills.steps import CANCEL, CAPTURE, EXPIRY, PAYMENT, REVERSAL, STATUS, identifiers_of
from gateway.eport.operations import Operation
from gateway.funds.interface import Funds
from gateway.outcomes import AdviceOutcome, EportOutcome, Verdict
from gateway.reasons import CANCELLED_BY_ORDER, eport_reason
from gateway.settings import TimersSection
from spool import Again, Delivered, Entry, Route, Schedule, Spool, ToPerson, Transaction
from spool import Verdict as SpoolVerdict

JITTER: Final = 0.10


class After(Enum):
    """What becomes of the entry."""

    DONE = "done"
    AGAIN = "again"  # the destination spoke, and not finally
    SILENT = "silent"  # it did not speak
    PERSON = "person"


Meaning = tuple[Event | None, After]

EPORT_MEANINGS: Final[Mapping[str, Mapping[Verdict, Meaning]]] = {
    PAYMENT: {
        Verdict.ACCEPTED: (Event.PAYMENT_ACCEPTED, After.DONE),
        Verdict.REFUSED: (Event.PAYMENT_REFUSED, After.DONE),
        Verdict.PENDING: (Event.PAYMENT_PENDING, After.AGAIN),
        Verdict.UNANSWERED: (Event.UNANSWERED, After.SILENT),
        Verdict.CONFLICT: (Event.ID_CONFLICT, After.DONE),
    },
    STATUS: {
        Verdict.ACCEPTED: (Event.PAYMENT_ACCEPTED, After.DONE),
        Verdict.REFUSED: (Event.PAYMENT_REFUSED, After.DONE),
        Verdict.PENDING: (Event.PAYMENT_PENDING, After.AGAIN),
        Verdict.UNANSWERED: (None, After.SILENT),
        Verdict.CANCELLED: (Event.CANCELLED, After.DONE),
    },
    CANCEL: {
        Verdict.CANCELLED: (Event.CANCELLED, After.DONE),
        Verdict.CANCEL_REFUSED: (Event.CANCEL_REFUSED, After.DONE),
        Verdict.PENDING: (None, After.AGAIN),
        Verdict.UNANSWERED: (None, After.SILENT),
    },
}
ADVICE_MEANINGS: Final[Mapping[str, Mapping[Verdict, Meaning]]] = {
    CAPTURE: {
        Verdict.ACCEPTED: (Event.CAPTURED, After.DONE),
        Verdict.REFUSED: (Event.CAPTURE_REFUSED, After.PERSON),
        Verdict.UNANSWERED: (None, After.SILENT),
    },
    REVERSAL: {
        Verdict.ACCEPTED: (Event.RELEASED, After.DONE),
        Verdict.REFUSED: (Event.REVERSAL_REFUSED, After.PERSON),
        Verdict.UNANSWERED: (None, After.SILENT),
    },
}
OPERATIONS: Final[Mapping[str, Operation]] = {
    PAYMENT: Operation.PAYMENT,
    STATUS: Operation.STATUS,
    CANCEL: Operation.CANCEL,
}
# What e-port says of a txn_id that it knows with other content, it says of that other payment (PROTOCOLS §2.3, 215).
_WORDS_OF_EPORT: Final = frozenset(
    {
        Event.PAYMENT_ACCEPTED,
        Event.PAYMENT_REFUSED,
        Event.PAYMENT_PENDING,
        Event.CANCELLED,
        Event.CANCEL_REFUSED,
    }
)


class Eport(Protocol):
    async def send(
        self,
        operation: Operation,
        message: bytes,
        *,
        txn_id: str,
        first_attempt: bool = True,
        cancel_ordered: bool = False,
    ) -> EportOutcome:
        """One attempt with stored bytes; whatever goes wrong is UNANSWERED."""


class UnexpectedVerdictError(LookupError):
    """An outcome that this kind of entry cannot have."""


class Deliveries:
    def __init__(
        self, *, spool: Spool, moves: Moves, eport: Eport, funds: Funds, timers: TimersSection
    ) -> None:
        self._spool = spool
        self._moves = moves
        self._eport = eport
        self._funds = funds
        self._timers = timers

    def routes(self) -> Mapping[str, Route]:
        timers = self._timers
        payments = Schedule(
            (timers.payment_resend_seconds,) * timers.payment_resend_count,
            then=timers.payment_resend_then_seconds,
            jitter=JITTER,
        )
        statuses = Schedule((), then=timers.status_seconds, jitter=JITTER)
        advices = Schedule(
            (timers.advice_resend_seconds,) * timers.advice_resend_count,
            then=timers.advice_resend_then_seconds,
            jitter=JITTER,
        )
        return {
            PAYMENT: Route(self._to_eport, payments),
            CANCEL: Route(self._to_eport, payments),
            STATUS: Route(self._to_eport, statuses),
            CAPTURE: Route(self._to_card_host, advices),
            REVERSAL: Route(self._to_card_host, advices),
            EXPIRY: Route(self._expire, statuses),
        }

    async def _to_eport(self, entry: Entry) -> SpoolVerdict:
        txn_id, payment_id = identifiers_of(entry)
        outcome = await self._eport.send(
            OPERATIONS[entry.kind],
            entry.payload,
            txn_id=txn_id,
            first_attempt=not entry.maybe_sent,
            cancel_ordered=entry.kind == STATUS and await self._cancel_was_ordered(payment_id),
        )
        event, after = _meaning(EPORT_MEANINGS, entry, outcome.verdict)
        if after is After.SILENT and outcome.spoke:
            after = After.AGAIN
        evidence = eport_evidence(outcome)
        return _verdict(after, evidence.note, self._applying(payment_id, event, evidence))

    async def _to_card_host(self, entry: Entry) -> SpoolVerdict:
        _, payment_id = identifiers_of(entry)
        outcome = await self._funds.advise(entry.payload, repeat=entry.maybe_sent)
        event, after = _meaning(ADVICE_MEANINGS, entry, outcome.verdict)
        evidence = advice_evidence(outcome)
        return _verdict(after, evidence.note, self._applying(payment_id, event, evidence))

    async def _expire(self, entry: Entry) -> SpoolVerdict:
        _, payment_id = identifiers_of(entry)
        note = f"{self._timers.payment_expiry_seconds:g} s without a decision"
        return Delivered(apply=self._applying(payment_id, Event.EXPIRED, Evidence(note=note)))

    async def _cancel_was_ordered(self, payment_id: str) -> bool:
        return await self._spool.read(lambda tx: happened(tx, payment_id, Event.CANCEL_ORDERED))

    def _applying(
        self, payment_id: str, event: Event | None, evidence: Evidence
    ) -> Callable[[Transaction], None]:
        def apply(tx: Transaction) -> None:
            if event is not None:
                conflicted = event in _WORDS_OF_EPORT and happened(tx, payment_id, Event.ID_CONFLICT)
                self._moves.apply(tx, payment_id, Event.ID_CONFLICT if conflicted else event, evidence)
            elif evidence.alarm is not None:
                raise_alarm(tx, evidence.alarm, subject=payment_id, detail=evidence.note)

        return apply


def eport_evidence(outcome: EportOutcome) -> Evidence:
    said = f"result {outcome.result}: {outcome.comment or ''}".removesuffix(": ")
    return Evidence(
        reason=_reason(outcome),
        eport_id=outcome.eport_id,
        provider_finished_at=outcome.finished_at,
        note=outcome.detail if outcome.result is None else said,
        alarm=outcome.alarm,
        result=outcome.result,
    )


def advice_evidence(outcome: AdviceOutcome) -> Evidence:
    return Evidence(
        note=outcome.detail if outcome.response_code is None else f"response code {outcome.response_code}"
    )


def _reason(outcome: EportOutcome) -> str | None:
    """Of an ending without a payment."""
    if outcome.verdict is Verdict.CANCELLED:
        return CANCELLED_BY_ORDER
    return eport_reason(outcome.result) if outcome.verdict is Verdict.REFUSED else None


_VERDICTS: Final[Mapping[After, Callable[[str, Callable[[Transaction], None]], SpoolVerdict]]] = {
    After.DONE: Delivered,
    After.AGAIN: lambda note, apply: Again(note, apply, answered=True),
    After.SILENT: Again,
    After.PERSON: ToPerson,
}


def _meaning(meanings: Mapping[str, Mapping[Verdict, Meaning]], entry: Entry, verdict: Verdict) -> Meaning:
    meaning = meanings[entry.kind].get(verdict)
    if meaning is None:
        raise UnexpectedVerdictError(f"{verdict} cannot come of {entry.kind}")
    return meaning


def _verdict(after: After, note: str, apply: Callable[[Transaction], None]) -> SpoolVerdict:
    return _VERDICTS[after](note, apply)
