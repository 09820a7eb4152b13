"""What the card host says of accounts, for transfers: 310000, 330000, and the credit 210000 (PROTOCOLS §5).

    0100 310000   card data as in a hold; 0110: 39 = 00 and field 48 = standing;IBAN;IIN;name
    0100 330000   field 103 = IBAN;       0110: 39 = 00 and field 48 = standing;IBAN;BIN;name
    0220 210000   field 103 = IBAN;       0230: 39 = 00, once for each RRN

`standing` is ACTIVE, BLOCKED or ARRESTED (PUT /standings/{account}). An account that is not ACTIVE can
still be asked about; a hold of it and a credit to it are declined 62, and so is its beneficiary check.
Who an account belongs to is made up from its number. An IBAN that ends in 9000CC is answered CC.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.sandbox import card_messages
from gateway.sandbox.account_book import ACTIVE, AccountBook, Credit
from gateway.sandbox.card_messages import CardMessage
from gateway.sandbox.card_rules import CardRule, CardRuleBroken

RESTRICTED: Final = "62"
NO_SUCH_ACCOUNT: Final = "14"
APPROVED: Final = "00"

_DEMANDING: Final = re.compile(r"KZ.{12}9000(?P<code>[0-9]{2})")
_FIRST_WEIGHTS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS: Final = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


@dataclass(frozen=True)
class Holder:
    """Who an account belongs to."""

    iban: str
    iin: str
    name: str

    @classmethod
    def of_card(cls, token: str) -> "Holder":
        digits = f"{int(token, 16) % 10**10:010d}"
        return cls(iban_of(f"125KZT{digits}"), _identity(f"900101{digits[:5]}"), "SANDBOX CUSTOMER")

    @classmethod
    def of_iban(cls, iban: str) -> "Holder":
        digits = f"{int.from_bytes(sha256(iban.encode()).digest()[:8]) % 10**5:05d}"
        return cls(iban, _identity(f"990240{digits}"), "SANDBOX SHOP")


class AccountDesk:
    """One card host's accounts. `answer` runs inside one transaction of the ledger."""

    def __init__(self, book: AccountBook) -> None:
        self._book = book

    def status(self, message: CardMessage, token: str, *, demanded: str | None) -> tuple[bytes, str]:
        """310000; `demanded` is the field 39 that the card was told to answer."""
        if demanded is not None:
            return card_messages.answer(message, demanded), demanded
        return self._told(message, Holder.of_card(token), self._book.standing(token))

    def beneficiary(self, message: CardMessage) -> tuple[bytes, str]:
        """330000: can this IBAN be credited? Any code but 00 says no."""
        iban = message.fields[103]
        if code := self._against(iban):
            return card_messages.answer(message, code), code
        return self._told(message, Holder.of_iban(iban), ACTIVE)

    def credit(self, message: CardMessage) -> tuple[bytes, str]:
        """210000: the same bytes again are answered again, anything else under the RRN is refused."""
        digest = sha256(message.body).digest()
        if earlier := self._book.credit(message):
            if earlier.digest != digest:
                raise CardRuleBroken(CardRule.CREDIT_CHANGED, "field 37")
            self._book.count_repeat(message)
            return earlier.answer, APPROVED
        if code := self._against(message.fields[103]):
            return card_messages.answer(message, code), code
        body = card_messages.answer(message, APPROVED)
        self._book.add_credit(message, Credit(digest, body))
        return body, APPROVED

    def _against(self, iban: str) -> str | None:
        """The code that speaks against a credit to an IBAN."""
        if not iban_holds(iban):
            return NO_SUCH_ACCOUNT
        if demanded := _DEMANDING.fullmatch(iban):
            return demanded["code"]
        return None if self._book.standing(iban) == ACTIVE else RESTRICTED

    def _told(self, message: CardMessage, holder: Holder, standing: str) -> tuple[bytes, str]:
        said = f"{standing};{holder.iban};{holder.iin};{holder.name}"
        return card_messages.answer(message, APPROVED, said=said), APPROVED


def iban_of(bban: str) -> str:
    """ISO 13616: the two check digits that make it 1 modulo 97."""
    return f"KZ{98 - _number(bban + 'KZ00') % 97:02d}{bban}"


def iban_holds(iban: str) -> bool:
    return _number(iban[4:] + iban[:4]) % 97 == 1


def _number(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text))


def _identity(eleven: str) -> str:
    """An IIN or BIN: eleven digits and the one that checks them."""
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        check = sum(int(digit) * weight for digit, weight in zip(eleven, weights, strict=True)) % 11
        if check < 10:
            return f"{eleven}{check}"
    return _identity(f"{int(eleven) + 1:011d}")
