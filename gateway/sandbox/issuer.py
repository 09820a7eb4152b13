"""What the card host decides: holds, captures, reversals (PROTOCOLS §5); `account_desk` has the rest.

`answer` runs inside one transaction of the ledger, so that an effect and its answer are kept together.

A hold is declined by what its card was told to answer (a PAN of 400000 0000 CC… is born with CC), by
expiry, PIN, funds, or by an amount: a total
of 777 7CC.00 tenge is answered CC (777 751.00 → 51); 777 700.00 and 777 710.00 are approved for one
tenge less than was asked, with 00 and with 10, which the other side must reverse.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from gateway.sandbox import card_messages
from gateway.sandbox.account_book import ACTIVE
from gateway.sandbox.account_desk import RESTRICTED, AccountDesk
from gateway.sandbox.card_book import Account, Advice, CardBook, Hold
from gateway.sandbox.card_messages import CardMessage
from gateway.sandbox.card_rules import CardRule, CardRuleBroken
from gateway.sandbox.pin import PinBlockError, open_pin_block
from gateway.sandbox.settings import CardHostSettings

APPROVED: Final = "00"
EXPIRED: Final = "54"
INSUFFICIENT_FUNDS: Final = "51"
WRONG_PIN: Final = "55"
PIN_TRIES_EXCEEDED: Final = "75"
DO_NOT_HONOUR: Final = "05"
PIN_TRIES: Final = 3

_OF_ACCOUNTS: Final = frozenset({"account_status", "beneficiary", "credit"})
_ALMATY: Final = ZoneInfo("Asia/Almaty")
_SPECIAL_FROM: Final = 777_700_00
_APPROVES_LESS: Final = frozenset({"00", "10"})
_ONE_TENGE: Final = 100
_DEMANDING: Final = re.compile(r"4000000000(?P<code>[0-9]{2})[0-9]{4}")


@dataclass(frozen=True)
class Ruled:
    """An answer and what the ledger's log says of it."""

    answer: bytes
    code: str
    broken: CardRuleBroken | None = None


