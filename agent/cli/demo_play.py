"""A terminal to play with: a page with the customer's screen, its devices for one's own hands, and the books."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from agent.demo.panel.server import open_panel
from agent.demo.stage import SERVICE_PIN, Playground, playground
from agent.sample_settings import Sections

_LOOK_AGAIN_SECONDS: Final = 1.0


async def play(folder: Path, stop: asyncio.Event, devices: Sections) -> None:
    """Until `stop`. `devices`: to be operated by hand. ProcessDiedError if the sandbox or the gateway ends before."""
    console = Console()
    async with AsyncExitStack() as stack:
        with console.status("starting sandbox, gateway and a terminal"):
            ground = await stack.enter_async_context(playground(folder, devices=devices))
            panel = open_panel(ground.stage, kiosk_url=ground.kiosk_url, port=ground.panel_port)
            url = await stack.enter_async_context(panel)
        console.print(f"Open [bold]{url}[/] in a browser. Ctrl-C stops everything.", soft_wrap=True)
        console.print(f"The technician's page: {ground.service_url} (PIN {SERVICE_PIN})", soft_wrap=True)
        await _until(stop, ground)
        console.print("Stopping.", style="dim")


async def _until(stop: asyncio.Event, ground: Playground) -> None:
    """A terminal may lose its power here; nobody else may end."""
    terminals = {place.terminal_id for place in ground.stage.terminals}
    while not stop.is_set():
        for process in ground.stage.processes:
            if process.name not in terminals:
                process.check()
        try:
            async with asyncio.timeout(_LOOK_AGAIN_SECONDS):
                await stop.wait()
        except TimeoutError:
            continue
