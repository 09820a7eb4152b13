"""What the platform decides: details of links, positions and limits, blocks, commits, statuses (PROTOCOLS §3).

Every method runs inside one transaction of the ledger: what it decides and the messages that follow from it
are kept together, signed and ready to leave.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from gateway.sandbox.platform import messages
from gateway.sandbox.platform.book import Enquiry, PlatformBook, Sent, Transfer
from gateway.sandbox.platform.desk import Opened, Party
from gateway.sandbox.platform.messages import Message
from gateway.sandbox.platform.outbox import Outbox
from gateway.sandbox.platform.rules import TransferRule, TransferRuleBroken
from gateway.sandbox.platform.settings import Participant
from gateway.sandbox.platform.transfer_states import (
    MOVES,
    OUTCOMES,
    WANTED_IN,
    Event,
    State,
    Step,
)

POSITION: Final = "ED05"
LIMIT: Final = "AM02"
TOO_OLD: Final = "TM01"
INVALID: Final = "FF01"
REFUSED: Final = "MS03"
SILENT: Final = "AB08"
LATE: Final = "AB05"

STEP_OF: Final = {
    "admi.009.001.02": "2",
    "admi.010.001.02": "4",
    "pacs.008.001.11": "9",
    "pacs.002.001.13": "13",
}
_TEXTS: Final[Mapping[str, str]] = {
    REFUSED: "The payee's bank refused the request",
    SILENT: "The payee's bank does not answer",
    LATE: "The payee's bank gave no details in time",
    INVALID: "The payee's bank answered with an invalid message",
}


class Clearing:
    """One platform with its book. `refuses` tells whether a step of the platform's own (10, 15) is to fail."""

    def __init__(
        self,
        book: PlatformBook,
        outbox: Outbox,
        order_life_seconds: float,
        *,
        now: Callable[[], datetime],
        refuses: Callable[[str, str], int | None],
    ) -> None:
        self._book = book
        self._outbox = outbox
        self._order_life_seconds = order_life_seconds
        self._now = now
        self._refuses = refuses
        self._effects: Mapping[str, Callable[[Message, Party], str]] = {
            "admi.009.001.02": self._take_enquiry,
            "admi.010.001.02": self._take_report,
            "pacs.008.001.11": self._take_order,
            "pacs.002.001.13": self._take_status,
            "pacs.028.001.05": self._take_investigation,
        }

    # what came in

    def step_of(self, opened: Opened) -> str:
        """The step of the source that a message belongs to; of a pacs.028 it depends on who asks."""
        if opened.seen.kind in STEP_OF:
            return STEP_OF[opened.seen.kind]
        transfer = self._book.transfer_of(opened.seen.end_to_end_id)
        payee_asks = transfer is not None and transfer.payee == opened.sender.bank_id
        return "16.1" if payee_asks else "17.1"

    def take(self, opened: Opened) -> str:
        """Give a message its effect, once; returns what the log says of it."""
        seen, sender = opened.seen, opened.sender
        known = self._book.content_of(sender.bank_id, seen.kind, seen.msg_id)
        if known is not None:
            if known != opened.content:
                raise TransferRuleBroken(TransferRule.REPLAY, "MsgId")
            return "repeated"
        message = messages.read(seen)
        self._book.add_taken(
            message, sender=sender.bank_id, content=opened.content, step=self.step_of(opened)
        )
        return self._effects[seen.kind](message, sender)

    def end_by_invalid(self, kind: str, sender: str, end_to_end_id: str) -> None:
        """An answer of the payee's bank that failed its validation ends its own chain (FF01), and nobody else's."""
        enquiry, transfer = self._book.enquiry(end_to_end_id), self._book.transfer_of(end_to_end_id)
        if kind == "admi.010.001.02" and enquiry is not None and enquiry.payee == sender:
            self.fail_enquiry(end_to_end_id, INVALID)
        if kind == "pacs.002.001.13" and transfer is not None and transfer.payee == sender:
            self.happen(transfer.tx_id, Event.PAYEE_INVALID)

    def _take_enquiry(self, message: Message, sender: Party) -> str:
        if self._book.enquiry(message.end_to_end_id) is not None:
            raise TransferRuleBroken(TransferRule.KNOWN, "SplmtryData/Envlp")
        payee = self._book.participants.get(message.link_id[:3])
        if payee is None or payee.bank_id == sender.bank_id:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "DataReqDtls/Key")
        self._book.add_enquiry(
            Enquiry(
                message.end_to_end_id, sender.bank_id, payee.bank_id, message.link_id, "ASKED", self._now()
            )
        )
        self._outbox.pass_on(message, payee, Step.ENQUIRY)
        return f"asks {payee.bank_id}"

    def _take_report(self, message: Message, sender: Party) -> str:
        enquiry = self._book.enquiry(message.end_to_end_id)
        if enquiry is None or enquiry.payee != sender.bank_id:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "RptDtls/ReqRef")
        if enquiry.state != "ASKED":
            return "too late: the payer's bank was told"
        detailed = message.report_key == "PAYMENT"
        self._book.end_enquiry(enquiry.end_to_end_id, "DETAILED" if detailed else "FAILED")
        self._outbox.pass_on(message, self._participant(enquiry.payer), Step.REPORT)
        return "detailed" if detailed else "failed"

    def _take_order(self, message: Message, sender: Party) -> str:
        messages.check_clock(message, self._now())
        if self._book.transfer(message.tx_id) or self._book.transfer_of(message.end_to_end_id):
            raise TransferRuleBroken(TransferRule.KNOWN, "PmtId")
        enquiry = self._book.enquiry(message.end_to_end_id)
        if enquiry is None or enquiry.state != "DETAILED" or enquiry.payer != sender.bank_id:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "PmtId/EndToEndId")
        payee = self._participant(enquiry.payee)
        if (message.debtor_agent, message.creditor_agent) != (sender.bic, payee.bic):
            raise TransferRuleBroken(TransferRule.FIELD, "DbtrAgt and CdtrAgt")
        refused = self._step_10(message, sender)
        self._book.add_transfer(
            message,
            payer=sender.bank_id,
            payee=payee.bank_id,
            state=State.REJECTED if refused else State.BLOCKED,
            reason=refused,
        )
        if refused:
            self._outbox.tell(self._transfer(message.tx_id), Step.REJECTED_PAYER)
            return f"rejected {refused}"
        self._book.participants.shift(sender.bank_id, position=-message.amount, blocked=message.amount)
        msg_id = self._outbox.pass_on(message, payee, Step.ORDER)
        self._book.set_payee_msg_id(message.tx_id, msg_id)
        return "blocked"

    def _step_10(self, message: Message, sender: Party) -> str | None:
        """The reason that positions and limits give against an order."""
        payer = self._participant(sender.bank_id)
        assert message.accepted_at is not None
        age = (self._now() - message.accepted_at).total_seconds()
        if age > self._order_life_seconds:
            return TOO_OLD
        dice = self._refuses("10", message.end_to_end_id)
        if dice is not None:
            return LIMIT if dice % 2 else POSITION
        if message.amount > payer.limit:
            return LIMIT
        return POSITION if message.amount > payer.position else None

    def _take_status(self, message: Message, sender: Party) -> str:
        transfer = self._book.transfer(message.tx_id)
        known = transfer is not None and transfer.end_to_end_id == message.end_to_end_id
        if transfer is None or not known or transfer.payee != sender.bank_id:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "TxInfAndSts")
        event = {"PDNG": Event.PAYEE_PENDING, "RJCT": Event.PAYEE_REJECTED}.get(message.status)
        if event is None:
            raise TransferRuleBroken(TransferRule.FIELD, "TxSts")
        return self.happen(transfer.tx_id, event, reason=message.reason)

    def _take_investigation(self, message: Message, sender: Party) -> str:
        messages.check_clock(message, self._now())
        transfer = self._book.transfer(message.tx_id)
        known = transfer is not None and transfer.end_to_end_id == message.end_to_end_id
        if transfer is None or not known or sender.bank_id not in {transfer.payer, transfer.payee}:
            raise TransferRuleBroken(TransferRule.UNKNOWN, "TxInf")
        step = Step.ANSWER_PAYEE if sender.bank_id == transfer.payee else Step.ANSWER_PAYER
        self._outbox.tell(transfer, step, query=message.msg_id)
        return f"asked in {transfer.state}"

    # what happens

    def happen(self, tx_id: str, event: Event, *, reason: str | None = None) -> str:
        """Move a transfer, its money and its messages; what the table does not have changes nothing."""
        transfer = self._transfer(tx_id)
        failed = event is Event.PAYER_TOOK and transfer.state is State.ACCEPTED
        if failed and self._refuses("15", transfer.end_to_end_id) is not None:
            event = Event.COMMIT_FAILED
        move = MOVES.get((transfer.state, event))
        if move is None:
            return f"no effect in {transfer.state}"
        why = (move.reason or reason) if move.next is State.REJECTED else None
        self._book.move(transfer, move.next, why)
        self._shift(transfer, move.next)
        moved = self._transfer(tx_id)
        for step in move.steps:
            self._outbox.tell(moved, step)
        return str(move.next)

    def fail_enquiry(self, end_to_end_id: str, reason: str) -> None:
        """Tell the payer's bank that there will be no details, unless it was told already."""
        enquiry = self._book.enquiry(end_to_end_id)
        if enquiry is None or enquiry.state != "ASKED":
            return
        self._book.end_enquiry(end_to_end_id, "FAILED", reason)
        self._outbox.tell_failure(enquiry, reason, _TEXTS[reason])

    def wants(self, sent: Sent) -> bool:
        """Whether a message is still to be delivered."""
        if sent.step is Step.ENQUIRY:
            enquiry = self._book.enquiry(sent.letter.end_to_end_id)
            return enquiry is not None and enquiry.state == "ASKED"
        wanted = WANTED_IN.get(sent.step)
        return wanted is None or self._transfer(sent.letter.tx_id).state is wanted

    def ended(self, sent: Sent, fate: str, http: int | None) -> None:
        """A message was delivered, refused, never answered, or dropped; what follows from it happens."""
        self._book.end_sent(sent, fate, http)
        place = {"DELIVERED": 0, "REFUSED": 1, "SILENT": 2}.get(fate)
        if place is None:
            return
        if sent.step is Step.ENQUIRY and place:
            self.fail_enquiry(sent.letter.end_to_end_id, REFUSED if place == 1 else SILENT)
        event = OUTCOMES[sent.step][place] if sent.step in OUTCOMES else None
        if sent.step is Step.ANSWER_PAYEE and sent.letter.status == "ACSC" and fate == "DELIVERED":
            event = Event.PAYEE_KNOWS
        if event is not None:
            self.happen(sent.letter.tx_id, event)

    def _shift(self, transfer: Transfer, to: State) -> None:
        """What a move does to the positions: a block becomes a commit, or both are undone."""
        sum_, payer, payee = transfer.amount, transfer.payer, transfer.payee
        if to is State.COMMITTED:
            self._book.participants.shift(payer, blocked=-sum_)
            self._book.participants.shift(payee, position=sum_)
        elif to is State.REJECTED and transfer.state is State.COMMITTED:
            self._book.participants.shift(payee, position=-sum_)
            self._book.participants.shift(payer, position=sum_)
        elif to is State.REJECTED:
            self._book.participants.shift(payer, position=sum_, blocked=-sum_)

    def _participant(self, bank_id: str) -> Participant:
        found = self._book.participants.get(bank_id)
        assert found is not None  # participants are told anew, never taken away
        return found

    def _transfer(self, tx_id: str) -> Transfer:
        found = self._book.transfer(tx_id)
        assert found is not None
        return found
