"""What each step of the payer's table does, inside the move's transaction."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from gateway.alarms import raise_alarm
from gateway.bills.numbering import new_stan
from gateway.c2b2e.author import Author
from gateway.c2b2e.deadlines import TransferTimers
from gateway.c2b2e.entries import (
    ASKING,
    CAPTURE,
    EXPIRY,
    ORDER,
    OVERDUE,
    QUESTION,
    REQUEST,
    REVERSAL,
    close_for,
    close_messages,
    spool_for,
)
from gateway.c2b2e.moves import Effect, write_down
from gateway.c2b2e.payer import Step
from gateway.c2b2e.transfer import Transfer
from gateway.funds.interface import Funds
from spool import Transaction

ALARM_AFTER_QUESTIONS: Final = 6  # some eight minutes with the timers of PROTOCOLS §3.5
Advice = Callable[..., bytes]


class PayerSteps:
    """`acquirer` and `merchant` are fields 32 and 42 of a hold, which its advices repeat."""

    def __init__(
        self,
        *,
        author: Author,
        funds: Funds,
        timers: TransferTimers,
        acquirer: str,
        merchant: str,
    ) -> None:
        self._author = author
        self._funds = funds
        self._timers = timers
        self._acquirer = acquirer
        self._merchant = merchant

    def effects(self) -> Mapping[Step, Effect]:
        return {
            Step.CLOSE_REQUEST: _close_request,
            Step.KEEP_DETAILS: _keep_details,
            Step.ASK_ACCOUNT: _left_to_the_caller,
            Step.HOLD: self._hold,
            Step.SPOOL_ORDER: self._spool_order,
            Step.START_QUESTIONS: self._start_questions,
            Step.SPOOL_QUESTION: self._spool_question,
            Step.STOP_QUESTIONS: _stop_questions,
            Step.SPOOL_CAPTURE: self._spool_capture,
            Step.SPOOL_REVERSAL: self._spool_reversal,
            Step.CLOSE_HOLD: _close_hold,
        }

    def begin(self, tx: Transaction, transfer: Transfer) -> None:
        """What a chain begins with: the admi.009, and the instant at which its answer is overdue."""
        self._author.ask_details(tx, transfer)
        overdue = self._timers.details_overdue_at(transfer.began)
        spool_for(tx, OVERDUE, transfer, due_at=overdue)

    def _hold(self, tx: Transaction, transfer: Transfer) -> None:
        """The identifiers that a reversal can be built from; the 0100 leaves after this commit."""
        write_down(
            tx,
            transfer.key,
            stan=new_stan(tx, transfer.terminal),
            acquirer=self._acquirer,
            merchant=self._merchant,
            held=tx.now,
        )

    def _spool_order(self, tx: Transaction, transfer: Transfer) -> None:
        order = self._author.order(transfer, now=tx.now)
        write_down(tx, transfer.key, tx_id=order.tx_id, order_msg_id=order.msg_id, accepted=order.accepted_at)
        self._author.send_order(tx, transfer, order)

    def _spool_question(self, tx: Transaction, transfer: Transfer) -> None:
        """An earlier one that still waits to leave is no longer needed; funds that are held for long are a person's."""
        close_messages(tx, QUESTION, transfer)
        self._author.ask_status(tx, transfer)
        if transfer.asked + 1 >= ALARM_AFTER_QUESTIONS:
            detail = f"{transfer.state}, asked {transfer.asked + 1} times: funds are held"
            raise_alarm(tx, "payer_fate_unknown", subject=transfer.end_to_end_id, detail=detail)
        close_for(tx, ASKING, transfer, name=str(transfer.asked))
        write_down(tx, transfer.key, asked=transfer.asked + 1, last_asked=tx.now)
        self._start_questions(tx, replace(transfer, asked=transfer.asked + 1, last_asked=tx.now))

    def _start_questions(self, tx: Transaction, transfer: Transfer) -> None:
        """The next one. Its name is the number of those before it: whoever has asked meanwhile made it void."""
        assert transfer.accepted is not None, "an order has its AccptncDtTm"
        due = self._timers.payer.due_at(transfer.accepted, last_asked_at=transfer.last_asked)
        spool_for(tx, ASKING, transfer, name=str(transfer.asked), due_at=due)

    def _spool_capture(self, tx: Transaction, transfer: Transfer) -> None:
        self._advise(tx, CAPTURE, transfer, self._funds.capture_message)

    def _spool_reversal(self, tx: Transaction, transfer: Transfer) -> None:
        self._advise(tx, REVERSAL, transfer, self._funds.reversal_message)

    def _advise(self, tx: Transaction, kind: str, transfer: Transfer, build: Advice) -> None:
        stan = new_stan(tx, transfer.terminal)
        write_down(tx, transfer.key, advice_stan=stan)
        message = build(transfer.hold, stan=stan, at=tx.now, approval_code=transfer.approval_code)
        spool_for(tx, kind, transfer, payload=message)


def _left_to_the_caller(tx: Transaction, transfer: Transfer) -> None:
    """Card data are in memory only: whoever has them asks after this commit (`paying`)."""


def _close_request(tx: Transaction, transfer: Transfer) -> None:
    close_messages(tx, REQUEST, transfer)
    close_for(tx, OVERDUE, transfer)


def _keep_details(tx: Transaction, transfer: Transfer) -> None:
    """They came with the move; an offer that nobody takes ends with their time."""
    spool_for(tx, EXPIRY, transfer, due_at=transfer.valid_until)


def _stop_questions(tx: Transaction, transfer: Transfer) -> None:
    close_messages(tx, ORDER, transfer)
    close_messages(tx, QUESTION, transfer)
    close_for(tx, ASKING, transfer, name=str(transfer.asked))


def _close_hold(tx: Transaction, transfer: Transfer) -> None:
    write_down(tx, transfer.key, hold_closed=tx.now)
