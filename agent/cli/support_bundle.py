"""`tolem support-bundle`: a zip for whoever helps from afar, without anybody's data."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent import owner
from agent.cli.options import Config
from agent.cli.private_file import write_ours_alone
from agent.cli.process import run
from agent.settings import Settings, load
from agent.support import support_bundle as gathered


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
