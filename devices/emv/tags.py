"""The data elements by name: tag, title, format, and whether a value may be shown (EMV 4.3 Book 3 annex A)."""

from enum import Enum, IntEnum
from typing import Final, Self


class Form(Enum):
    """How a value is filled up or cut to a length that a card asks for (Book 3, 5.4)."""

    BINARY = "b"  # to the right with zeros, the left is kept
    NUMERIC = "n"  # to the left with zeros, the right is kept
    COMPRESSED = "cn"  # to the right with F, the left is kept
    TEXT = "an"  # as binary


B, N, CN, AN = Form.BINARY, Form.NUMERIC, Form.COMPRESSED, Form.TEXT
SECRET: Final = True


class Tag(IntEnum):
    """A number like any other, with its row of the table."""

    title: str
    form: Form
    secret: bool

    def __new__(cls, value: int, title: str, form: Form, secret: bool = False) -> Self:  # noqa: FBT001, FBT002 - a column of the table
        tag = int.__new__(cls, value)
        tag._value_ = value
        tag.title, tag.form, tag.secret = title, form, secret
        return tag

    # templates
    FCI = 0x6F, "File control information", B
    FCI_PROPRIETARY = 0xA5, "FCI proprietary template", B
    FCI_DISCRETIONARY = 0xBF0C, "FCI issuer discretionary data", B
    DIRECTORY_ENTRY = 0x61, "Application template", B
    RECORD = 0x70, "Record template", B
    FORMAT_1 = 0x80, "Response format 1", B
    FORMAT_2 = 0x77, "Response format 2", B
    COMMAND = 0x83, "Command template", B

    # which application
    AID = 0x4F, "Application identifier in a directory", B
    DF_NAME = 0x84, "Dedicated file name", B
    LABEL = 0x50, "Application label", AN
    PREFERRED_NAME = 0x9F12, "Application preferred name", AN
    PRIORITY = 0x87, "Application priority indicator", B
    SFI = 0x88, "Short file identifier of a directory", B
    PDOL = 0x9F38, "Processing options data object list", B

    # whose card
    TRACK2 = 0x57, "Track 2 equivalent data", B, SECRET
    PAN = 0x5A, "Primary account number", CN, SECRET
    NAME = 0x5F20, "Cardholder name", AN, SECRET
    EXPIRY = 0x5F24, "Application expiration date", N, SECRET
    EFFECTIVE = 0x5F25, "Application effective date", N
    COUNTRY_OF_ISSUER = 0x5F28, "Issuer country code", N
    PAN_SEQUENCE = 0x5F34, "PAN sequence number", N
    CDOL1 = 0x8C, "Data object list of the first GENERATE AC", B
    CDOL2 = 0x8D, "Data object list of the second GENERATE AC", B
    CVM_LIST = 0x8E, "Cardholder verification methods", B

    # what is going on
    AIP = 0x82, "Application interchange profile", B
    AFL = 0x94, "Application file locator", B
    RESPONSE_CODE = 0x8A, "Authorisation response code", AN
    TVR = 0x95, "Terminal verification results", B
    DATE = 0x9A, "Transaction date", N
    TYPE = 0x9C, "Transaction type", N
    CURRENCY = 0x5F2A, "Transaction currency code", N
    AMOUNT = 0x9F02, "Amount, authorised", N
    AMOUNT_OTHER = 0x9F03, "Amount, other", N
    VERSION = 0x9F09, "Application version number of the terminal", B
    ISSUER_DATA = 0x9F10, "Issuer application data", B
    COUNTRY = 0x9F1A, "Terminal country code", N
    DEVICE_SERIAL = 0x9F1E, "Interface device serial number", AN
    CRYPTOGRAM = 0x9F26, "Application cryptogram", B
    CRYPTOGRAM_INFORMATION = 0x9F27, "Cryptogram information data", B
    CAPABILITIES = 0x9F33, "Terminal capabilities", B
    CVM_RESULTS = 0x9F34, "Cardholder verification results", B
    TERMINAL_TYPE = 0x9F35, "Terminal type", N
    ATC = 0x9F36, "Application transaction counter", B
    UNPREDICTABLE = 0x9F37, "Unpredictable number", B
    MORE_CAPABILITIES = 0x9F40, "Additional terminal capabilities", B


_FORMS: Final = {int(tag): tag.form for tag in Tag}


def form_of(tag: int) -> Form:
    """Binary, unless the table knows better."""
    return _FORMS.get(tag, Form.BINARY)
