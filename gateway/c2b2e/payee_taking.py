"""What comes to the payee's bank: a question about a link, an order, and its ending (PROTOCOLS §3, steps 3, 11, 16)."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from gateway.alarms import raise_alarm
from gateway.c2b2e import sales
from gateway.c2b2e import transfer as transfers
from gateway.c2b2e.moves import Evidence, TransferMoves
from gateway.c2b2e.payee import ANSWERS, START, Event, State
from gateway.c2b2e.payee_steps import PayeeSteps
from gateway.c2b2e.payer_taking import evidence_of
from gateway.c2b2e.reception import Taken
from gateway.c2b2e.sales import Sale
from gateway.c2b2e.transfer import Key, Role, Transfer
from gateway.iso20022.admi_009 import StaticDataRequest
from gateway.iso20022.pacs_002 import PaymentStatusReport, TransactionStatus
from gateway.iso20022.pacs_008 import CreditTransfer
from gateway.reasons import iso_reason
from spool import Transaction

_STATUSES: Final = {
    TransactionStatus.PENDING: Event.PENDING_TOLD,
    TransactionStatus.SETTLED: Event.SETTLED_TOLD,
    TransactionStatus.REJECTED: Event.REJECTED_TOLD,
}


class PayeeTaking:
    def __init__(self, moves: TransferMoves, steps: PayeeSteps, *, bic: str) -> None:
        self._moves = moves
        self._steps = steps
        self._bic = bic

    def request(self, tx: Transaction, message: StaticDataRequest) -> Taken:
        """admi.009: a chain begins, and its answer is in the spool."""
        key = Key(Role.PAYEE, message.end_to_end_id)
        if transfers.load(tx, key) is not None:
            return _conflict(tx, key.end_to_end_id, "END_TO_END_ID under a new MsgId")
        sale = sales.of_link(tx, message.link_id)
        if sale is None:
            return _taken(HTTPStatus.NOT_FOUND)
        if not sale.gives_details(tx.now):
            return _taken(HTTPStatus.GONE)
        transfer = self._new(tx, key, sale)
        self._moves.begin(tx, transfer)
        self._steps.begin(tx, transfer, sale, data_type=message.data_type)
        return _taken(HTTPStatus.OK)

    def order(self, tx: Transaction, message: CreditTransfer) -> Taken:
        """pacs.008. One that is not for what the link asks is taken, and refused with a RJCT (step 12)."""
        transfer = transfers.load(tx, Key(Role.PAYEE, message.end_to_end_id))
        if transfer is None:
            return _taken(HTTPStatus.NOT_FOUND)
        other = transfers.with_tx_id(tx, Role.PAYEE, message.tx_id)
        if other is not None and other.key != transfer.key:
            return _conflict(tx, message.end_to_end_id, "a TxId of another order")
        sale = sales.of_link(tx, transfer.link_id)
        assert sale is not None, "a transfer of the payee's begins with its sale"
        assert isinstance(transfer.state, State), "a transfer of this role"
        if transfer.state is State.DETAILED and not sale.takes_orders(tx.now):
            return _taken(HTTPStatus.GONE)
        self._moves.apply(tx, transfer.key, Event.ORDER_TAKEN, Evidence(learnt=_learnt(message)))
        against = next(self._against(message, sale), None)
        if transfer.state is State.DETAILED and against is not None:
            refusal = Evidence(reason=iso_reason(against), note="it is not what the link asks for")
            self._moves.apply(tx, transfer.key, Event.BENEFICIARY_UNFIT, refusal)
        return _taken(ANSWERS[transfer.state, Event.ORDER_TAKEN])

    def status(self, tx: Transaction, message: PaymentStatusReport) -> Taken:
        """pacs.002 of an order that we have."""
        transfer = transfers.load(tx, Key(Role.PAYEE, message.end_to_end_id))
        if transfer is None or transfer.tx_id != message.tx_id:
            return _taken(HTTPStatus.NOT_FOUND)
        assert isinstance(transfer.state, State), "a transfer of this role"
        event = _STATUSES[message.status]
        self._moves.apply(tx, transfer.key, event, evidence_of(message))
        return _taken(ANSWERS[transfer.state, event])

    def _new(self, tx: Transaction, key: Key, sale: Sale) -> Transfer:
        return Transfer(
            role=Role.PAYEE,
            end_to_end_id=key.end_to_end_id,
            terminal=sale.terminal,
            link_id=sale.link_id,
            state=START,
            moves=1,
            amount=sale.amount,
            creditor_name=sale.name,
            creditor_bin=sale.bin,
            creditor_iban=sale.iban,
            creditor_bic=self._bic,
            knp=sale.knp,
            kbe=sale.kbe,
            purpose=sale.purpose,
            merchant_order=sale.merchant_order,
            valid_until=sale.expires,
            began=tx.now,
            changed=tx.now,
        )

    def _against(self, message: CreditTransfer, sale: Sale) -> Iterator[str]:
        """Reasons of ISO's, by which an order is not the one that we gave details for."""
        if message.amount != sale.amount:
            yield "AM09"
        if message.creditor_iban != sale.iban:
            yield "AC03"
        if message.creditor_bic != self._bic:
            yield "RC01"


def _taken(status: HTTPStatus) -> Taken:
    return Taken(status, Role.PAYEE)


def _conflict(tx: Transaction, end_to_end_id: str, detail: str) -> Taken:
    """Never an RJCT: it would release the hold of the first one (PROTOCOLS §3.4)."""
    raise_alarm(tx, "payee_conflict", subject=end_to_end_id, detail=detail)
    return _taken(HTTPStatus.CONFLICT)


def _learnt(message: CreditTransfer) -> dict[str, object]:
    return {
        "tx_id": message.tx_id,
        "order_msg_id": message.msg_id,
        "accepted": message.accepted_at,
        "debtor_iban": message.debtor_iban,
        "debtor_iin": message.debtor_iin_bin,
        "debtor_name": message.debtor_name,
        "debtor_bic": message.debtor_bic,
    }
