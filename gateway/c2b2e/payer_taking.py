"""What comes to the payer's bank: the details of a link, and what became of its order (PROTOCOLS §3, steps 5, 14, 17)."""

from http import HTTPStatus
from typing import Final

from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.moves import NOTHING, Evidence, TransferMoves
from gateway.c2b2e.payer import ANSWERS, Event, State
from gateway.c2b2e.reception import Taken
from gateway.c2b2e.transfer import Key, Role
from gateway.contract import FeeRule
from gateway.iso20022.admi_010 import DetailsFailure, PaymentDetails, StaticDataReport
from gateway.iso20022.pacs_002 import PaymentStatusReport, TransactionStatus
from gateway.providers.fees import fee_for
from gateway.reasons import iso_reason
from spool import Transaction

_UNKNOWN: Final = Taken(HTTPStatus.NOT_FOUND, Role.PAYER)
_STATUSES: Final = {
    TransactionStatus.SETTLED: Event.SETTLED_TOLD,
    TransactionStatus.REJECTED: Event.REJECTED_TOLD,
}


class PayerTaking:
    def __init__(self, moves: TransferMoves, *, fee: FeeRule) -> None:
        """`fee`: what the payer's bank takes on top of the sum."""
        self._moves = moves
        self._fee = fee

    def details(self, tx: Transaction, message: StaticDataReport) -> Taken:
        """admi.010, which answers the admi.009 of this END_TO_END_ID."""
        report = message.report
        if isinstance(report, DetailsFailure):
            evidence = Evidence(reason=iso_reason(report.code), note=report.code)
            return self._play(tx, message.end_to_end_id, Event.DETAILS_REFUSED, evidence)
        learnt = {**_learnt(report), "fee": fee_for(report.amount, self._fee)}
        return self._play(tx, message.end_to_end_id, Event.DETAILS_GIVEN, Evidence(learnt=learnt))

    def status(self, tx: Transaction, message: PaymentStatusReport) -> Taken:
        """pacs.002 of an order of ours; a PDNG that answers a pacs.028 asks for no permission."""
        transfer = transfers.load(tx, Key(Role.PAYER, message.end_to_end_id))
        if transfer is None or transfer.tx_id not in (None, message.tx_id):
            return _UNKNOWN
        pending = Event.PENDING_TOLD if message.query_msg_id is None else Event.PENDING_ANSWERED
        event = _STATUSES.get(message.status, pending)
        return self._play(tx, message.end_to_end_id, event, evidence_of(message))

    def _play(self, tx: Transaction, end_to_end_id: str, event: Event, evidence: Evidence = NOTHING) -> Taken:
        """What it is answered follows from the state that it meets."""
        key = Key(Role.PAYER, end_to_end_id)
        transfer = transfers.load(tx, key)
        if transfer is None:
            return _UNKNOWN
        assert isinstance(transfer.state, State), "a transfer of this role"
        self._moves.apply(tx, key, event, evidence)
        return Taken(ANSWERS[transfer.state, event], Role.PAYER)


def evidence_of(message: PaymentStatusReport) -> Evidence:
    """Why a bank or the platform rejects; the other statuses need no reason."""
    return Evidence(
        reason=None if message.reason is None else iso_reason(message.reason),
        note=" ".join(filter(None, (message.status, message.reason))),
    )


def _learnt(details: PaymentDetails) -> dict[str, object]:
    return {
        "amount": details.amount,
        "creditor_name": details.creditor_name,
        "creditor_bin": details.creditor_bin,
        "creditor_iban": details.creditor_iban,
        "creditor_bic": details.creditor_bic,
        "knp": details.knp,
        "kbe": details.kbe,
        "purpose": details.purpose,
        "merchant_order": details.order_id,
        "valid_until": details.expires_at,
    }
