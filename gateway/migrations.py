"""The tables in a gateway's store, for its owner and for whoever only visits it: rooms of migrations, in their order."""

from importlib.resources import files
from typing import Final

from spool import Migrations

REGISTRIES: Final = Migrations("registry", files("gateway") / "registry" / "schema")
"""Of whatever store makes registries: a terminal's has them, too."""
ROOMS: Final = (
    REGISTRIES,
    Migrations(
        "gateway",
        files("gateway") / "schema",
        formerly={"0003_registries.sql": "68d7c4ea216f571a264731b804fb7993acac2a4fe75a6d1be84f93089673ef2e"},
    ),
)
