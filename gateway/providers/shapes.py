"""The kinds of requisite that a product may ask for.

| kind | value sent to e-port | rules |
|---|---|---|
| phone | 10 digits | Kazakhstan's mobile numbers, or the product's own operator codes |
| contract | digits | length, check digit (Luhn or modulus 11) |
| iin | 12 digits | birthday, check digit |
| text | as typed, spaces collapsed | length |
| list | an option's value | one of the options |
| number | digits with a point | range, decimals |
"""

from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from gateway.contract import RequisiteCode, RequisiteText, Shape
from gateway.providers import masks

LANGUAGES = ("kk", "ru", "en")

Words = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
PhoneMask = Annotated[str, StringConstraints(max_length=40, pattern=r"^[-# +().0-9]*$")]
Mask = Annotated[str, StringConstraints(max_length=40, pattern=r"^[-# +().]*$")]  # a digit would be ambiguous
Barcode = Annotated[str, StringConstraints(max_length=100, pattern=r"^[!-)+-~]*#[!-)+-~]*\*?$")]
Length = Annotated[int, Field(ge=1, le=255)]
Decimals = Annotated[int, Field(ge=0, le=3)]


class Texts(Shape):
    """One text in the three languages of a screen."""

    kk: Words
    ru: Words
    en: Words


class _Requisite(Shape):
    """`hint` says where to find it on a bill; `example` is a value that passes; `barcode`, where it stands
    in the code on a bill (`gateway.providers.barcodes`).
    """

    code: RequisiteCode
    title: Texts
    hint: Texts
    example: RequisiteText
    barcode: Barcode | None = None


class Phone(_Requisite):
    kind: Literal["phone"]
    prefixes: tuple[Annotated[str, StringConstraints(pattern=r"^7[0-9]{2}$")], ...] = ()
    mask: PhoneMask = "+7 (###) ###-##-##"

    @field_validator("mask")
    @classmethod
    def _ten_places(cls, mask: str) -> str:
        return _with_places(mask, 10)


class Contract(_Requisite):
    kind: Literal["contract"]
    minimum_length: Length
    maximum_length: Length
    check_digit: Literal["none", "luhn", "mod11"] = "none"
    mask: Mask | None = None

    @field_validator("maximum_length")
    @classmethod
    def _not_below_the_minimum(cls, maximum: int, info: ValidationInfo) -> int:
        return _not_below(info.data.get("minimum_length"), maximum)

    @field_validator("mask")
    @classmethod
    def _as_many_places_as_digits(cls, mask: str | None, info: ValidationInfo) -> str | None:
        shortest, longest = info.data.get("minimum_length"), info.data.get("maximum_length")
        if mask is None or shortest is None or longest is None:
            return mask
        if shortest != longest:
            raise ValueError("a mask needs minimum_length and maximum_length to be equal")
        return _with_places(mask, longest)


class Iin(_Requisite):
    kind: Literal["iin"]
    mask: Mask = "###### ######"

    @field_validator("mask")
    @classmethod
    def _twelve_places(cls, mask: str) -> str:
        return _with_places(mask, 12)


class Text(_Requisite):
    kind: Literal["text"]
    minimum_length: Length = 1
    maximum_length: Length = 255

    @field_validator("maximum_length")
    @classmethod
    def _not_below_the_minimum(cls, maximum: int, info: ValidationInfo) -> int:
        return _not_below(info.data.get("minimum_length"), maximum)


class Option(Shape):
    value: RequisiteText
    title: Texts


class Choice(_Requisite):
    """Kind `list`: shown as tiles, so at most what a few screens hold."""

    kind: Literal["list"]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=60)]

    @field_validator("options")
    @classmethod
    def _each_value_once(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        if len({option.value for option in options}) < len(options):
            raise ValueError("the same value stands twice")
        return options


class Number(_Requisite):
    """A meter's reading and the like; both limits belong to the range."""

    kind: Literal["number"]
    minimum: Decimal = Field(default=Decimal(0), ge=0, lt=10**12)
    maximum: Decimal = Field(ge=0, lt=10**12)
    decimals: Decimals = 0
    unit: Texts | None = None

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.maximum < self.minimum:
            raise ValueError("maximum is below minimum")
        return self


KINDS: Final = frozenset({"phone", "contract", "iin", "text", "list", "number"})
RequisiteShape = Annotated[Phone | Contract | Iin | Text | Choice | Number, Field(discriminator="kind")]


def _with_places(mask: str, expected: int) -> str:
    found = masks.places(mask)
    if found != expected:
        raise ValueError(f"has {found} places (#), and the number has {expected} digits")
    return mask


def _not_below(minimum: int | None, maximum: int) -> int:
    if minimum is not None and maximum < minimum:
        raise ValueError("is below the minimum")
    return maximum
