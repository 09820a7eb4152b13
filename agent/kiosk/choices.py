"""What can be chosen from the catalogue, in pages that fit every screen. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from agent.orders import Serves
from agent.texts import Language
from agent.texts import sale as words
from gateway.providers.product import Catalogue, Product
from gateway.providers.shapes import Texts

T = TypeVar("T")
TILES: Final = 6  # what the smallest screen holds at 80 px each
SHORTCUTS: Final = 3  # popular and recent products beside the groups


@dataclass(frozen=True)
class Tile:
    """Something to press: `value` is posted with `action`. `off`: shown, and cannot be pressed."""

    action: str
    value: str
    title: str
    below: str = ""
    off: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    number: int  # from 0
    count: int

    @classmethod
    def of(cls, items: Sequence[T], number: int, size: int = TILES) -> "Page[T]":
        """The page, or the nearest one that exists."""
        count = max(1, -(-len(items) // size))
        number = min(max(number, 0), count - 1)
        return cls(tuple(items[number * size : (number + 1) * size]), number, count)


def groups(catalogue: Catalogue, language: Language) -> list[Tile]:
    return [Tile("group", group.code, said(group.title, language)) for group in catalogue.groups]


def services(services: Collection[Serves], language: Language) -> list[Tile]:
    """What can be done here besides paying bills."""
    tiles = [
        (Serves.LINKS, "link", words.PAY_BY_LINK),
        (Serves.SALES, "sell", words.NEW_SALE),
        (Serves.SALES, "sales", words.LAST_SALES),
    ]
    return [Tile(action, "", text.to(language)) for service, action, text in tiles if service in services]


def providers(catalogue: Catalogue, group: str | None, language: Language) -> list[Tile]:
    """The group's providers; one that has a single product leads to it at once."""
    return [
        _provider(catalogue, provider.code, provider.title, language)
        for provider in catalogue.providers
        if provider.group == group
    ]


def products(catalogue: Catalogue, provider: str | None, language: Language) -> list[Tile]:
    return [_product(catalogue, product, language) for product in of_provider(catalogue, provider)]


def shortcuts(catalogue: Catalogue, ids: Iterable[str], language: Language) -> list[Tile]:
    """Popular and recent products that the catalogue still has, each once."""
    known = [catalogue.product(product_id) for product_id in dict.fromkeys(ids)]
    tiles = [_product(catalogue, product, language) for product in known if product is not None]
    return [tile for tile in tiles if not tile.off][:SHORTCUTS]


def found(catalogue: Catalogue, words: str, language: Language) -> list[Tile]:
    """Products whose texts, in any language, have every word; all of them while there is none."""
    wanted = words.casefold().split()
    names = {provider.code: _all(provider.title) for provider in catalogue.providers}
    return [
        _product(catalogue, product, language)
        for product in catalogue.products
        if all(word in f"{names[product.provider]} {_all(product.title)}" for word in wanted)
    ]


def of_provider(catalogue: Catalogue, provider: str | None) -> list[Product]:
    return [product for product in catalogue.products if product.provider == provider]


def provider_title(catalogue: Catalogue, code: str | None, language: Language) -> str:
    return next((said(it.title, language) for it in catalogue.providers if it.code == code), "")


def group_title(catalogue: Catalogue, code: str | None, language: Language) -> str:
    return next((said(it.title, language) for it in catalogue.groups if it.code == code), "")


def said(texts: Texts, language: Language) -> str:
    return str(getattr(texts, language))


def _provider(catalogue: Catalogue, code: str, title: Texts, language: Language) -> Tile:
    its, off = of_provider(catalogue, code), code in catalogue.switched_off
    if len(its) == 1:
        return Tile("product", its[0].id, said(title, language), said(its[0].title, language), off)
    names = ", ".join(said(it.title, language) for it in its)
    return Tile("provider", code, said(title, language), names, off)


def _product(catalogue: Catalogue, product: Product, language: Language) -> Tile:
    provider = provider_title(catalogue, product.provider, language)
    off = catalogue.is_switched_off(product.id)
    return Tile("product", product.id, said(product.title, language), provider, off)


def _all(title: Texts) -> str:
    return f"{title.kk} {title.ru} {title.en}".casefold()
