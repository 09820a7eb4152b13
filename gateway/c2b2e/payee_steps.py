"""What each step of the payee's table does, inside the move's transaction."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from gateway.bills.numbering import new_rrn, new_stan
from gateway.c2b2e import sales
from gateway.c2b2e.author import Author
from gateway.c2b2e.deadlines import TransferTimers
from gateway.c2b2e.entries import (
    ASKING,
    BENEFICIARY,
    CREDIT,
    PENDING,
    QUESTION,
    close_for,
    close_messages,
    spool_for,
)
from gateway.c2b2e.moves import Effect, write_down
from gateway.c2b2e.payee import Step
from gateway.c2b2e.sale_states import Event as SaleEvent
from gateway.c2b2e.sales import Sale, Sales
from gateway.c2b2e.transfer import Transfer
from gateway.funds.interface import Accounts, HoldIdentifiers
from gateway.iso20022.pacs_002 import TransactionStatus
from spool import Transaction


class PayeeSteps:
    def __init__(
        self,
        *,
        author: Author,
        accounts: Accounts,
        sales: Sales,
        timers: TransferTimers,
        time_zone: ZoneInfo,
    ) -> None:
        self._author = author
        self._accounts = accounts
        self._sales = sales
        self._timers = timers
        self._time_zone = time_zone

    def effects(self) -> Mapping[Step, Effect]:
        return {
            Step.RESERVE_LINK: self._sold(SaleEvent.ORDERED),
            Step.USE_LINK: _told_with_the_sale,
            Step.OPEN_LINK: self._sold(SaleEvent.REJECTED),
            Step.CHECK_BENEFICIARY: _check_beneficiary,
            Step.SPOOL_PENDING: self._spool_pending,
            Step.SPOOL_REJECTION: self._spool_rejection,
            Step.START_QUESTIONS: self._start_questions,
            Step.SPOOL_QUESTION: self._spool_question,
            Step.STOP_QUESTIONS: _stop_questions,
            Step.SPOOL_CREDIT: self._spool_credit,
            Step.CLOSE_CREDIT: _close_credit,
            Step.TELL_PAID: self._sold(SaleEvent.SETTLED),
            Step.TELL_PAID_LATE: self._sold(SaleEvent.SETTLED_LATE),
            Step.TELL_NOT_PAID: _told_with_the_sale,
            Step.TELL_UNKNOWN: self._sold(SaleEvent.UNKNOWN),
        }

    def begin(self, tx: Transaction, transfer: Transfer, sale: Sale, *, data_type: str) -> None:
        """What a chain begins with: the admi.010."""
        self._author.give_details(tx, transfer, sale, data_type=data_type)

    def _sold(self, event: SaleEvent) -> Effect:
        def play(tx: Transaction, transfer: Transfer) -> None:
            sale = sales.of_link(tx, transfer.link_id)
            assert sale is not None, "a transfer of the payee's begins with its sale"
            self._sales.play(tx, sale, event, end_to_end_id=transfer.end_to_end_id, reason=transfer.reason)

        return play

    def _spool_pending(self, tx: Transaction, transfer: Transfer) -> None:
        self._author.tell_status(tx, transfer, TransactionStatus.PENDING)

    def _spool_rejection(self, tx: Transaction, transfer: Transfer) -> None:
        assert transfer.reason is not None, "whoever refuses says why"
        self._author.tell_status(
            tx, transfer, TransactionStatus.REJECTED, reason=transfer.reason.removeprefix("iso.")
        )

    def _start_questions(self, tx: Transaction, transfer: Transfer) -> None:
        """From the first attempt of the PDNG, which is made after this commit; an earlier one stands."""
        if transfer.pending_sent is None:
            write_down(tx, transfer.key, pending_sent=tx.now)
            self._next_question(tx, replace(transfer, pending_sent=tx.now))

    def _spool_question(self, tx: Transaction, transfer: Transfer) -> None:
        self._author.ask_status(tx, transfer)
        write_down(tx, transfer.key, asked=transfer.asked + 1, last_asked=tx.now)
        self._next_question(tx, replace(transfer, asked=transfer.asked + 1, last_asked=tx.now))

    def _next_question(self, tx: Transaction, transfer: Transfer) -> None:
        """Or, once all are asked, the instant of giving up; the name is the number of those before it."""
        assert transfer.pending_sent is not None, "nobody asks before the PDNG has left"
        questions, last = self._timers.payee, transfer.last_asked
        due = questions.due_at(transfer.pending_sent, asked=transfer.asked, last_asked_at=last)
        over = questions.over_at(transfer.pending_sent, last_asked_at=last)
        spool_for(tx, ASKING, transfer, name=str(transfer.asked), due_at=due or over)

    def _spool_credit(self, tx: Transaction, transfer: Transfer) -> None:
        """Once for each transfer: the RRN is given here, and the state that leads here is left by it."""
        assert transfer.rrn is None, "a transfer is credited once"
        assert transfer.creditor_iban is not None, "the sale names it"
        rrn, stan = new_rrn(tx, self._time_zone), new_stan(tx, transfer.terminal)
        write_down(tx, transfer.key, rrn=rrn, stan=stan, held=tx.now)
        credit = HoldIdentifiers(
            stan=stan, rrn=rrn, terminal=transfer.terminal, total=transfer.sum, sent_at=tx.now
        )
        message = self._accounts.credit_message(credit, transfer.creditor_iban)
        spool_for(tx, CREDIT, transfer, payload=message)


def _told_with_the_sale(tx: Transaction, transfer: Transfer) -> None:
    """The sale's own table says it: a link that is paid is used up, an order that is rejected opens it."""


def _check_beneficiary(tx: Transaction, transfer: Transfer) -> None:
    """It waits in the spool: a restart asks again by itself."""
    spool_for(tx, BENEFICIARY, transfer)


def _stop_questions(tx: Transaction, transfer: Transfer) -> None:
    close_for(tx, BENEFICIARY, transfer)
    close_messages(tx, PENDING, transfer)
    close_messages(tx, QUESTION, transfer)
    close_for(tx, ASKING, transfer, name=str(transfer.asked))


def _close_credit(tx: Transaction, transfer: Transfer) -> None:
    write_down(tx, transfer.key, hold_closed=tx.now)
