"""The shapes of our own HTTP API between terminal and gateway (PROTOCOLS §1).

One set of models serves the routes, the client and `openapi.json`. Unknown members are refused in
both directions; money is `{amount_minor, currency}`; times are RFC 3339 with an offset.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gateway.money import CURRENCY, LARGEST_MINOR, Amount

ProductId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
RequisiteCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")]
RequisiteText = Annotated[str, StringConstraints(pattern=r"^[^;\r\n]{1,255}$")]
TerminalId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,8}$")]
PaymentId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
Hex = Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{2})+$", max_length=510)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)  # no PAN in a refusal


class Money(Shape):
    amount_minor: Annotated[int, Field(ge=0, le=LARGEST_MINOR, strict=True)]
    currency: Literal["KZT"] = CURRENCY

    @classmethod
    def of(cls, amount: Amount) -> Self:
        return cls(amount_minor=amount.minor)

    def amount(self) -> Amount:
        return Amount(self.amount_minor, self.currency)


class Requisite(Shape):
    code: RequisiteCode
    value: RequisiteText


class CheckRequest(Shape):
    product: ProductId
    requisites: Annotated[list[Requisite], Field(min_length=1, max_length=8)]
    amount: Money | None = None


class OfferField(Shape):
    """What e-port tells of the account: `payer_name`, an address, a period…"""

    name: str
    title: str
    value: str


class FeeRule(Shape):
    """Percent of the sum in hundredths of a percent, half up to one tiyn, clamped, on top of the sum."""

    percent_hundredths: Annotated[int, Field(ge=0, le=10_000)]
    minimum: Money
    maximum: Money | None = None


class Offer(Shape):
    """A check that succeeded. With no `amount` yet, `fee` and `total` follow from `fee_rule`."""

    check_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$")]
    product: ProductId
    catalogue_version: str
    fields: list[OfferField]
    debt: Money | None = None
    minimum: Money
    maximum: Money
    amount: Money | None = None
    fee_rule: FeeRule
    fee: Money | None = None
    total: Money | None = None
    valid_until: AwareDatetime


class CheckRefused(Shape):
    """A check that ended without an offer. Nothing was taken; nothing can be."""

    refused: Literal[True] = True
    reason: str  # a code of `gateway.reasons`, such as eport.5
    comment: str | None = None


class CardInput(Shape):
    """Card data on its only way through: in memory from the reader to field 35, 52 and 55."""

    pan: Annotated[str, StringConstraints(pattern=r"^[0-9]{12,19}$")] | None = Field(default=None, repr=False)
    expiry_yymm: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = Field(
        default=None, repr=False
    )
    track2: Annotated[str, StringConstraints(pattern=r"^[0-9]{12,19}D[0-9]{7,20}$")] | None = Field(
        default=None, repr=False
    )
    emv: Hex | None = Field(default=None, repr=False)
    pin_block: Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{16}$")] | None = Field(
        default=None, repr=False
    )
    ksn: Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{16,20}$")] | None = Field(
        default=None, repr=False
    )


class PaymentRequest(Shape):
    """PUT /v1/payments/{payment_id}. The sums are the ones the customer saw."""

    check_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$")]
    amount: Money
    fee: Money
    total: Money
    card: CardInput


class Told(StrEnum):
    """What the customer may be told: a screen of its own for each (DESIGN §5)."""

    WAIT = "wait"  # still within the 25 seconds
    PAID = "paid"
    NOTHING_TAKEN = "nothing_taken"  # REFUSED, RELEASED
    BEING_UNBLOCKED = "being_unblocked"  # RELEASING
    IN_PROCESSING = "in_processing"  # PENDING, UNRESOLVED: do not pay again


class Moved(Shape):
    """One line of a payment's history."""

    state: str
    event: str
    at: AwareDatetime
    note: str = ""


class PaymentView(Shape):
    """A payment as its terminal may see it: no card data, whatever the state."""

    payment_id: PaymentId
    terminal: TerminalId
    state: str
    told: Told
    reason: str | None = None  # a code of `gateway.reasons`, such as card.51 or eport.5
    product: ProductId
    requisites: list[Requisite]
    fields: list[OfferField]
    amount: Money
    fee: Money
    total: Money
    check_id: str
    txn_id: str
    rrn: str
    eport_id: str | None = None
    approval_code: str | None = None
    accepted_at: AwareDatetime
    changed_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    history: list[Moved] = Field(default_factory=list)


class NeverReceived(Shape):
    """The durable tombstone: no PUT of this id arrived, and none will be accepted any more."""

    payment_id: PaymentId
    never_received: Literal[True] = True


class JournalEvent(Shape):
    """One line of the terminal's journal for POST /v1/events. `data` never holds card data."""

    number: Annotated[int, Field(ge=1)]
    at: AwareDatetime
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
    data: dict[str, str | int | bool | None] = Field(default_factory=dict)


class Events(Shape):
    events: Annotated[list[JournalEvent], Field(min_length=1, max_length=500)]


class EventsTaken(Shape):
    taken_up_to: int


class RegistryTaken(Shape):
    """The acknowledgement of a terminal's registry: what we counted, and the sha256 of its whole body."""

    registry_id: str
    count: Annotated[int, Field(ge=0)]
    sum: Money
    fee: Money
    total: Money
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RegistryStanding(Shape):
    """GET /v1/registries/{terminal}: the next number of the installation that sent last. None: nobody has."""

    terminal: TerminalId
    installation: str | None
    expected: Annotated[int, Field(ge=1)]


class Readiness(Shape):
    """GET /v1/readiness: may a terminal start taking money through this gateway?"""

    ready: bool
    reasons: list[str]  # codes such as eport_breaker_open, card_host_unreachable, disk_full
    time: datetime


PemRequest = Annotated[
    str, StringConstraints(max_length=8192, pattern=r"^-----BEGIN CERTIFICATE REQUEST-----\n")
]


class EnrolmentRequest(Shape):
    """POST /v1/enrolments: a terminal without a certificate, and the code that its technician typed."""

    terminal: TerminalId
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{12}$")] = Field(repr=False)
    request: PemRequest  # PKCS#10; its subject's CN is the terminal


class RenewalRequest(Shape):
    """POST /v1/certificates: the terminal that calls wants the next one, for a new key."""

    request: PemRequest


class Enrolled(Shape):
    """A terminal's new certificate, in PEM."""

    terminal: TerminalId
    certificate: str
    ends_at: AwareDatetime


class Problem(BaseModel):
    """RFC 9457 problem document, with our `code` and whether a repeat of the same bytes may help."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    retryable: bool
