"""One message of every kind, with little in it and with all that we ever send; Kazakh and Cyrillic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from gateway.iso20022.admi_002 import MessageReject
from gateway.iso20022.admi_009 import StaticDataRequest
from gateway.iso20022.admi_010 import DetailsFailure, PaymentDetails, StaticDataReport
from gateway.iso20022.messages import Message
from gateway.iso20022.pacs_002 import PaymentStatusReport, TransactionStatus
from gateway.iso20022.pacs_008 import CreditTransfer
from gateway.iso20022.pacs_028 import PaymentStatusRequest
from gateway.money import Amount

ALMATY = timezone(timedelta(hours=5))
NOW = datetime(2026, 11, 22, 14, 5, 9, 123_456, tzinfo=ALMATY)
MSG_ID = "TLM20261122abcdefghijklm"
END_TO_END_ID = "TLM20261122ABCDEFGHIJKLM"
TX_ID = "TLM20261122_-34567890123"
LINK_ID = "DAL20261122zyxwvutsrqpon"
DEBTOR_IBAN = "KZ86125KZT5004100100"
CREDITOR_IBAN = "KZ03999ABC0000000001"
IIN = "900101300106"
BIN = "150640000010"
IDS = {"msg_id": MSG_ID, "end_to_end_id": END_TO_END_ID}

REQUEST = StaticDataRequest(**IDS, data_type="C2B2E", link_id=LINK_ID)
DETAILS = PaymentDetails(
    amount=Amount(150_000),
    creditor_name="ЖШС «Әліби & Ұлы» <Қазы>",
    creditor_bin=BIN,
    creditor_iban=CREDITOR_IBAN,
    creditor_bic="DALAKZKA",
    knp="851",
    expires_at=NOW,
)
FULL_DETAILS = replace(
    DETAILS, kbe="17", purpose="Тапсырыс № 12 үшін төлем: нан, сүт ₸", order_id="Заказ-12/Ә"
)
REPORT = StaticDataReport(**IDS, data_type="C2B2E", report=DETAILS)
ORDER = CreditTransfer(
    **IDS,
    created_at=NOW,
    instructing_bic="TLMBKZKA",
    instructed_bic="NPCKKZKAXXX",
    tx_id=TX_ID,
    amount=Amount(150_000),
    accepted_at=datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC),
    debtor_iban=DEBTOR_IBAN,
    debtor_bic="TLMBKZKA",
    creditor_bic="DALAKZKA",
    creditor_iban=CREDITOR_IBAN,
    knp="851",
)
FULL_ORDER = replace(
    ORDER,
    debtor_iin_bin=IIN,
    creditor_iin_bin=BIN,
    uetr="5f2c1a9e-0b7d-4c1e-8a55-1234567890ab",
    debtor_name="ӘЛИЕВА ҚҰРАЛАЙ ІҢКӘРҚЫЗЫ",
    creditor_name=DETAILS.creditor_name,
    kod="19",
    kbe="17",
    purpose="Тауар үшін төлем, Оплата за товар. " * 10 + "!",
)
STATUS = PaymentStatusReport(**IDS, created_at=NOW, tx_id=TX_ID, status=TransactionStatus.PENDING)
FULL_STATUS = replace(
    STATUS,
    status=TransactionStatus.REJECTED,
    instructing_bic="DALAKZKA",
    instructed_bic="NPCKKZKA",
    query_msg_id="TLM20261122queryquery123",
    original_msg_id="NPC20261122orderorder123",
    reason="AC04",
    reason_text="Шот жабылған / Счёт закрыт",
)
QUESTION = PaymentStatusRequest(**IDS, created_at=NOW, tx_id=TX_ID)

SAMPLES: dict[str, Message] = {
    "admi_009": REQUEST,
    "admi_010": REPORT,
    "admi_010_full": replace(REPORT, report=FULL_DETAILS),
    "admi_010_error": replace(REPORT, report=DetailsFailure(code="AC06", text="Сілтеме табылмады")),
    "pacs_008": ORDER,
    "pacs_008_full": FULL_ORDER,
    "pacs_002": STATUS,
    "pacs_002_settled": replace(STATUS, status=TransactionStatus.SETTLED),
    "pacs_002_full": FULL_STATUS,
    "pacs_028": QUESTION,
    "pacs_028_full": replace(
        QUESTION, instructing_bic="TLMBKZKA", instructed_bic="NPCKKZKA", original_msg_id=MSG_ID
    ),
    "admi_002": MessageReject(
        reference=MSG_ID, reason="structure", rejected_at=NOW, description="GrpHdr/MsgId: is no Max35Text"
    ),
}
