"""What a message must obey, in the order in which it is checked, and the HTTP status of each breach (PROTOCOLS §3.4)."""

from enum import Enum


class TransferRule(Enum):
    """HTTP status, what the rule says."""

    TOO_LARGE = (413, "a message has at most 65536 bytes")
    MEDIA_TYPE = (415, "Content-Type is application/xml or text/xml, and its charset utf-8")
    ENCODING = (400, "a message is UTF-8 and declares nothing else")
    DTD = (400, "a message has no DTD")
    XML = (400, "a message is one well-formed XML document")
    DEPTH = (400, "elements are nested 40 deep at most")
    COMMENT = (400, "a message has no comment, processing instruction or CDATA")

    SIGNATURE = (401, "Document/Signature is there once, last, over the whole Document, and valid")
    ALGORITHM = (401, "RSA-SHA256 or ECDSA-SHA256, digest SHA-256, one canonicalisation in both places")
    CERTIFICATE = (401, "KeyInfo holds one leaf, valid now, with digitalSignature, RSA 2048 or EC P-256")

    ADDRESS = (400, "the document is the one that it is posted as")
    STRUCTURE = (400, "elements, their order and their formats are those of the message")
    PARTY = (403, "the certificate is bound to the party that the message speaks for")
    HEADER_MISSING = (400, "the header end-to-end-id is there once")
    HEADER = (422, "the header end-to-end-id is the body's")
    REPLAY = (409, "a MsgId belongs to one content")
    FIELD = (422, "a field has the value that PROTOCOLS §3.2 allows")
    CLOCK = (422, "CreDtTm is within 5 minutes of the clock")
    KNOWN = (409, "an EndToEndId and a TxId belong to one MsgId")
    UNKNOWN = (404, "the link or the transaction is known, and its party asks")
    LINK_OVER = (410, "a link is neither used, nor reserved, nor over")
    OUT_OF_ORDER = (409, "PDNG is told while the order is open")

    def __init__(self, status: int, says: str) -> None:
        self.status = status
        self.says = says


class TransferRuleBroken(Exception):  # noqa: N818  # an answer to the sender, not a fault of ours
    """`where` names a place of the message; no value of it is quoted.

    `sender` is the bank id of a signature that held, and `end_to_end_id` the chain that it named.
    """

    def __init__(
        self, rule: TransferRule, where: str, *, sender: str | None = None, end_to_end_id: str | None = None
    ) -> None:
        super().__init__(f"{where}: {rule.says}")
        self.rule = rule
        self.where = where
        self.sender = sender
        self.end_to_end_id = end_to_end_id
