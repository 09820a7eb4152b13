"""The tables in a terminal's store, for its owner and for whoever only visits it: rooms of migrations, in their order."""

from importlib.resources import files
from typing import Final

from gateway.migrations import REGISTRIES
from spool import Migrations

ROOMS: Final = (
    REGISTRIES,
    Migrations(
        "agent",
        files("agent") / "schema",
        formerly={"0003_registries.sql": "43f19fdd2b72ff0ee10b1eb9f5e9ff159e6266ce73560c1ed52c65b69fb66ec7"},
    ),
)
