"""The JSON that the sandbox's own API takes. Unknown members are refused. Pure."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from gateway.sandbox.eport_slips import Slip
from gateway.sandbox.faults import Fault, FaultName, FaultPlan, Position, Rule, Seeded

PlatformStep = Literal[
    "2",
    "3",
    "4",
    "5",
    "9",
    "10",
    "11",
    "13",
    "14",
    "15",
    "16",
    "16.1",
    "17",
    "17.1",
    "rjct payee",
    "rjct payer",
    "16.1 answer",
    "17.1 answer",
]
Seconds = Annotated[float, Field(ge=0, le=3600)]


class WrongCallError(Exception):
    """What is wrong with a call, in words for its author."""


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, content: bytes) -> Self:
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False, include_input=False)
            places = (f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in wrong)
            raise WrongCallError("; ".join(places)) from None


class RuleBody(Body):
    """One rule of PUT /faults: what is not told matches everything."""

    name: FaultName
    position: Position = Position.BEFORE
    dice: Annotated[int, Field(ge=0, le=255)] = 0
    count: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    wire: Literal["eport", "card-host", "central", "platform"] | None = None
    operation: (
        Literal[
            "bank_account",
            "bank_payment",
            "bank_status",
            "bank_cancel",
            "hold",
            "account_status",
            "beneficiary",
            "credit",
            "capture",
            "reversal",
            "echo",
            "registry",
            "daily",
        ]
        | PlatformStep
        | None
    ) = None
    identifier: str | None = None
    terminal: str | None = None
    account: str | None = None

    def rule(self) -> Rule:
        fault = Fault(self.name, self.position, self.dice)
        return Rule(fault, **self.model_dump(exclude={"name", "position", "dice"}))

    @classmethod
    def of(cls, rule: Rule) -> dict[str, Any]:
        return {**vars(rule.fault), **{name: value for name, value in vars(rule).items() if name != "fault"}}


class SeededBody(Body):
    seed: int
    rate: Annotated[float, Field(ge=0, lt=1)]
    names: frozenset[FaultName] = frozenset(FaultName)
    at_most: Annotated[int, Field(ge=0, le=100)] = 2

    def seeded(self) -> Seeded:
        return Seeded(self.seed, self.rate, self.names, self.at_most)


class FaultsBody(Body):
    """PUT /faults: the whole plan; what is not told is off, or as it was for the seconds."""

    rules: list[RuleBody] = Field(default_factory=list)
    seeded: SeededBody | None = None
    delay_seconds: Seconds | None = None
    silence_seconds: Seconds | None = None

    def replace(self, plan: FaultPlan) -> None:
        plan.rules[:] = [rule.rule() for rule in self.rules]
        plan.seeded = None if self.seeded is None else self.seeded.seeded()
        plan.delay_seconds = plan.delay_seconds if self.delay_seconds is None else self.delay_seconds
        plan.silence_seconds = plan.silence_seconds if self.silence_seconds is None else self.silence_seconds


class SubscriberBody(Body):
    """PUT /accounts/eport/{account}: one of the special accounts to behave as; null: as itself again."""

    behaves_as: str | None


class CardAccountBody(Body):
    """PUT /accounts/card-host/{token}: what is not told stays. `answers` "" ends a told field 39."""

    balance_minor: Annotated[int, Field(ge=0)] | None = None
    pin_tries: Annotated[int, Field(ge=0, le=3)] | None = None
    answers: Annotated[str, StringConstraints(pattern=r"^([0-9A-Z]{2})?$")] | None = None


class StandingBody(Body):
    """PUT /standings/{account}: how a card's account (its token) or an IBAN stands."""

    standing: Literal["ACTIVE", "BLOCKED", "ARRESTED"]


class EndBody(Body):
    """PUT /payments/{txn_id}: how a pending payment ends."""

    end: Literal["accepted", "refused"]


class SlipBody(Body):
    """PUT /slips/{txn_id}: what a daily registry will say wrong about it; null: nothing."""

    slip: Slip | None
