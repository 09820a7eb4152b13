"""The act as what is signed: canonical JSON, the same bytes from the same facts (RFC 8785 for texts and integers). Pure.

Sorted keys, UTF-8, no white space, sums as integers of tiyn, no time of making. Derived sums stand in it for whoever reads it
by eye or by another program; `read` computes them anew and refuses what does not add up.
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from gateway.contract import Shape
from gateway.money import CURRENCY
from gateway.publishing.document import compact

FORMAT: Final = "tolem act 1"
LARGEST_BYTES: Final = 16 * 1024 * 1024

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
MonthText = Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
Integer = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0)]
Words = Annotated[str, StringConstraints(max_length=500)]


class NotAnActError(ValueError):
    """These bytes are no act in its one form; the text says why."""


class Sums(Shape):
    """Count, sum and fee; those of an adjustment may be negative."""

    count: Integer = 0
    sum: Integer = 0
    fee: Integer = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(count=self.count + other.count, sum=self.sum + other.sum, fee=self.fee + other.fee)

    @property
    def total(self) -> int:
        return self.sum + self.fee


class Party(Shape):
    name: Words
    bin: Annotated[str, StringConstraints(pattern=r"^\d{12}$")] | None = None


class Title(Shape):
    kk: Words
    ru: Words


class ProviderSums(Shape):
    provider: Words
    sums: Sums


class Day(Shape):
    day: date
    registry_id: Words
    registry_sha256: Sha256
    providers: tuple[ProviderSums, ...]


class Adjusted(Shape):
    """A correction of `about_day`, which was closed before, booked on `day`."""

    number: Count
    day: date
    about_day: date
    provider: Words
    txn_id: Words
    sums: Sums
    reason: Words
    decided_by: Words


class Open(Shape):
    """An item that is carried over to the next month."""

    case: Count
    day: date
    kind: Words
    provider: Words
    txn_id: Words
    sum: Integer
    fee: Integer


class ProviderLine(Shape):
    """One provider's month: `closed` days, plus what was `adjusted`, is `accepted`."""

    provider: Words
    title: Title
    closed: Sums
    adjusted: Sums
    accepted: Sums


class Act(Shape):
    """The whole act. `providers` and `accepted` are derived from `days` and `adjustments`."""

    format: Literal["tolem act 1"] = FORMAT
    currency: Literal["KZT"] = CURRENCY
    point: Annotated[str, StringConstraints(pattern=r"^\d{1,10}$")]
    month: MonthText
    contract: Words
    bank: Party
    eport: Party
    days: tuple[Day, ...]
    adjustments: tuple[Adjusted, ...]
    open_items: tuple[Open, ...]
    providers: tuple[ProviderLine, ...]
    accepted: Sums

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        titles = {line.provider: line.title for line in self.providers}
        if len(titles) != len(self.providers):
            raise ValueError("a provider stands in it twice")
        try:
            lines = provider_lines(self.days, self.adjustments, titles)
        except KeyError as provider:
            raise ValueError(f"it has no line for provider {provider}") from None
        if lines != self.providers:
            raise ValueError("the providers' sums are not those of its days and adjustments")
        if sum_of(line.accepted for line in lines) != self.accepted:
            raise ValueError("its total is not the sum of its providers")
        return self


def sum_of(many: Iterable[Sums]) -> Sums:
    return sum(many, start=Sums())


def provider_lines(
    days: Iterable[Day], adjustments: Iterable[Adjusted], titles: dict[str, Title]
) -> tuple[ProviderLine, ...]:
    """One for each of `titles`, sorted by code. KeyError for a provider that has none."""
    closed, adjusted = (dict.fromkeys(titles, Sums()) for _ in range(2))
    for day in days:
        for one in day.providers:
            closed[one.provider] += one.sums
    for correction in adjustments:
        adjusted[correction.provider] += correction.sums
    return tuple(
        ProviderLine(
            provider=code,
            title=titles[code],
            closed=closed[code],
            adjusted=adjusted[code],
            accepted=closed[code] + adjusted[code],
        )
        for code in sorted(titles)
    )


def written(act: Act) -> bytes:
    """What is signed: the same act always gives the same bytes."""
    return compact(act.model_dump(mode="json"))


def read(content: bytes) -> Act:
    """Raises NotAnActError for what `written` would not have written, byte for byte."""
    if len(content) > LARGEST_BYTES:
        raise NotAnActError(f"it is larger than {LARGEST_BYTES} bytes")
    try:
        act = Act.model_validate(json.loads(content))
    except ValidationError as refused:
        wrong = refused.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "act"
        raise NotAnActError(f"{place}: {wrong['msg'].removeprefix('Value error, ')}") from None
    except (ValueError, RecursionError):
        raise NotAnActError("it is not JSON") from None
    if written(act) != content:
        raise NotAnActError("it is not in canonical form: keys, spaces or numbers are written another way")
    return act
