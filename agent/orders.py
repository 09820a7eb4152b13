"""What a customer wants to pay, checked by the catalogue's rules before anything leaves the terminal. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from agent.journeys.bill import State
from agent.journeys.bill_record import Journey
from agent.journeys.link_record import LinkJourney
from agent.journeys.merchant_sale import State as SaleState
from agent.journeys.sale_record import Sale
from agent.texts import Language
from gateway.contract import Money, Requisite
from gateway.money import Amount
from gateway.providers.faults import Fault
from gateway.providers.product import Catalogue, Product
from gateway.providers.requisites import RequisiteFaults, check
from gateway.transfer_contract import LONGEST_SCAN, SaleRequest


class Serves(StrEnum):
    """What a person can do at this terminal."""

    BILLS = "bills"  # pay a provider
    LINKS = "links"  # pay a shop by its payment link
    SALES = "sales"  # a merchant's POS: be paid by a link that it shows


@dataclass(frozen=True)
class Order:
    """As it was typed. Without an `amount` it is asked for when the provider has named the debt."""

    product: str
    requisites: Mapping[str, str]
    amount: Amount | None
    language: Language


@dataclass(frozen=True)
class LinkOrder:
    """A payment link or what its QR code holds, as it was typed or scanned: the gateway alone reads it."""

    link: str
    language: Language


@dataclass(frozen=True)
class SaleWish:
    """What a merchant wants to be paid, and what for."""

    amount: Amount
    language: Language
    purpose: str | None = None
    merchant_order: str | None = None


class OrderError(Exception):
    """It breaks the catalogue's rules. `lines` say which; they quote no value that was typed."""

    def __init__(self, *lines: str, to_do: str = "") -> None:
        super().__init__("; ".join(lines))
        self.lines = lines
        self.to_do = to_do


def begun(order: Order, catalogue: Catalogue, *, journey_id: str, at: datetime) -> Journey:
    """The journey that this order begins, its requisites in the form that is sent. OrderError."""
    product = catalogue.product(order.product)
    if product is None:
        near = get_close_matches(order.product, [known.id for known in catalogue.products], n=1)
        raise OrderError(
            f"the catalogue has no product {order.product!r}",
            to_do=f"did you mean {near[0]}?" if near else "`tolem products` lists what can be paid",
        )
    if catalogue.is_switched_off(product.id):
        told = "the bank has switched its provider off for now"
        raise OrderError(f"{product.id} cannot be paid: {told}", to_do="try again later")
    values = check(product, order.requisites)
    if isinstance(values, RequisiteFaults):
        raise OrderError(*_told(product, values), to_do="correct them; nothing was sent")
    amount = _amount(product, order.amount)
    return Journey(
        journey_id=journey_id,
        language=order.language,
        product=product.id,
        product_name=getattr(product.title, order.language),
        provider_name=_provider_name(catalogue, product, order.language),
        requisites=[Requisite(code=code, value=value) for code, value in values.items()],
        requisite_names={shape.code: getattr(shape.title, order.language) for shape in product.requisites},
        state=State.STARTED,
        started_at=at,
        changed_at=at,
        amount=None if amount is None else Money.of(amount),
    )


def begun_by_link(order: LinkOrder, *, journey_id: str, at: datetime) -> LinkJourney:
    """The journey that this link begins. OrderError."""
    link = order.link.strip()
    if not 1 <= len(link) <= LONGEST_SCAN:
        told = f"a payment link has 1 to {LONGEST_SCAN} characters"
        raise OrderError(told, to_do="scan it again, or type it as it is written below the code")
    return LinkJourney(
        journey_id=journey_id,
        language=order.language,
        link=link,
        state=State.STARTED,
        started_at=at,
        changed_at=at,
    )


def begun_sale(wish: SaleWish, *, sale_id: str, at: datetime) -> Sale:
    """The sale that this wish begins. OrderError."""
    try:
        request = SaleRequest(
            amount=Money.of(wish.amount), purpose=wish.purpose, merchant_order=wish.merchant_order
        )
    except ValidationError as error:
        faulty = sorted({str(fault["loc"][0]) for fault in error.errors()})
        raise OrderError(
            f"{', '.join(faulty)}: too long, empty, or of more than one line", to_do="correct it"
        ) from None
    if wish.amount.minor == 0:
        raise OrderError("nothing cannot be sold", to_do="give a sum")
    return Sale(
        sale_id=sale_id,
        language=wish.language,
        amount=request.amount,
        purpose=request.purpose,
        merchant_order=request.merchant_order,
        state=SaleState.OPENING,
        started_at=at,
        changed_at=at,
    )


def _provider_name(catalogue: Catalogue, product: Product, language: Language) -> str:
    titles = (it.title for it in catalogue.providers if it.code == product.provider)
    return next((str(getattr(title, language)) for title in titles), "")


def _amount(product: Product, amount: Amount | None) -> Amount | None:
    price = None if product.price is None else product.price.amount()
    if price is not None and amount not in {None, price}:
        raise OrderError(f"{product.id} costs {price}", to_do=f"pay {price}, or leave the sum out")
    amount = price or amount
    if amount is not None and not product.takes(amount):
        limits = f"{product.minimum.amount()} to {product.maximum.amount()}"
        raise OrderError(f"{product.id} takes {limits}", to_do="pay a sum within these limits")
    return amount


def _told(product: Product, faults: RequisiteFaults) -> Iterator[str]:
    shapes = {shape.code: shape for shape in product.requisites}
    for code, fault in faults.by_code.items():
        shape = shapes.get(code)
        if shape is None:
            yield f"{code}: {_FAULTS[fault]}; {product.id} has {', '.join(shapes)}"
        else:
            yield f"{code} ({shape.title.en}): {_FAULTS[fault]}; {shape.hint.en}; an example is {shape.example}"


_FAULTS: Final[Mapping[Fault, str]] = {
    Fault.MISSING: "it is missing",
    Fault.NOT_ASKED_FOR: "it is not asked for",
    Fault.CHARACTERS: "it has characters that do not belong there",
    Fault.LENGTH: "it is too short or too long",
    Fault.MASK: "it does not have its form",
    Fault.PREFIX: "no such operator",
    Fault.DATE: "the birthday in it does not exist",
    Fault.CHECK_DIGIT: "its check digit does not fit: a digit is wrong or two changed places",
    Fault.NOT_IN_LIST: "it is not one of the choices",
    Fault.TOO_MANY_DECIMALS: "it has too many decimals",
    Fault.RANGE: "it is too small or too large",
}
