"""The gateway's own tables in its store, for its owner and for whoever only visits it."""

from importlib.resources import files
from typing import Final

from spool import Migrations

MIGRATIONS: Final = Migrations("gateway", files("gateway") / "schema")
