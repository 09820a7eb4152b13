"""A card host in memory with a book of its own: holds by RRN, credits by RRN, and whatever a test has it answer."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from gateway.funds.interface import Card, HoldIdentifiers
from gateway.outcomes import Account, AccountOutcome, AdviceOutcome, HoldOutcome, Verdict
from gateway.sandbox.books import CardRow
from gateway.sandbox.transfer_books import CreditRow

APPROVED = HoldOutcome(Verdict.ACCEPTED, "00", "A1B2C3")
SILENT_HOLD = HoldOutcome(Verdict.UNANSWERED, detail="no answer")
PAYER = Account("ACTIVE", "KZ86125KZT5004100100", "900101300017", "SANDBOX CUSTOMER")
FIT = AccountOutcome(Verdict.ACCEPTED, PAYER, response_code="00")


@dataclass
class Hold:
    identifiers: HoldIdentifiers
    held: int
    captured: int = 0
    released: int = 0


@dataclass
class CardBook:
    """Implements `Funds` and `Accounts`. `answers` of advices are used up one by one; then each is approved."""

    holds: dict[str, Hold] = field(default_factory=dict)
    credits: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    account: AccountOutcome = FIT
    beneficiary: AccountOutcome = FIT
    hold_outcome: HoldOutcome = APPROVED
    answers: list[AdviceOutcome] = field(default_factory=list)

    async def hold(self, identifiers: HoldIdentifiers, card: Card) -> HoldOutcome:
        if self.hold_outcome.verdict is not Verdict.REFUSED and identifiers.rrn not in self.holds:
            self.holds[identifiers.rrn] = Hold(identifiers, identifiers.total.minor)
        return self.hold_outcome

    async def account_status(self, question: HoldIdentifiers, card: Card) -> AccountOutcome:
        return self.account

    async def can_credit(self, question: HoldIdentifiers, iban: str) -> AccountOutcome:
        return self.beneficiary

    def credit_message(self, identifiers: HoldIdentifiers, iban: str) -> bytes:
        return _message("credit", identifiers, iban=iban)

    def capture_message(self, identifiers: HoldIdentifiers, *, stan, at, approval_code) -> bytes:
        return _message("capture", identifiers, advice_stan=stan)

    def reversal_message(self, identifiers: HoldIdentifiers, *, stan, at, approval_code) -> bytes:
        return _message("reversal", identifiers, advice_stan=stan)

    async def advise(self, message: bytes, *, repeat: bool) -> AdviceOutcome:
        answer = self.answers.pop(0) if self.answers else AdviceOutcome(Verdict.ACCEPTED, "00")
        if answer.verdict is Verdict.ACCEPTED:
            self._do(json.loads(message))
        return answer

    def reachable(self) -> bool:
        return True

    def _do(self, told: dict[str, Any]) -> None:
        hold = self.holds.get(told["rrn"])
        if told["does"] == "credit":
            known = self.credits[told["rrn"]]
            assert known in ([], [told]), "one RRN, one credit"
            self.credits[told["rrn"]] = [told]
        elif hold is not None and told["does"] == "capture":
            hold.held, hold.captured = 0, hold.captured or hold.held
        elif hold is not None:
            hold.held, hold.released = 0, hold.released or hold.held

    def card_rows(self) -> list[CardRow]:
        return [
            CardRow(rrn, one.identifiers.terminal, one.held, one.captured, one.released, "00")
            for rrn, one in self.holds.items()
        ]

    def credit_rows(self) -> list[CreditRow]:
        return [
            CreditRow(one["rrn"], one["terminal"], one["amount"])
            for taken in self.credits.values()
            for one in taken
        ]


def _message(does: str, identifiers: HoldIdentifiers, **more: str) -> bytes:
    told = {
        "does": does,
        "rrn": identifiers.rrn,
        "stan": identifiers.stan,
        "terminal": identifiers.terminal,
        "amount": identifiers.total.minor,
        **more,
    }
    return json.dumps(told).encode()
