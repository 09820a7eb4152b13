"""What a catalogue consists of, as it is served to terminals and read by them."""

from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.contract import FeeRule, Money, ProductId, Shape
from gateway.money import Amount
from gateway.providers.shapes import RequisiteShape, Texts

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]


class Group(Shape):
    code: Code
    title: Texts


class Provider(Shape):
    code: Code
    group: Code
    title: Texts


class Product(Shape):
    """What can be paid for. `price` is the only sum that a product with a fixed price takes."""

    id: ProductId
    provider: Code
    title: Texts
    minimum: Money
    maximum: Money
    price: Money | None = None
    fee_rule: FeeRule
    requisites: Annotated[tuple[RequisiteShape, ...], Field(min_length=1, max_length=8)]

    def takes(self, amount: Amount) -> bool:
        """Is the sum, without its fee, one that may be paid?"""
        return self.minimum.amount() <= amount <= self.maximum.amount()


class Catalogue(Shape):
    """`version` is the beginning of the SHA-256 of the file that it was read from."""

    version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    groups: tuple[Group, ...]
    providers: tuple[Provider, ...]
    products: tuple[Product, ...]

    def product(self, product_id: str) -> Product | None:
        return self._by_id.get(product_id)

    @cached_property
    def _by_id(self) -> dict[str, Product]:
        return {product.id: product for product in self.products}
