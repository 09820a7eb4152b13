"""What a request must obey before e-port looks at its meaning, and the status each breach gets.

Meaning (an unknown subscriber, a sum that differs from its check) is answered with a result of
PROTOCOLS §2.3 and is decided in `provider`.
"""

from enum import Enum


class EportRule(Enum):
    """HTTP status, what the rule says. A repeat of the same bytes never helps (PROTOCOLS §2.3)."""

    TOO_LARGE = (413, "a body has at most 65536 bytes")
    MEDIA_TYPE = (415, "Content-Type is application/xml; charset=utf-8")
    POINT = (403, "the certificate's CN belongs to the request's point")

    ENCODING = (400, "the body is UTF-8 and declares nothing else")
    DTD = (400, "a document has no DTD")
    XML = (400, "the body is one well-formed XML document")
    COMMENT = (400, "a document has no comments and no processing instructions")
    STRAY_TEXT = (400, "between elements there is white space only")
    UNKNOWN = (400, "an element or attribute outside the operation's table is refused")
    REPEATED = (400, "an element occurs once, a requisite's code occurs once")
    MISPLACED = (400, "elements come in the order of PROTOCOLS §2.1, in the address they are posted to")
    MISSING = (400, "every element of the operation's table is there")
    VALUE = (400, "a value has the form that the table of PROTOCOLS §2.1 gives")
    DATE = (400, "txn_id, txn_date and rrn name days that exist")
    SUM_AND_CURRENCY = (400, "a check has both sum and currency, or neither")
    SUM_POSITIVE = (400, "sum is greater than 0")
    TOTAL = (400, "total = sum + fee")

    def __init__(self, status: int, says: str) -> None:
        self.status = status
        self.says = says


class RuleBroken(Exception):  # noqa: N818  # an answer to the client, not a fault of ours
    """`where` is a path such as `request/bank_payment/sum`; no value of the request is quoted."""

    def __init__(self, rule: EportRule, where: str) -> None:
        super().__init__(f"{where}: {rule.says}")
        self.rule = rule
        self.where = where
