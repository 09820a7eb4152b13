"""What a catalogue consists of, as it is served to terminals and read by them."""

from functools import cached_property
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

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


class CatalogueSignature(Shape):
    """`key` names the bank's key; `value` is base64 (`gateway.publishing.document` says over what)."""

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    value: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z+/]{1,200}={0,2}$")]


class Catalogue(Shape):
    """`version` is the beginning of the SHA-256 of the file that it was read from.

    `number` counts what was published; a catalogue that never was has none, no times and no signature.
    `switched_off` are providers that cannot be paid at this moment.
    """

    version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    number: Annotated[int, Field(ge=1)] | None = None
    published_at: AwareDatetime | None = None
    effective_at: AwareDatetime | None = None
    signature: CatalogueSignature | None = None
    switched_off: tuple[Code, ...] = ()
    groups: tuple[Group, ...]
    providers: tuple[Provider, ...]
    products: tuple[Product, ...]

    def product(self, product_id: str) -> Product | None:
        return self._by_id.get(product_id)

    def is_switched_off(self, product_id: str, *, offered_by: str = "") -> bool:
        """Whether its provider is; one that it was offered for before counts as well, if that is known.

        False for a product that the catalogue does not have and of which nothing is known.
        """
        product = self.product(product_id)
        providers = {offered_by} if product is None else {offered_by, product.provider}
        return not providers.isdisjoint(self.switched_off)

    @cached_property
    def _by_id(self) -> dict[str, Product]:
        return {product.id: product for product in self.products}
