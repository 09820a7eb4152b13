"""The service page of a running terminal: opened beside it, closed before it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from agent.technician.desk import Call, Desk
from agent.technician.door import Door
from agent.technician.pages import Pages
from agent.technician.pin_file import NAME, PinFile
from agent.technician.report import Report
from agent.technician.sessions import Sessions
from agent.technician.wording import Wording
from agent.terminal import Terminal
from gateway.api.listening import listen_on_port, serving
from gateway.shutdown import Shutdown

log = logging.getLogger(__name__)
_SHUTDOWN_SECONDS = 2.0


@asynccontextmanager
async def service_page(  # noqa: PLR0913 - where it listens, and what it shows and hands out
    terminal: Terminal,
    *,
    listen: str,
    call: Call,
    report: Callable[[], Awaitable[Report]],
    bundle: Callable[[], Awaitable[bytes]],
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> AsyncIterator[str]:
    """Serve it at `listen`, a loopback address, during the block; its address. SettingsError if it cannot."""
    settings, assembly = terminal.settings, terminal.assembly
    desk = Desk(
        terminal=settings.node.id,
        owner=settings.agent.owner,
        languages=settings.agent.languages,
        call=call,
        report=report,
        bundle=bundle,
        tests=assembly.tests,
        maintenance=assembly.maintenance,
        note=assembly.note,
    )
    pin = PinFile(settings.in_data_dir(NAME), now=now, random_bytes=random_bytes)
    sessions = Sessions(random_bytes, idle_seconds=settings.timers.service_idle_seconds)
    wording = Wording(ZoneInfo(settings.node.time_zone))
    pages = Pages(desk, wording, Door(desk, wording, pin, sessions))
    origins: set[str] = set()
    app = pages.application(lambda: frozenset(origins))
    async with serving(app, shutdown=Shutdown(_SHUTDOWN_SECONDS)) as runner:
        host, port = await listen_on_port(runner, listen, key="agent.service.listen")
        origins |= {f"http://{name}:{port}" for name in (host, "localhost")}
        log.info("service.listening", extra={"url": f"http://{host}:{port}/"})
        idle = asyncio.create_task(sessions.run(partial(desk.note, "service.idle", {})))
        try:
            yield f"http://{host}:{port}/"
        finally:
            idle.cancel()
            await asyncio.gather(idle, return_exceptions=True)
