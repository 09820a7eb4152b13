"""The catalogue: read from its file whole, or refused with every error that was found, each by its path."""

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.providers import requisites
from gateway.providers.catalogue_file import LARGEST_SUM, CatalogueFile, ProductInFile
from gateway.providers.faults import FaultyValueError
from gateway.providers.fees import fee_for
from gateway.providers.product import Catalogue
from gateway.providers.shapes import KINDS

LARGEST_FILE_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class Flaw:
    """One error: where in the file (empty for the file as a whole), and what is wrong there."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}" if self.path else self.why


class CatalogueError(Exception):
    """The file is no catalogue. Its text has a line for each of `flaws`, with the file's name if it has one."""

    def __init__(self, flaws: Sequence[Flaw], *, file: Path | None = None) -> None:
        named = "" if file is None else f"{file}: "
        super().__init__("\n".join(f"{named}{flaw}" for flaw in flaws))
        self.flaws = tuple(flaws)


def load_catalogue(path: Path) -> Catalogue:
    """Read a catalogue file; raises CatalogueError."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise CatalogueError([Flaw("", f"cannot be read: {error.strerror}")], file=path) from error
    try:
        return parse_catalogue(content)
    except CatalogueError as error:
        raise CatalogueError(error.flaws, file=path) from None


def parse_catalogue(content: bytes) -> Catalogue:
    """The catalogue in a file's bytes; raises CatalogueError."""
    written = _written(content)
    flaws = list(_contradictions(written))
    if flaws:
        raise CatalogueError(flaws)
    return Catalogue(
        version=hashlib.sha256(content).hexdigest()[:16],
        groups=written.group,
        providers=written.provider,
        products=tuple(product.served() for product in written.product),
    )


def _written(content: bytes) -> CatalogueFile:
    if len(content) > LARGEST_FILE_BYTES:
        raise CatalogueError([Flaw("", f"larger than {LARGEST_FILE_BYTES} bytes")])
    try:
        return CatalogueFile.model_validate(tomllib.loads(content.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise CatalogueError([Flaw("", f"not UTF-8 at byte {error.start}")]) from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError([Flaw("", f"not TOML: {error}")]) from None
    except ValidationError as error:
        raise CatalogueError(flaws_of(error.errors(include_url=False))) from None


def _contradictions(written: CatalogueFile) -> Iterator[Flaw]:
    """What each part alone cannot know."""
    groups = [group.code for group in written.group]
    providers = [provider.code for provider in written.provider]
    yield from _repeated("group[{}].code", groups)
    yield from _repeated("provider[{}].code", providers)
    yield from _repeated("product[{}].id", [product.id for product in written.product])
    for index, provider in enumerate(written.provider):
        if provider.group not in groups:
            yield Flaw(f"provider[{index}].group", f"there is no group {provider.group!r}")
    for index, product in enumerate(written.product):
        if product.provider not in providers:
            yield Flaw(f"product[{index}].provider", f"there is no provider {product.provider!r}")
        yield from _of_product(f"product[{index}]", product)


def _of_product(path: str, product: ProductInFile) -> Iterator[Flaw]:
    yield from _repeated(path + ".requisite[{}].code", [shape.code for shape in product.requisite])
    for index, shape in enumerate(product.requisite):
        try:
            requisites.check_value(shape, shape.example)
        except FaultyValueError as faulty:
            yield Flaw(f"{path}.requisite[{index}].example", f"breaks its own rules ({faulty.fault})")
    served = product.served()
    largest = served.maximum.amount()
    if largest + fee_for(largest, served.fee_rule) > LARGEST_SUM:
        yield Flaw(f"{path}.fee", f"makes the largest total exceed {LARGEST_SUM}")


def _repeated(path: str, codes: Sequence[str]) -> Iterator[Flaw]:
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield Flaw(path.format(index), f"{code!r} stands above already")


# pydantic's words for what an editor of the file meets most, in the words of the file.
_WORDS: Final = MappingProxyType(
    {
        "missing": "is missing",
        "extra_forbidden": "is not a key of this table; is it misspelt?",
        "union_tag_not_found": "has no kind",
        "union_tag_invalid": "has a kind that does not exist",
    }
)


def flaws_of(errors: Sequence[ErrorDetails]) -> list[Flaw]:
    """Pydantic's errors, by the paths of the file."""
    return [
        Flaw(_path(error["loc"]), _WORDS.get(error["type"], error["msg"].removeprefix("Value error, ")))
        for error in errors
        if not (error["type"] == "too_short" and _has_flawed_items(error, errors))
    ]


def _has_flawed_items(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Pydantic calls a list too short when its items were refused: their own errors say more."""
    location = error["loc"]
    return any(other["loc"][:-1][: len(location)] == location for other in errors)


def _path(location: Sequence[int | str]) -> str:
    """`("product", 3, "requisite", 0, "phone", "mask")` → `product[3].requisite[0].mask`."""
    path = ""
    previous: int | str = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not (isinstance(previous, int) and part in KINDS):  # the union's tag is not a key
            path += f".{part}" if path else part
        previous = part
    return path
