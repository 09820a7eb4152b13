"""Field 48 of an answer about an account: `standing;IBAN;IIN or BIN;name` (PROTOCOLS §5)."""

from typing import Final

from gateway.funds.messages import Message
from gateway.funds.results import ANYTHING_ELSE, APPROVED, RESPONSE_CODES
from gateway.iso20022.formats import is_iban, is_iin_or_bin
from gateway.outcomes import Account, AccountOutcome, Verdict

UNREADABLE: Final = "card_host_account_unreadable"
ACTIVE: Final = "ACTIVE"
STANDINGS: Final = frozenset({ACTIVE, "BLOCKED", "ARRESTED"})
_PARTS: Final = 4


def judge_account(answer: Message, *, iban: str | None = None) -> AccountOutcome:
    """What a 310000 or 330000 comes to; `iban` is the one that was asked about.

    An account that is told unreadably, or that is another one, is UNANSWERED: nothing is known of it.
    """
    code = answer.values.get("39")
    cell, _ = RESPONSE_CODES.get(code, ANYTHING_ELSE)
    detail = f"response code {code}"
    if code != APPROVED:
        return AccountOutcome(cell.verdict, response_code=code, alarm=cell.alarm, detail=detail)
    account = read_account(answer.values.get("48", ""))
    if account is None or iban not in (None, account.iban):
        return AccountOutcome(
            Verdict.UNANSWERED, response_code=code, alarm=UNREADABLE, detail="field 48 tells no such account"
        )
    verdict = Verdict.ACCEPTED if account.standing == ACTIVE else Verdict.REFUSED
    return AccountOutcome(verdict, account, response_code=code, detail=f"{detail}, {account.standing}")


def read_account(field_48: str) -> Account | None:
    """None if it has another form. The name may hold a separator, being the last."""
    parts = field_48.split(";", _PARTS - 1)
    if len(parts) != _PARTS:
        return None
    standing, iban, iin, name = parts
    if standing not in STANDINGS or not is_iban(iban) or not is_iin_or_bin(iin) or not name.strip():
        return None
    return Account(standing, iban, iin, name.strip())
