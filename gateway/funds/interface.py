"""The ports to wherever the funds are: the payer's to hold, capture, release; both sides' accounts (PROTOCOLS §5).

The identifiers of a hold are committed before it is sent; the card's data are in memory only.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.money import Amount
from gateway.outcomes import AccountOutcome, AdviceOutcome, HoldOutcome


@dataclass(frozen=True)
class HoldIdentifiers:
    """What the store keeps of an authorisation: enough to build its reversal after a restart.

    A question about an account has them too, and a credit; each with a STAN of its own.
    """

    stan: str  # field 11, six digits
    rrn: str  # field 37, twelve digits
    terminal: str  # field 41 before padding
    total: Amount  # fields 4 and 49
    sent_at: datetime  # aware; field 7 in UTC, 12 and 13 in the bank's time zone
    acquirer: str | None = None  # field 32 and 42 of its 0100, which its advices repeat even if the settings
    merchant: str | None = None  # have changed since; None: those of the settings


@dataclass(frozen=True, repr=False)
class Card:
    """Card data of one authorisation. Never stored, never logged; `repr` shows none of it."""

    pan: str | None = None  # field 2, with 14
    expiry_yymm: str | None = None
    track2: str | None = None  # field 35, from tag 57, D or = as separator
    emv: bytes | None = None  # field 55
    pin_block: bytes | None = None  # field 52
    ksn: bytes | None = None  # field 62

    def __repr__(self) -> str:
        return "Card(…)"


class Funds(Protocol):
    async def hold(self, identifiers: HoldIdentifiers, card: Card) -> HoldOutcome:
        """One 0100, never repeated. Silence, a late answer and a lost line are UNANSWERED."""

    def capture_message(
        self, identifiers: HoldIdentifiers, *, stan: str, at: datetime, approval_code: str | None
    ) -> bytes:
        """The exact bytes of the 0220; the same bytes on every repeat."""

    def reversal_message(
        self, identifiers: HoldIdentifiers, *, stan: str, at: datetime, approval_code: str | None
    ) -> bytes:
        """The exact bytes of the 0420."""

    async def advise(self, message: bytes, *, repeat: bool) -> AdviceOutcome:
        """Send a stored 0220 or 0420. `repeat`: it may have left before, so a 0420 goes as 0421."""

    def reachable(self) -> bool:
        """The line is up and the last echo was answered in time."""


class Accounts(Protocol):
    """What a transfer asks of accounts. The questions move no money and may be repeated with a new STAN."""

    async def account_status(self, question: HoldIdentifiers, card: Card) -> AccountOutcome:
        """310000, before a hold. ACCEPTED: neither blocked nor arrested; its holder is told."""

    async def can_credit(self, question: HoldIdentifiers, iban: str) -> AccountOutcome:
        """330000: whether the beneficiary can be credited."""

    def credit_message(self, identifiers: HoldIdentifiers, iban: str) -> bytes:
        """The exact bytes of the 0220 with 210000, for `Funds.advise`; the same bytes on every repeat.

        Once for each RRN: the card host answers what it has done already.
        """
