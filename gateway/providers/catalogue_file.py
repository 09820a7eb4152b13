"""A catalogue as an editor writes it: TOML's keys, sums such as "1500.00", percents such as "1.25".

Keys are singular, so that a path reads as the file does: `product[3].requisite[0].mask`. A product has
either `price`, or `minimum` and `maximum`; its `fee` is absent, a percent with limits, or fixed.
"""

import re
from typing import Annotated, Any, Final, Self

from pydantic import Field, PlainValidator, ValidationInfo, field_validator, model_validator

from gateway.contract import FeeRule, Money, ProductId, Shape
from gateway.money import Amount
from gateway.providers.product import Code, Group, Product, Provider
from gateway.providers.shapes import RequisiteShape, Texts

LARGEST_SUM: Final = Amount(10**12 - 1)  # twelve digits: the card host's field 4 (PROTOCOLS §5)
_PERCENT: Final = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?")


def _sum(text: Any) -> Amount:
    return Amount.parse(text if isinstance(text, str) else f"{text}, without quotes,")


def _hundredths(text: Any) -> int:
    found = _PERCENT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError('is not a percent below 100 in quotes, such as "1.25"')
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


Sum = Annotated[Amount, PlainValidator(_sum)]
Percent = Annotated[int, PlainValidator(_hundredths)]


class FeeInFile(Shape):
    """Nothing: no fee. `percent`, perhaps with `minimum` and `maximum`; or `fixed` alone."""

    percent: Percent = 0
    minimum: Sum = Amount(0)
    maximum: Sum | None = None
    fixed: Sum | None = None

    @field_validator("maximum")
    @classmethod
    def _not_below_the_minimum(cls, maximum: Amount | None, info: ValidationInfo) -> Amount | None:
        return _not_below(info.data.get("minimum"), maximum)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        written = self.model_fields_set
        if "fixed" in written and written != {"fixed"}:
            raise ValueError("a fixed fee has no percent, minimum or maximum")
        if written & {"minimum", "maximum"} and "percent" not in written:
            raise ValueError("minimum and maximum need a percent; a fee that is always the same is `fixed`")
        return self

    def rule(self) -> FeeRule:
        maximum = self.maximum if self.fixed is None else self.fixed
        return FeeRule(
            percent_hundredths=self.percent,
            minimum=Money.of(self.minimum if self.fixed is None else self.fixed),
            maximum=None if maximum is None else Money.of(maximum),
        )


class ProductInFile(Shape):
    id: ProductId
    provider: Code
    title: Texts
    price: Sum | None = None
    minimum: Sum | None = None
    maximum: Sum | None = None
    fee: FeeInFile = FeeInFile()
    requisite: Annotated[tuple[RequisiteShape, ...], Field(min_length=1, max_length=8)]

    @field_validator("price", "minimum", "maximum")
    @classmethod
    def _can_be_paid(cls, amount: Amount | None) -> Amount | None:
        if amount is not None and not Amount(1) <= amount <= LARGEST_SUM:
            raise ValueError(f"is not from 0.01 to {LARGEST_SUM}")
        return amount

    @field_validator("maximum")
    @classmethod
    def _not_below_the_minimum(cls, maximum: Amount | None, info: ValidationInfo) -> Amount | None:
        return _not_below(info.data.get("minimum"), maximum)

    @model_validator(mode="after")
    def _price_or_limits(self) -> Self:
        if self.model_fields_set & {"price", "minimum", "maximum"} not in ({"price"}, {"minimum", "maximum"}):
            raise ValueError("needs either price, or minimum and maximum")
        return self

    def served(self) -> Product:
        minimum, maximum = self.price or self.minimum, self.price or self.maximum
        assert minimum is not None, "the validator above"
        assert maximum is not None, "the validator above"
        return Product(
            id=self.id,
            provider=self.provider,
            title=self.title,
            minimum=Money.of(minimum),
            maximum=Money.of(maximum),
            price=None if self.price is None else Money.of(self.price),
            fee_rule=self.fee.rule(),
            requisites=self.requisite,
        )


class CatalogueFile(Shape):
    group: Annotated[tuple[Group, ...], Field(min_length=1)]
    provider: Annotated[tuple[Provider, ...], Field(min_length=1)]
    product: Annotated[tuple[ProductInFile, ...], Field(min_length=1)]


def _not_below(minimum: Amount | None, maximum: Amount | None) -> Amount | None:
    if minimum is not None and maximum is not None and maximum < minimum:
        raise ValueError("is below the minimum")
    return maximum
