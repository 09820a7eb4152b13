"""The official schemas, which are not ours to keep in the tree: tests that need them say where they look."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from gateway.iso20022.messages import DEFINITIONS
from tests.gateway.iso20022.official import Official

BESIDE_THE_CHECKOUT = Path(__file__).parents[4] / "shared" / "iso20022"


@pytest.fixture(scope="session")
def official_of() -> Callable[[str], Official]:
    """The official schema of a kind of message, such as `pacs.008.001.11`."""
    folder = _folder()
    if not folder.is_dir():
        pytest.skip("no ISO 20022 schemas: set TOLEM_ISO20022_SCHEMAS to a folder of *.xsd")
    return cache(lambda kind: Official(folder / f"{kind}.xsd"))


@pytest.fixture(scope="session")
def assert_iso_allows() -> Callable[[str, etree._Element], None]:
    """Fail unless ISO allows a document: by the official schema where it is, else by our tables alone."""
    folder = _folder()
    official = cache(lambda kind: Official(folder / f"{kind}.xsd"))

    def check(kind: str, root: etree._Element) -> None:
        if folder.is_dir():
            official(kind).schema.assertValid(root)
        else:
            DEFINITIONS[kind].check(root)

    return check


def _folder() -> Path:
    return Path(os.environ.get("TOLEM_ISO20022_SCHEMAS", BESIDE_THE_CHECKOUT))
