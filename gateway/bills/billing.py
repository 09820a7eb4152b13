"""A payment from the terminal's PUT to its outcome: what the API's handlers call.

The order of things is the point (DESIGN §3.3): the identifiers and the HOLDING row are committed, then the
0100 leaves, with the card in memory only; what its answer means is moved in one transaction with the
messages that follow from it; the forwarder sends those. A caller that goes away changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from gateway.bills import payment as payments
from gateway.bills.admission import Admission, Put, Refused
from gateway.bills.cards import card_of
from gateway.bills.moves import Evidence, Moves
from gateway.bills.payment import Payment
from gateway.bills.payment_states import Event, State
from gateway.bills.readiness import ReadinessGate
from gateway.bills.views import has_ended, has_outcome, view_of
from gateway.contract import NeverReceived, PaymentRequest, PaymentView
from gateway.funds.interface import Card, Funds
from gateway.outcomes import HoldOutcome, Verdict
from gateway.problems import ProblemError
from gateway.reasons import card_reason
from gateway.waiting import Waiters
from spool import CommitFailed, Spool, StoreClosed, StoreOverloaded, Transaction

_log = logging.getLogger(__name__)

UNKNOWN_HOLD: Final = "card_host_unanswered"
_STORE_PAUSE_SECONDS: Final = 1.0
_RESTARTS_AT_ONCE: Final = 100

HOLD_EVENTS: Final[Mapping[Verdict, Event]] = {
    Verdict.ACCEPTED: Event.HOLD_APPROVED,
    Verdict.REFUSED: Event.HOLD_DECLINED,
    Verdict.UNANSWERED: Event.UNANSWERED,
}
# Of the gate's reasons, those for which no 0100 may leave, and the problem that says so.
NOT_NOW: Final[Mapping[str, str]] = {
    "stopping": "stopping",
    "card_host_unreachable": "card_host_unavailable",
    "eport_breaker_open": "eport_unavailable",
    "disk_full": "store_unavailable",
    "store_failing": "store_unavailable",
}


class Billing:
    def __init__(  # noqa: PLR0913 - the parts that a payment passes through
        self,
        *,
        spool: Spool,
        moves: Moves,
        admission: Admission,
        funds: Funds,
        gate: ReadinessGate,
        waiters: Waiters[State],
        in_flight_limit: int,
    ) -> None:
        self._spool = spool
        self._moves = moves
        self._admission = admission
        self._funds = funds
        self._gate = gate
        self._waiters = waiters
        self._in_flight_limit = in_flight_limit
        self._holds: set[asyncio.Task[None]] = set()

    async def pay(
        self, terminal: str, payment_id: str, request: PaymentRequest, *, content: bytes, wait_seconds: float
    ) -> PaymentView:
        """Begin the payment, or find it; then its outcome, or how far it is when `wait_seconds` are over.

        `content` is what makes a second PUT the same one. Raises ProblemError.
        """
        card = card_of(request.card)
        digest = self._spool.digest(content)
        put = Put(terminal, payment_id, request, digest)
        not_now = self._not_now()
        begun = await self._spool.write(lambda tx: self._admission.admit(tx, put, not_now))
        if isinstance(begun, Refused):
            raise begun.error()
        if isinstance(begun, Payment):
            self._start_hold(begun, card)
        return await self._watch(terminal, payment_id, wait_seconds, at_once=has_outcome, later=has_outcome)

    async def see(self, terminal: str, payment_id: str, *, wait_seconds: float) -> PaymentView:
        """The payment now; with `wait_seconds`, after its next move unless it has ended."""
        return await self._watch(
            terminal, payment_id, wait_seconds, at_once=has_ended, later=lambda _state: True
        )

    def resolve(self, tx: Transaction, terminal: str, payment_id: str) -> PaymentView | NeverReceived:
        """What became of a PUT whose answer was lost; from then on "never received" is for ever."""
        payment = payments.load(tx, payment_id)
        if payment is not None:
            return self._owned_view(tx, terminal, payment)
        self._admission.refuse_forgotten(payment_id)
        payments.bury(tx, payment_id, terminal=terminal)
        return NeverReceived(payment_id=payment_id)

    async def recover(self) -> int:
        """After a start, before anyone is heard: what the last life left half done goes on. How many there were."""
        recovered = 0
        while True:
            found = await self._spool.write(self._recover_some)
            recovered += found
            if found < _RESTARTS_AT_ONCE:
                return recovered

    async def close(self, *, timeout_seconds: float) -> None:
        """Let the holds in flight come to their outcome; what takes longer is left to recovery."""
        if self._holds:
            await asyncio.wait(self._holds, timeout=timeout_seconds)
        for task in self._holds:
            task.cancel()
        await asyncio.gather(*self._holds, return_exceptions=True)

    def _not_now(self) -> Refused | None:
        """Why no 0100 may leave at this moment."""
        if len(self._holds) >= self._in_flight_limit:
            return Refused("overloaded", f"{self._in_flight_limit} payments are in flight")
        for reason in self._gate.reasons():
            if reason in NOT_NOW:
                return Refused(NOT_NOW[reason], f"the gateway is not ready: {reason}; nothing was taken")
        return None

    def _start_hold(self, payment: Payment, card: Card) -> None:
        task = asyncio.create_task(self._hold(payment, card), name=f"hold {payment.payment_id}")
        self._holds.add(task)
        task.add_done_callback(self._holds.discard)

    async def _hold(self, payment: Payment, card: Card) -> None:
        """One 0100, and its outcome in the store, however long the store takes."""
        outcome = await self._ask_for_hold(payment, card)
        event, evidence = HOLD_EVENTS[outcome.verdict], _evidence(outcome)
        while True:
            try:
                await self._spool.write(lambda tx: self._moves.apply(tx, payment.payment_id, event, evidence))
            except (CommitFailed, StoreOverloaded) as error:
                _log.warning(
                    "payment.move_failed",
                    extra={"payment_id": payment.payment_id, "why": type(error).__name__},
                )
                await asyncio.sleep(_STORE_PAUSE_SECONDS)
            except StoreClosed:
                _log.warning("payment.left_to_recovery", extra={"payment_id": payment.payment_id})
                return
            else:
                return

    async def _ask_for_hold(self, payment: Payment, card: Card) -> HoldOutcome:
        try:
            return await self._funds.hold(payment.hold, card)
        except Exception as error:  # noqa: BLE001 - whatever failed, a hold may exist; the text may hold card data
            kind = type(error).__name__
            _log.error("payment.hold_failed", extra={"payment_id": payment.payment_id, "error": kind})
            return HoldOutcome(Verdict.UNANSWERED, alarm="hold_failed", detail=kind)

    async def _watch(
        self,
        terminal: str,
        payment_id: str,
        wait_seconds: float,
        *,
        at_once: Callable[[State], bool],
        later: Callable[[State], bool],
    ) -> PaymentView:
        return await self._waiters.view(
            payment_id,
            lambda: self._spool.read(lambda tx: self._view(tx, terminal, payment_id)),
            wait_seconds,
            enough=lambda view: at_once(State(view.state)),
            wanted=later,
        )

    def _view(self, tx: Transaction, terminal: str, payment_id: str) -> PaymentView:
        payment = payments.load(tx, payment_id)
        if payment is None:
            self._admission.refuse_forgotten(payment_id)
            raise ProblemError("payment_not_found", "this terminal has no payment of this id")
        return self._owned_view(tx, terminal, payment)

    def _owned_view(self, tx: Transaction, terminal: str, payment: Payment) -> PaymentView:
        if payment.terminal != terminal:
            raise ProblemError("payment_not_found", "this terminal has no payment of this id")
        return view_of(payment, payments.history(tx, payment.payment_id))

    def _recover_some(self, tx: Transaction) -> int:
        found = payments.interrupted(tx, limit=_RESTARTS_AT_ONCE)
        for payment_id in found:
            payment = payments.load(tx, payment_id)
            unknown_hold = payment is not None and payment.state is State.HOLDING
            evidence = Evidence(reason=UNKNOWN_HOLD if unknown_hold else None)
            self._moves.apply(tx, payment_id, Event.RESTARTED, evidence)
        return len(found)


def _evidence(outcome: HoldOutcome) -> Evidence:
    reasons = {
        Verdict.REFUSED: card_reason(outcome.response_code),
        Verdict.UNANSWERED: UNKNOWN_HOLD,
    }
    code = outcome.response_code
    return Evidence(
        reason=reasons.get(outcome.verdict),
        response_code=code,
        approval_code=outcome.approval_code,
        note=outcome.detail if code is None else f"response code {code}",
        alarm=outcome.alarm,
    )
