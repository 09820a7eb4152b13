"""What an answer from outside comes to: the verdict that moves a table, apart from any wire's code.

A wire's own code (e-port's `result`, the card host's field 39) stands beside the verdict as evidence;
only the verdict decides.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from gateway.money import Amount


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    PENDING = "pending"
    UNANSWERED = "unanswered"  # silence, garbage, another's answer: never a refusal
    CONFLICT = "conflict"  # e-port's 215: the same txn_id with other content
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel_refused"


@dataclass(frozen=True)
class EportOutcome:
    """One answer of e-port, or its absence. `alarm` says why a person must know; None if nobody must."""

    verdict: Verdict
    result: int | None = None
    eport_id: str | None = None
    comment: str | None = None
    finished_at: str | None = None
    debt: Amount | None = None
    min_sum: Amount | None = None
    max_sum: Amount | None = None
    fields: tuple[tuple[str, str, str], ...] = ()  # name, title, value, in e-port's order
    alarm: str | None = None
    detail: str = field(default="", compare=False)

    @property
    def spoke(self) -> bool:
        """e-port is there: a well-formed answer, even one that decides nothing ("temporary", "not final")."""
        return self.verdict is not Verdict.UNANSWERED or self.result is not None


@dataclass(frozen=True)
class HoldOutcome:
    """ACCEPTED, REFUSED or UNANSWERED. `response_code` is field 39, `approval_code` field 38."""

    verdict: Verdict
    response_code: str | None = None
    approval_code: str | None = None
    alarm: str | None = None
    detail: str = field(default="", compare=False)


@dataclass(frozen=True)
class AdviceOutcome:
    """ACCEPTED (39 = 00), REFUSED (another 39: a person decides) or UNANSWERED (repeat)."""

    verdict: Verdict
    response_code: str | None = None
    detail: str = field(default="", compare=False)


@dataclass(frozen=True)
class Account:
    """An account as the card host tells it. `repr` shows nothing of whose it is."""

    standing: str  # ACTIVE, BLOCKED or ARRESTED
    iban: str = field(repr=False)
    iin: str = field(repr=False)  # IIN or BIN of its holder
    name: str = field(repr=False)


@dataclass(frozen=True)
class AccountOutcome:
    """ACCEPTED (it may be debited or credited), REFUSED or UNANSWERED. `account` is there if it was told."""

    verdict: Verdict
    account: Account | None = None
    response_code: str | None = None
    alarm: str | None = None
    detail: str = field(default="", compare=False)
