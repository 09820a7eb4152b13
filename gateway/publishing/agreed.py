"""The list of products that was agreed upon with e-port, and where a catalogue differs from it. Pure.

As TOML, in the words of the catalogue file:

    [[product]]
    id = "samal-internet"
    minimum = "100.00"
    maximum = "50000.00"
    fee = { percent = "1.5", minimum = "30.00" }
    requisites = ["account"]

or as CSV: UTF-8, `;`, this first line, several requisites with spaces between them; what is empty is not there:

    product;minimum;maximum;fee_percent;fee_minimum;fee_maximum;fee_fixed;requisites
    samal-internet;100.00;50000.00;1.5;30.00;;;account

A product with one price has it as both limits.
"""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from gateway.contract import FeeRule, ProductId, RequisiteCode, Shape
from gateway.money import Amount
from gateway.providers.catalogue import CatalogueError, Flaw, flaws_of
from gateway.providers.catalogue_file import FeeInFile, Sum
from gateway.providers.product import Catalogue, Product


class AgreedProduct(Shape):
    id: ProductId
    minimum: Sum
    maximum: Sum
    fee: FeeInFile = FeeInFile()
    requisites: Annotated[tuple[RequisiteCode, ...], Field(min_length=1, max_length=8)]


class AgreedList(Shape):
    product: Annotated[tuple[AgreedProduct, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Disagreement:
    """What each side says of a product's field; None: it does not have the product at all."""

    product: str
    field: str
    catalogue: str | None
    agreed: str | None


COLUMNS: Final = (
    "product",
    "minimum",
    "maximum",
    "fee_percent",
    "fee_minimum",
    "fee_maximum",
    "fee_fixed",
    "requisites",
)
_FEE: Final = "fee_"


def read_agreed(content: bytes, *, is_csv: bool) -> AgreedList:
    """Raises CatalogueError with every error, each by its path, or by the line of a CSV."""
    try:
        text = content.decode("utf-8-sig" if is_csv else "utf-8")
    except UnicodeDecodeError as error:
        raise CatalogueError([Flaw("", f"not UTF-8 at byte {error.start}")]) from None
    table = _table_of_csv(text) if is_csv else _table_of_toml(text)
    try:
        agreed = AgreedList.model_validate(table)
    except ValidationError as error:
        flaws = flaws_of(error.errors(include_url=False))
        raise CatalogueError([_by_line(flaw) for flaw in flaws] if is_csv else flaws) from None
    ids = [product.id for product in agreed.product]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise CatalogueError([Flaw("", f"{one!r} stands twice") for one in twice])
    return agreed


def disagreements(catalogue: Catalogue, agreed: AgreedList) -> list[Disagreement]:
    """By product, in the order of the agreed list; what it does not have comes last."""
    listed = {product.id: _fields_agreed(product) for product in agreed.product}
    ours = {product.id: _fields_of(product) for product in catalogue.products}
    return [
        disagreement
        for product in (*listed, *(one for one in ours if one not in listed))
        for disagreement in _of_product(product, ours.get(product), listed.get(product))
    ]


Fields = Mapping[str, str]


def _of_product(product: str, ours: Fields | None, listed: Fields | None) -> Iterator[Disagreement]:
    if ours is None or listed is None:
        there = "is there"
        yield Disagreement(product, "", None if ours is None else there, None if listed is None else there)
        return
    for field, agreed in listed.items():
        if ours[field] != agreed:
            yield Disagreement(product, field, ours[field], agreed)


def _fields_of(product: Product) -> Fields:
    codes = [shape.code for shape in product.requisites]
    return _fields(product.minimum.amount(), product.maximum.amount(), product.fee_rule, codes)


def _fields_agreed(product: AgreedProduct) -> Fields:
    return _fields(product.minimum, product.maximum, product.fee.rule(), product.requisites)


def _fields(minimum: Amount, maximum: Amount, fee: FeeRule, requisites: Sequence[str]) -> Fields:
    return {
        "minimum": str(minimum),
        "maximum": str(maximum),
        "fee": _fee_text(fee),
        "requisites": " ".join(sorted(requisites)),
    }


def _fee_text(fee: FeeRule) -> str:
    """One text for one rule, however it was written down."""
    smallest, largest = fee.minimum.amount(), None if fee.maximum is None else fee.maximum.amount()
    if smallest == largest:
        return f"{smallest}"
    upper = "" if largest is None else f", at most {largest}"
    lower = f", at least {smallest}" if smallest.minor else ""
    return f"{fee.percent_hundredths / 100:g} %{lower}{upper}" if fee.percent_hundredths else "none"


def _table_of_toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError([Flaw("", f"not TOML: {error}")]) from None


def _table_of_csv(text: str) -> Any:
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise CatalogueError([Flaw("line 1", f"is not {';'.join(COLUMNS)}")])
    wrong = [place for place, row in enumerate(rows, 1) if len(row) != len(COLUMNS)]
    if wrong:
        raise CatalogueError([Flaw(f"line {place}", f"has not {len(COLUMNS)} fields") for place in wrong])
    return {"product": [_product(dict(zip(COLUMNS, row, strict=True))) for row in rows[1:]]}


def _product(row: Mapping[str, str]) -> Any:
    told = {name: text.strip() for name, text in row.items() if text.strip()}
    fee = {name.removeprefix(_FEE): text for name, text in told.items() if name.startswith(_FEE)}
    rest = {name: text for name, text in told.items() if not name.startswith(_FEE)}
    row_id = {"id": rest.pop("product")} if "product" in rest else {}
    requisites = {"requisites": rest.pop("requisites").split()} if "requisites" in rest else {}
    return {**rest, **row_id, **requisites, "fee": fee}


def _by_line(flaw: Flaw) -> Flaw:
    """`product[0].fee.percent` is line 2."""
    place, _, field = flaw.path.removeprefix("product[").partition("]")
    return Flaw(f"line {int(place) + 2}{field.replace('.', ', ', 1)}", flaw.why) if place.isdigit() else flaw
