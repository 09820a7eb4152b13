"""What a registry must obey, and the status each breach gets (PROTOCOLS §2.5). Pure."""

from enum import Enum


class RegistryRule(Enum):
    """HTTP status, what the rule says. A file is refused whole; a repeat of the same bytes never helps."""

    TOO_LARGE = (413, "a registry has at most 64 MiB")
    MEDIA_TYPE = (415, "Content-Type is text/csv; charset=utf-8")
    POINT = (403, "the certificate's CN belongs to the registry's point")
    CONTENT = (409, "a registry_id names the same bytes for ever")

    DIGEST = (400, "Repr-Digest is sha-256=:…: of the body (RFC 9530)")
    ID = (400, "Registry-Id and the header line name one registry, <point>-<kind>-<n>")
    FILE_NAME = (400, "Content-Disposition names EP_<point>_<kind>_<from>_<to>_<n>.csv")
    ENCODING = (400, "the file is UTF-8 without BOM")
    LINE_END = (400, "every line ends with CRLF, the last one too")
    RECORD = (400, "an H line, D lines, one T line, nothing else")
    FIELDS = (400, "a line has exactly the fields of its record")
    VALUE = (400, "a value has the form that PROTOCOLS §2.5 gives")
    KIND = (400, "the kind is the one that is taken here")
    WINDOW = (400, "to is at :00 or :30, and from is 60 minutes before it")
    NUMBER = (400, "n counts the windows of a point: its to is 30 minutes after that of n - 1")
    DOUBLED = (400, "a txn_id occurs once in a file")
    SUM_POSITIVE = (400, "sum is greater than 0")
    TOTAL = (400, "total = sum + fee")
    ACCEPTED_AT = (400, "what changed in a window was accepted before its end")
    COUNT = (400, "count is the number of D lines")
    TOTALS = (400, "sum, fee and total are the sums over the D lines")
    SHA256 = (400, "sha256 is that of every byte before the T line")
    OPERATION = (
        400,
        "an operation that is known keeps terminal, product, account, sums, RRN and accepted_at",
    )

    def __init__(self, status: int, says: str) -> None:
        self.status = status
        self.says = says


class RegistryRefused(Exception):  # noqa: N818  # an answer to the client, not a fault of ours
    """`where` is a header's name, or a place such as `line 3, total`; no value is quoted."""

    def __init__(self, rule: RegistryRule, where: str) -> None:
        super().__init__(f"{where}: {rule.says}")
        self.rule = rule
        self.where = where
