"""Writes what the platform sends: each message signed, and kept with what it follows from."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from lxml import etree

from gateway.sandbox.platform import templates
from gateway.sandbox.platform.book import Enquiry, Letter, PlatformBook, Transfer
from gateway.sandbox.platform.messages import Message
from gateway.sandbox.platform.settings import Participant, PlatformSettings
from gateway.sandbox.platform.signatures import Signer
from gateway.sandbox.platform.templates import Agents, Told
from gateway.sandbox.platform.transfer_states import SAID_TO_PAYEE, SAID_TO_PAYER, Step

_TO_PAYEE: Final = frozenset({Step.SETTLED_PAYEE, Step.REJECTED_PAYEE, Step.ANSWER_PAYEE})
_SAYS: Final[Mapping[Step, str]] = {
    Step.PENDING: "PDNG",
    Step.SETTLED_PAYEE: "ACSC",
    Step.SETTLED_PAYER: "ACSC",
    Step.REJECTED_PAYEE: "RJCT",
    Step.REJECTED_PAYER: "RJCT",
}


class Outbox:
    """The caller holds the ledger's transaction; the courier takes what is due."""

    def __init__(
        self,
        book: PlatformBook,
        settings: PlatformSettings,
        signer: Signer,
        *,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._book = book
        self._settings = settings
        self._signer = signer
        self._now = now
        self._random_bytes = random_bytes

    def pass_on(self, message: Message, receiver: Participant, step: Step) -> str:
        """The next hop of a message: a new MsgId, signed anew. Returns the MsgId."""
        msg_id = self._new_id()
        agents = Agents(self._settings.bic, receiver.bic)
        hop = templates.next_hop(message.root, message.kind, msg_id=msg_id, at=self._now(), agents=agents)
        letter = Letter(
            receiver.bank_id, message.kind, step, message.end_to_end_id, message.tx_id, message.report_key
        )
        self._write(msg_id, letter, hop)
        return msg_id

    def tell(self, transfer: Transfer, step: Step, *, query: str | None = None) -> None:
        """A pacs.002 of the platform's own, to one of the two. `query`: the MsgId of the pacs.028 it answers."""
        to_payee = step in _TO_PAYEE
        receiver = self._book.participants.get(transfer.payee if to_payee else transfer.payer)
        assert receiver is not None  # participants are told anew, never taken away
        answers = SAID_TO_PAYEE if to_payee else SAID_TO_PAYER
        status = _SAYS.get(step) or answers.get(transfer.state, "PDNG")
        told = Told(
            transfer.end_to_end_id,
            transfer.tx_id,
            status,
            transfer.payee_msg_id if to_payee else transfer.payer_msg_id,
            reason=transfer.reason if status == "RJCT" else None,
            query=query,
        )
        msg_id = self._new_id()
        agents = Agents(self._settings.bic, receiver.bic)
        document = templates.status(told, msg_id=msg_id, at=self._now(), agents=agents)
        letter = Letter(
            receiver.bank_id, "pacs.002.001.13", step, transfer.end_to_end_id, transfer.tx_id, status
        )
        self._write(msg_id, letter, document)

    def tell_failure(self, enquiry: Enquiry, code: str, text: str) -> None:
        """The platform's own admi.010: there will be no details."""
        msg_id = self._new_id()
        document = templates.report(
            msg_id=msg_id,
            end_to_end_id=enquiry.end_to_end_id,
            tp="C2B2E",
            key="ERROR",
            said=(("CODE", code), ("TEXT", text)),
        )
        letter = Letter(enquiry.payer, "admi.010.001.02", Step.REPORT, enquiry.end_to_end_id, status="ERROR")
        self._write(msg_id, letter, document)

    def _write(self, msg_id: str, letter: Letter, document: etree._Element) -> None:
        self._book.add_sent(msg_id, letter, self._signer.sign(document))

    def _new_id(self) -> str:
        return templates.identifier(self._settings.bank_id, self._now(), self._random_bytes)
