"""Our own messages: each is built from its transfer, signed, and written down with what puts it into the spool.

New identifiers are given here, in the transaction that first uses them; what is built once is sent as these
bytes on every attempt. Depends on nothing but the transfer's row, the bank and the instant.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from certs.signer import Signer
from certs.xmldsig import sign
from gateway.c2b2e.entries import ORDER, PENDING, QUESTION, REJECTION, REPORT, REQUEST, spool_for
from gateway.c2b2e.message_book import Direction, keep, kept
from gateway.c2b2e.sales import Sale
from gateway.c2b2e.transfer import Transfer
from gateway.iso20022 import messages
from gateway.iso20022.admi_009 import StaticDataRequest
from gateway.iso20022.admi_010 import PaymentDetails, StaticDataReport
from gateway.iso20022.document import signed_content_digest
from gateway.iso20022.identifiers import new_identifier
from gateway.iso20022.pacs_002 import PaymentStatusReport, TransactionStatus
from gateway.iso20022.pacs_008 import CreditTransfer
from gateway.iso20022.pacs_028 import PaymentStatusRequest
from gateway.times import from_ms
from spool import Transaction

DATA_TYPE: Final = "C2B2E"
Ours = StaticDataRequest | StaticDataReport | CreditTransfer | PaymentStatusReport | PaymentStatusRequest


@dataclass(frozen=True)
class Bank:
    """A participant as messages name it: three characters of links and identifiers, and a BIC."""

    bank_id: str
    bic: str


@dataclass(frozen=True)
class Author:
    """One bank's pen. `platform_bic` is the other party of every hop; `random_bytes` a CSPRNG's."""

    bank: Bank
    platform_bic: str
    signer: Signer
    time_zone: ZoneInfo
    random_bytes: Callable[[int], bytes]
    data_type: str = DATA_TYPE
    kod: str | None = None  # of those who pay

    def new_id(self, now: datetime) -> str:
        """24 characters, of the bank's business day."""
        return new_identifier(self.bank.bank_id, self._day(now), self.random_bytes)

    def ask_details(self, tx: Transaction, transfer: Transfer) -> None:
        """Step 2: the admi.009."""
        message = StaticDataRequest(
            msg_id=self.new_id(tx.now),
            data_type=self.data_type,
            link_id=transfer.link_id,
            end_to_end_id=transfer.end_to_end_id,
        )
        self._send(tx, REQUEST, transfer, message)

    def give_details(self, tx: Transaction, transfer: Transfer, sale: Sale, *, data_type: str) -> None:
        """Step 4: the admi.010."""
        details = PaymentDetails(
            amount=sale.amount,
            creditor_name=sale.name,
            creditor_bin=sale.bin,
            creditor_iban=sale.iban,
            creditor_bic=self.bank.bic,
            knp=sale.knp,
            expires_at=sale.expires.astimezone(self.time_zone),
            kbe=sale.kbe,
            purpose=sale.purpose,
            order_id=sale.merchant_order,
        )
        message = StaticDataReport(
            msg_id=self.new_id(tx.now),
            data_type=data_type,
            end_to_end_id=transfer.end_to_end_id,
            report=details,
        )
        self._send(tx, REPORT, transfer, message)

    def order(self, transfer: Transfer, *, now: datetime) -> CreditTransfer:
        """Step 9: the pacs.008 of a transfer with its details and its debtor, under new identifiers."""
        assert transfer.creditor_iban is not None, "the details name it"
        assert transfer.creditor_bic is not None, "the details name it"
        assert transfer.knp is not None, "the details name it"
        assert transfer.debtor_iban is not None, "the account's status names it"
        at = from_ms(int(now.timestamp() * 1000)).astimezone(self.time_zone)
        return CreditTransfer(
            msg_id=self.new_id(now),
            created_at=at,
            instructing_bic=self.bank.bic,
            instructed_bic=self.platform_bic,
            end_to_end_id=transfer.end_to_end_id,
            tx_id=self.new_id(now),
            amount=transfer.sum,
            accepted_at=at,
            debtor_iban=transfer.debtor_iban,
            debtor_bic=self.bank.bic,
            debtor_iin_bin=transfer.debtor_iin,
            debtor_name=transfer.debtor_name,
            creditor_bic=transfer.creditor_bic,
            creditor_iban=transfer.creditor_iban,
            creditor_iin_bin=transfer.creditor_bin,
            creditor_name=transfer.creditor_name,
            knp=transfer.knp,
            kod=self.kod,
            kbe=transfer.kbe,
            purpose=transfer.purpose,
        )

    def send_order(self, tx: Transaction, transfer: Transfer, order: CreditTransfer) -> None:
        self._send(tx, ORDER, transfer, order)

    def tell_status(
        self, tx: Transaction, transfer: Transfer, status: TransactionStatus, *, reason: str | None = None
    ) -> None:
        """Step 12: PDNG or RJCT."""
        assert transfer.tx_id is not None, "its pacs.008 names it"
        message = PaymentStatusReport(
            msg_id=self.new_id(tx.now),
            created_at=tx.now.astimezone(self.time_zone),
            instructing_bic=self.bank.bic,
            instructed_bic=self.platform_bic,
            original_msg_id=transfer.order_msg_id,
            end_to_end_id=transfer.end_to_end_id,
            tx_id=transfer.tx_id,
            status=status,
            reason=reason,
        )
        kind = REJECTION if status is TransactionStatus.REJECTED else PENDING
        self._send(tx, kind, transfer, message)

    def ask_status(self, tx: Transaction, transfer: Transfer) -> None:
        """The pacs.028, each under a MsgId of its own."""
        assert transfer.tx_id is not None, "nobody asks before there is an order"
        message = PaymentStatusRequest(
            msg_id=self.new_id(tx.now),
            created_at=tx.now.astimezone(self.time_zone),
            instructing_bic=self.bank.bic,
            instructed_bic=self.platform_bic,
            original_msg_id=transfer.order_msg_id,
            end_to_end_id=transfer.end_to_end_id,
            tx_id=transfer.tx_id,
        )
        self._send(tx, QUESTION, transfer, message)

    def _day(self, now: datetime) -> date:
        return now.astimezone(self.time_zone).date()

    def _send(self, tx: Transaction, entry: str, transfer: Transfer, message: Ours) -> None:
        document = messages.build(message)
        digest = signed_content_digest(document)
        note = kept(
            message,
            direction=Direction.OUT,
            signer=self.bank.bic,
            key=transfer.key,
            digest=digest,
            at=tx.now,
        )
        body = sign(document, self.signer)
        keep(tx, note, body)
        spool_for(tx, entry, transfer, name=message.msg_id, payload=body)
