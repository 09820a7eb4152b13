"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The node's settings file (TOML).", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script on stdout.")]