class Issuer:
    """One card host with its book. `key` makes the tokens: random, and never kept."""

    def __init__(
        self, book: CardBook, settings: CardHostSettings, *, now: Callable[[], datetime], key: bytes
    ) -> None:
        self._book = book
        self._settings = settings
        self._now = now
        self._key = key
        self._desk = AccountDesk(book.transfers)
        self._known = {self._token(card.pan): card for card in settings.cards}

    def answer(self, message: CardMessage, *, refuse: bool = False, doubled: bool = False) -> Ruled:
        """`refuse`: a new hold is declined 05. `doubled`: the sandbox itself repeats this message."""
        try:
            card_messages.check(message)
            self._check_parties(message)
            if message.operation == "hold":
                return self._hold(message, refuse=refuse, doubled=doubled)
            return self._answer_other(message)
        except CardRuleBroken as broken:
            if broken.rule.violation:
                self._book.add_violation(message, broken.rule)
            return Ruled(card_messages.answer(message, broken.rule.code), broken.rule.code, broken)

    def _answer_other(self, message: CardMessage) -> Ruled:
        if message.operation == "capture":
            return self._capture(message)
        if message.operation == "reversal":
            return self._reverse(message)
        if message.operation in _OF_ACCOUNTS:
            return self._answer_of_accounts(message)
        return Ruled(card_messages.answer(message, APPROVED), APPROVED)

    def _answer_of_accounts(self, message: CardMessage) -> Ruled:
        if message.operation == "account_status":
            account = self._account(message.pan)
            return Ruled(*self._desk.status(message, account.token, demanded=account.answers))
        if message.operation == "beneficiary":
            return Ruled(*self._desk.beneficiary(message))
        return Ruled(*self._desk.credit(message))

    def _hold(self, message: CardMessage, *, refuse: bool, doubled: bool) -> Ruled:
        digest = self._hmac(message.body)
        if earlier := self._book.hold(message):
            return self._hold_again(message, earlier, digest, doubled=doubled)
        if self._book.stan_is_open(message):
            self._decline(message, CardRule.STAN_OPEN.code, digest, token=None)
            raise CardRuleBroken(CardRule.STAN_OPEN, "field 11")
        account = self._account(message.pan)
        code = DO_NOT_HONOUR if refuse else self._verdict(message, account)
        approved = _approved(message.amount, code)
        if not approved:
            return self._decline(message, code, digest, token=account.token)
        approval = f"{int.from_bytes(digest[:4]) % 1_000_000:06d}"
        body = card_messages.answer(message, code, approval=approval, amount=approved)
        self._book.add_hold(
            message,
            "HELD",
            stan=message.fields[11],
            sent=message.fields[7],
            token=account.token,
            approved=approved,
            response_code=code,
            approval_code=approval,
            digest=digest,
            answer=body,
        )
        self._book.save_account(replace(account, held=account.held + approved, pin_tries=0))
        return Ruled(body, code)

    def _hold_again(self, message: CardMessage, earlier: Hold, digest: bytes, *, doubled: bool) -> Ruled:
        if earlier.answer is None or earlier.response_code is None:
            raise CardRuleBroken(CardRule.HOLD_AFTER_REVERSAL, "field 37")
        if earlier.digest != digest:
            raise CardRuleBroken(CardRule.HOLD_CHANGED, "field 37")
        if doubled:
            return Ruled(earlier.answer, earlier.response_code)
        self._book.add_violation(message, CardRule.HOLD_REPEATED)
        broken = CardRuleBroken(CardRule.HOLD_REPEATED, "field 37")
        return Ruled(earlier.answer, earlier.response_code, broken)

    def _decline(self, message: CardMessage, code: str, digest: bytes, *, token: str | None) -> Ruled:
        body = card_messages.answer(message, code)
        self._book.add_hold(
            message,
            "DECLINED",
            stan=message.fields[11],
            sent=message.fields[7],
            token=token,
            response_code=code,
            digest=digest,
            answer=body,
        )
        return Ruled(body, code)

    def _verdict(self, message: CardMessage, account: Account) -> str:
        if account.answers is not None:
            return account.answers
        if self._book.transfers.standing(account.token) != ACTIVE:
            return RESTRICTED
        if message.expiry_yymm < self._now().astimezone(_ALMATY).strftime("%y%m"):
            return EXPIRED
        if wrong := self._wrong_pin(message, account):
            return wrong
        if special := _special(message.amount):
            return special
        return APPROVED if message.amount <= account.balance - account.held else INSUFFICIENT_FUNDS

    def _wrong_pin(self, message: CardMessage, account: Account) -> str | None:
        if self._settings.bdk is None:
            return None
        if 62 not in message.fields:
            raise CardRuleBroken(CardRule.MISSING, "field 62")
        try:
            pin = open_pin_block(
                bytes.fromhex(message.fields[52]),
                ksn=bytes.fromhex(message.fields[62].rjust(20, "F")),
                pan=message.pan,
                bdk=self._settings.bdk,
            )
        except PinBlockError:
            raise CardRuleBroken(CardRule.PIN_BLOCK, "field 52") from None
        if account.pin_tries >= PIN_TRIES:
            return PIN_TRIES_EXCEEDED
        known = self._known.get(account.token)
        expected = self._settings.default_pin if known is None else known.pin
        if hmac.compare_digest(pin, expected):
            return None
        tries = account.pin_tries + 1
        self._book.save_account(replace(account, pin_tries=tries))
        return PIN_TRIES_EXCEEDED if tries == PIN_TRIES else WRONG_PIN

    def _capture(self, message: CardMessage) -> Ruled:
        hold = self._book.hold(message)
        if hold is not None and (again := self._advice_again(hold, message)):
            return again
        if rule := _CAPTURE_REFUSED.get(None if hold is None else hold.state):
            raise CardRuleBroken(rule, "field 37")
        assert hold is not None  # the table refuses a capture without one
        if message.fields.get(38) != hold.approval_code:
            raise CardRuleBroken(CardRule.APPROVAL, "field 38")
        if message.amount > hold.approved:
            raise CardRuleBroken(CardRule.CAPTURE_TOO_LARGE, "field 4")
        self._book.move(hold, "CAPTURED", captured=message.amount)
        return self._advised(hold, message)

    def _reverse(self, message: CardMessage) -> Ruled:
        original = message.fields[90]
        if original[20:31] != message.fields[32].rjust(11, "0"):
            raise CardRuleBroken(CardRule.ORIGINAL, "field 90, acquirer")
        hold = self._book.hold(message)
        if hold is None:
            place = self._book.add_hold(message, "REVERSED UNSEEN", stan=original[4:10], sent=original[10:20])
            return self._advised(place, message)
        if again := self._advice_again(hold, message):
            return again
        if rule := _REVERSAL_REFUSED.get(hold.state):
            raise CardRuleBroken(rule, "field 37")
        if (original[4:10], original[10:20]) != (hold.stan, hold.sent):
            raise CardRuleBroken(CardRule.ORIGINAL, "field 90")
        if message.fields.get(38) not in {None, hold.approval_code}:
            raise CardRuleBroken(CardRule.APPROVAL, "field 38")
        if message.amount != hold.requested:
            raise CardRuleBroken(CardRule.REVERSAL_AMOUNT, "field 4")
        if hold.state == "HELD":
            self._book.move(hold, "RELEASED")
        return self._advised(hold, message)

    def _advice_again(self, hold: Hold, message: CardMessage) -> Ruled | None:
        earlier = self._book.advice(hold, message.operation)
        if earlier is None or earlier.digest != sha256(message.body).digest():
            return None
        self._book.count_repeat(hold, message.operation)
        return Ruled(earlier.answer, APPROVED)

    def _advised(self, hold: Hold, message: CardMessage) -> Ruled:
        body = card_messages.answer(message, APPROVED)
        self._book.add_advice(hold, message.operation, Advice(sha256(message.body).digest(), body))
        return Ruled(body, APPROVED)

    def _check_parties(self, message: CardMessage) -> None:
        agreed = ((32, self._settings.acquirer), (42, self._settings.merchant))
        for number, value in agreed:
            if value is not None and number in message.fields and message.fields[number].rstrip(" ") != value:
                raise CardRuleBroken(CardRule.PARTY, f"field {number}")

    def _account(self, pan: str) -> Account:
        token = self._token(pan)
        if account := self._book.account(token):
            return account
        known = self._known.get(token)
        balance = self._settings.default_balance if known is None else known.balance
        answers = _demanded(pan) if known is None else known.answers
        opened = Account(token, balance, held=0, pin_tries=0, answers=answers)
        self._book.open_account(opened)
        return opened

    def _token(self, pan: str) -> str:
        return self._hmac(pan.encode()).hex()[:24]

    def _hmac(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")


_CAPTURE_REFUSED: Final[Mapping[str | None, CardRule]] = {
    None: CardRule.CAPTURE_UNKNOWN,
    "DECLINED": CardRule.CAPTURE_OF_DECLINED,
    "CAPTURED": CardRule.CAPTURE_CHANGED,
    "RELEASED": CardRule.CAPTURE_AFTER_REVERSAL,
    "REVERSED UNSEEN": CardRule.CAPTURE_AFTER_REVERSAL,
}
_REVERSAL_REFUSED: Final[Mapping[str, CardRule]] = {
    "CAPTURED": CardRule.REVERSAL_AFTER_CAPTURE,
    "RELEASED": CardRule.REVERSAL_CHANGED,
    "REVERSED UNSEEN": CardRule.REVERSAL_CHANGED,
}


def _demanded(pan: str) -> str | None:
    """The code that a card asks for by its number."""
    found = _DEMANDING.fullmatch(pan)
    return found["code"] if found else None


def _special(amount: int) -> str | None:
    """The code that an amount asks for."""
    code, rest = divmod(amount - _SPECIAL_FROM, _ONE_TENGE)
    return f"{code:02d}" if 0 <= code < 100 and not rest else None


def _approved(amount: int, code: str) -> int:
    """How much a field 39 approves; 0: nothing."""
    if code not in _APPROVES_LESS:
        return 0
    return amount - _ONE_TENGE if _special(amount) == code else amount
