"""`tolem support-bundle`: a zip for whoever helps from afar, without anybody's data."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent import owner
from agent.cli.options import Config
from agent.cli.process import run
from agent.settings import Settings, load
from agent.support import support_bundle as gathered

_OURS_ALONE = 0o600


def support_bundle(
    config: Config,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; by default named by node and time.")
    ] = None,
) -> None:
    """Write what support needs: report, settings, versions, devices, log, spool. No card data, no keys."""
    run(_write(load(config), out))


async def _write(settings: Settings, out: Path | None) -> None:
    zipped = await gathered(settings)
    path = out or Path(f"tolem-{settings.node.id}-{owner.now():%Y%m%dT%H%M%SZ}.zip")
    write_ours_alone(path, zipped)
    Console().print(f"{path}: {len(zipped)} bytes", soft_wrap=True)


def write_ours_alone(path: Path, content: bytes) -> None:
    """A file that nobody else on this machine reads."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OURS_ALONE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
