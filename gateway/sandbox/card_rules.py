"""What a message must obey before and behind the card host's door, and field 39 of each breach (PROTOCOLS §5)."""

from enum import Enum


class CardRule(Enum):
    """Field 39, what the rule says, and whether its breach stands in the ledger beside the hold.

    Without a code the stored answer is given again.
    """

    MISSING = ("30", "a field that the message must carry is not there", False)
    FOREIGN = ("30", "a field that the message does not carry is there", False)
    VALUE = ("30", "a field has the form that the table gives", False)
    DATE = ("30", "fields 7, 12, 13, 14 and 37 name times that exist", False)
    CLOCK = ("30", "field 7 in UTC and fields 12, 13 in Asia/Almaty are the same instant", False)
    CARD_DATA = ("30", "a hold has field 35, or 2 and 14, and they agree if both are there", False)
    CHIP_DATA = ("30", "field 55 is BER-TLV, without tags 57, 5A and 5F20", False)
    PARTY = ("30", "fields 32 and 42 are the agreed ones", False)
    ORIGINAL = ("30", "field 90 is 0100 + STAN + field 7 + field 32 of the hold with this RRN", False)
    APPROVAL = ("30", "field 38 is the one that the 0110 gave, and a capture has it", False)
    PIN_BLOCK = ("30", "field 52 is a format 0 block of this PAN under the key of field 62", False)

    HOLD_REPEATED = ("", "a 0100 is never repeated", True)
    HOLD_CHANGED = ("94", "an RRN belongs to one hold", True)
    STAN_OPEN = ("94", "a STAN that is still open on the terminal is not used again", True)
    HOLD_AFTER_REVERSAL = ("94", "the reversal of this hold came first", False)
    CAPTURE_UNKNOWN = ("25", "a capture follows an approved hold", True)
    CAPTURE_OF_DECLINED = ("12", "a declined hold is not captured", True)
    CAPTURE_TOO_LARGE = ("13", "a capture is at most what was approved", True)
    CAPTURE_CHANGED = ("94", "a 0220 repeats as the same bytes, and a hold is captured once", True)
    CAPTURE_AFTER_REVERSAL = ("12", "what was reversed is not captured", True)
    REVERSAL_AMOUNT = ("13", "a reversal has the amount of its hold", True)
    REVERSAL_CHANGED = ("94", "a 0420 repeats as the same bytes or as its 0421", True)
    REVERSAL_AFTER_CAPTURE = ("12", "what was captured is not reversed", True)
    CREDIT_CHANGED = ("94", "a payee is credited once for an RRN, and a 0220 repeats as the same bytes", True)

    def __init__(self, code: str, says: str, violation: bool) -> None:  # noqa: FBT001  # a row of the table
        self.code = code
        self.says = says
        self.violation = violation


class CardRuleBroken(Exception):  # noqa: N818  # an answer to the client, not a fault of ours
    """`where` names a field; no content of the message is quoted."""

    def __init__(self, rule: CardRule, where: str) -> None:
        super().__init__(f"{where}: {rule.says}")
        self.rule = rule
        self.where = where


class UndecodableError(Exception):
    """Bytes that are no message of PROTOCOLS §5: the connection is closed."""
